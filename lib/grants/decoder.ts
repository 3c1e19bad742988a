import type { ConnectionMethod } from "#lib/connections/schema.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { Environment, ProviderName } from "#lib/providers/vocabulary.ts";

/** What is known about the sign-in that ended badly; every part may be missing. */
export type DecoderFacts = {
  provider: ProviderName | null;
  method: ConnectionMethod | null;
  environment: Environment | null;
  connectionId: string | null;
  connectionName: string | null;
  /** Host that people sign in at. */
  host: string | null;
  redirectUri: string | null;
  clientId: string | null;
  /** Asked for, in the provider's words. */
  scopes: readonly string[];
  accountId: number | null;
  /** Business unit that the person was in instead. */
  actualAccountId: number | null;
  /** Page that installs the packaged app, on the host that was chosen. */
  installUrl: string | null;
};

export const noFacts: DecoderFacts = {
  provider: null,
  method: null,
  environment: null,
  connectionId: null,
  connectionName: null,
  host: null,
  redirectUri: null,
  clientId: null,
  scopes: [],
  accountId: null,
  actualAccountId: null,
  installUrl: null,
};

/** Something to press. `again` begins a new flow of the same connection. */
export type NextAction =
  | { do: "link"; label: string; href: string }
  | { do: "visit"; label: string; href: string }
  | { do: "copy"; label: string; text: string }
  | { do: "again"; label: string }
  /** Counts from the moment the flow ended. */
  | { do: "wait"; label: string; fromSeconds: number; toSeconds: number };

export type NextStep = {
  title: string;
  text: string;
  /** Exact text to read or copy, in fixed width. */
  code?: string;
  actions: readonly NextAction[];
};

export type Explanation = {
  title: string;
  cause: string;
  steps: readonly [NextStep, ...NextStep[]];
  /** Another way, when the first is closed. */
  otherwise?: { title: string; text: string; actions: readonly NextAction[] };
};

const again: NextAction = { do: "again", label: "Try again" };
const reconnect: NextAction = { do: "again", label: "Reconnect" };
const toIntegrations: NextAction = { do: "link", label: "Integrations", href: "/integrations" };

const step = (title: string, text: string, ...actions: NextAction[]): NextStep => ({
  title,
  text,
  actions,
});

/**
 * What a reason means for the person in front of it: a title, a plain cause, and steps of which the
 * first is the one to take. Every reason has all three. No provider text gets in (OA-7).
 */
export function explain(reason: ReasonCode, facts: DecoderFacts): Explanation {
  return entries[reason](wordsFor(facts));
}

/** What an answer of the provider's API means when a call was made with a live connection. */
export function explainApiStatus(status: 400 | 401 | 403 | 404, facts: DecoderFacts): Explanation {
  return apiEntries[status](wordsFor(facts));
}

type Words = DecoderFacts & {
  isSalesforce: boolean;
  isMarketingCloud: boolean;
  /** Who people sign in to. */
  label: string;
  /** The app or package, as its own Setup calls it. */
  app: string;
  /** Where its settings are. */
  appSettings: string;
  /** The connection by name, or "this connection". */
  name: string;
  place: string;
  wizard: (changes?: { environment?: Environment; method?: ConnectionMethod }) => string;
  /** Something to send to an admin, in one piece. */
  forAdmin: (...lines: string[]) => NextAction;
};

function wordsFor(facts: DecoderFacts): Words {
  const isMarketingCloud = facts.provider === "marketing-cloud";
  const isSalesforce = facts.provider === "salesforce";
  const label = isMarketingCloud ? "Marketing Cloud" : isSalesforce ? "Salesforce" : "The provider";
  const app = isMarketingCloud
    ? "Installed Package"
    : facts.method === "packaged-app"
      ? "MeshMesh app"
      : facts.method === "quick"
        ? "studio's app"
        : "app";
  return {
    ...facts,
    isSalesforce,
    isMarketingCloud,
    label,
    app,
    appSettings: isMarketingCloud
      ? "Setup › Platform Tools › Apps › Installed Packages"
      : "Setup › External Client App Manager",
    name: facts.connectionName ?? "this connection",
    place: isMarketingCloud ? "business unit" : "org",
    wizard: (changes = {}) => wizardPath(facts, changes),
    forAdmin: (...lines) => ({
      do: "copy",
      label: "Copy for an admin",
      text: [
        ...lines,
        ...(facts.host ? [`Sign-in host: ${facts.host}`] : []),
        ...(facts.clientId ? [`Client ID: ${facts.clientId}`] : []),
      ].join("\n"),
    }),
  };
}

/** The wizard, filled with what is known. `from` lets it take over the other fields of a connection. */
export function wizardPath(
  facts: Pick<DecoderFacts, "provider" | "environment" | "method" | "connectionId">,
  changes: { environment?: Environment; method?: ConnectionMethod } = {},
): string {
  const query = new URLSearchParams();
  const environment = changes.environment ?? facts.environment;
  const method = changes.method ?? facts.method;
  if (facts.provider) query.set("provider", facts.provider);
  if (facts.provider === "salesforce" && environment) query.set("environment", environment);
  if (facts.provider === "salesforce" && method) query.set("method", method);
  if (facts.connectionId) query.set("from", facts.connectionId);
  const text = query.toString();
  return text ? `/integrations/new?${text}` : "/integrations/new";
}

const differently = (w: Words, label = "Change the details"): NextAction => ({
  do: "link",
  label,
  href: w.wizard(),
});

/** The environments a person most likely meant instead of the chosen one. */
function otherEnvironments(w: Words): NextAction[] {
  const others: [Environment, string][] = [
    ["production", "Use Production"],
    ["sandbox", "Use Sandbox"],
    ["custom", "Use Custom Domain"],
  ];
  return others
    .filter(([environment]) => environment !== w.environment)
    .map(([environment, label]) => ({ do: "link", label, href: w.wizard({ environment }) }));
}

const otherMethods = (w: Words): NextAction[] =>
  (
    [
      ["quick", "Use Quick Connect"],
      ["custom-app", "Use your own app"],
      ["packaged-app", "Use the MeshMesh app"],
    ] as const
  )
    .filter(([method]) => method !== w.method)
    .map(([method, label]) => ({ do: "link", label, href: w.wizard({ method }) }));

const installSteps = (w: Words): NextStep[] => [
  {
    title: "Install the package in this org",
    text: "Sign in to the org first, else the package lands in another one. Choose “Install for All Users”.",
    ...(w.installUrl ? { code: w.installUrl } : {}),
    actions: w.installUrl
      ? [
          { do: "visit", label: "Open install page", href: w.installUrl },
          w.forAdmin(
            "Please install the MeshMesh Studio package for all users, then enable it in Setup › External Client App Manager.",
            w.installUrl,
          ),
        ]
      : [
          {
            do: "link",
            label: "Show the install link",
            href: w.wizard({ method: "packaged-app" }),
          },
        ],
  },
  step("Enable it", "Setup › External Client App Manager › MeshMesh Studio › Enable."),
];

const registerRedirect = (w: Words): NextStep => ({
  title: w.isMarketingCloud
    ? "Add this redirect URI to the package"
    : "Add this callback URL to the app",
  text: "Character for character, with no slash at the end. Other addresses there may stay.",
  ...(w.redirectUri ? { code: w.redirectUri } : {}),
  actions: w.redirectUri
    ? [
        {
          do: "copy",
          label: w.isMarketingCloud ? "Copy redirect URI" : "Copy callback URL",
          text: w.redirectUri,
        },
        w.forAdmin(
          w.isMarketingCloud
            ? "Please add this redirect URI to the Installed Package's API Integration:"
            : "Please add this callback URL to the app:",
          w.redirectUri,
        ),
      ]
    : [differently(w, "Show the address to register")],
});

/** Changes to an app reach the sign-in pages after a while. */
const comeBackLater = (w: Words): NextStep =>
  step(
    "Come back here",
    w.isMarketingCloud
      ? "A change to a package can take 5 minutes to arrive."
      : "A change to an app can take 2 to 10 minutes to arrive.",
    {
      do: "wait",
      label: "Ready to try",
      fromSeconds: 120,
      toSeconds: w.isMarketingCloud ? 300 : 600,
    },
    again,
  );

const scopesStep = (w: Words): NextStep => ({
  title: w.isMarketingCloud ? "Tick these scopes in the package" : "Add these scopes to the app",
  text: w.appSettings,
  ...(w.scopes.length > 0 ? { code: w.scopes.join(" ") } : {}),
  actions: [
    ...(w.scopes.length > 0
      ? ([
          { do: "copy", label: "Copy the scopes", text: w.scopes.join("\n") },
          w.forAdmin("Please allow these scopes on the app:", ...w.scopes),
        ] as const)
      : []),
    differently(w, "Ask for fewer"),
  ],
});

const startOver = (w: Words, text: string): NextStep =>
  step("Start again", text, again, differently(w));

const entries: Record<ReasonCode, (w: Words) => Explanation> = {
  redirect_uri_mismatch: (w) => ({
    title: "The address to come back to is not registered",
    cause: `${w.label} only returns people to addresses that the ${w.app} lists, and the studio's is not among them.`,
    steps: [registerRedirect(w), comeBackLater(w)],
  }),

  missing_scope: (w) => ({
    title: "The app does not allow what was asked for",
    cause: `${w.label} refused all scopes that were asked for, since at least one is not enabled on the ${w.app}.`,
    steps: [scopesStep(w), comeBackLater(w)],
  }),

  authorization_failed: (w) => ({
    title: `${w.label} did not complete the sign-in`,
    cause: w.isMarketingCloud
      ? "It gave no reason that says more. Most often the user is not licensed for the package, or a scope is missing on it."
      : "It gave no reason that says more. Most often the app lacks a scope, or the user may not use the app.",
    steps: [
      step("Try once more", "Use a private window when another user is signed in there.", again),
      scopesStep(w),
      step(
        "Look at the sign-in's own record",
        w.isMarketingCloud
          ? "In Marketing Cloud: Setup › Security › Security Dashboard."
          : "In Salesforce: Setup › Login History names the reason in its Status column.",
        w.forAdmin(`A sign-in through the ${w.app} ended without a reason. Please look it up.`),
      ),
    ],
  }),

  access_denied: (w) => ({
    title: "The access was declined",
    cause: `${w.label} reports that the access was not approved on its page. Nothing was connected.`,
    steps: [
      step(
        "Approve it this time",
        "The page lists what the studio may do. Agents still need a lease, and writes need an approved plan.",
        again,
      ),
      step(
        "Or ask for less",
        "Fewer scopes make a shorter list.",
        differently(w, "Change the scopes"),
      ),
    ],
  }),

  api_access_denied: (w) => ({
    title: "This user may not use the API",
    cause: w.isMarketingCloud
      ? "The sign-in worked, but the user's roles allow no API access."
      : "The sign-in worked, but the user's profile lacks the permission “API Enabled”, or the org has no API access.",
    steps: [
      step(
        w.isMarketingCloud
          ? "Ask an admin for a role with API access"
          : "Ask an admin for “API Enabled”",
        w.isMarketingCloud
          ? "Setup › Users › the user › Roles."
          : "Setup › Users › the user › Profile or Permission Sets › System Permissions › API Enabled.",
        w.forAdmin(
          w.isMarketingCloud
            ? "Please give my user a role that allows API access."
            : "Please give my user the permission “API Enabled”, through the profile or a permission set.",
        ),
      ),
      step("Connect again", "The permission counts at once.", again),
    ],
  }),

  user_not_licensed: (w) => ({
    title: "This user is not licensed for the package",
    cause: "Marketing Cloud lets only licensed users sign in through an Installed Package.",
    steps: [
      step(
        "License the user on the Access tab",
        "Setup › Platform Tools › Apps › Installed Packages › the package › Access.",
        w.forAdmin("Please license my user on the Access tab of the Installed Package."),
      ),
      comeBackLater(w),
    ],
  }),

  user_inactive: (w) => ({
    title: "This user is inactive",
    cause: `${w.label} knows the user, but an admin deactivated or froze it.`,
    steps: [
      step(
        "Sign in as another user, or have this one activated",
        "Setup › Users.",
        again,
        w.forAdmin("Please activate my user."),
      ),
    ],
  }),

  org_inactive: (w) => ({
    title: "The org is locked, closed or suspended",
    cause: `${w.label} lets nobody into it at the moment, whatever app is used.`,
    steps: [
      step(
        "Ask the org's admin or account executive",
        "Only they can have it opened again. Developer orgs and sandboxes can be made afresh.",
        w.forAdmin("Salesforce reports that the org is locked, closed or suspended."),
        differently(w, "Connect another org"),
      ),
    ],
  }),

  app_not_installed: (w) => ({
    title: "The MeshMesh app is not installed in this org",
    cause: `${w.label} knows you, but the org does not have the app that lets you connect. An admin of the org adds it once, for everyone.`,
    steps: [
      installSteps(w)[0] as NextStep,
      ...installSteps(w).slice(1),
      { ...comeBackLater(w), text: "New installs can take 2 to 10 minutes to answer." },
    ],
    otherwise: {
      title: "No admin at hand?",
      text: "Another method needs no package. Was it installed in another environment? Choose that one.",
      actions: [
        ...otherMethods(w).filter(
          (action) => action.do !== "link" || !action.href.includes("packaged-app"),
        ),
        ...otherEnvironments(w),
      ],
    },
  }),

  app_blocked: (w) => ({
    title: "The org blocks this app",
    cause:
      "Salesforce refused without naming a reason. Orgs block apps that are not installed in them, since September 2025 for most users; a missing scope, or a user made for integrations only, looks the same.",
    steps: [
      step(
        "Have the app installed in the org",
        "An admin installs it under Setup › Connected Apps OAuth Usage, or grants you “Approve Uninstalled Connected Apps”.",
        w.forAdmin(
          "Please install the app under Setup › Connected Apps OAuth Usage, or give my user “Approve Uninstalled Connected Apps”.",
        ),
      ),
      step("Then connect again", "It works from then on for everyone who may use the app.", again),
    ],
    otherwise: {
      title: "Rather use an app the org trusts?",
      text: "An app that lives in the org, or the installed MeshMesh app, is not blocked.",
      actions: otherMethods(w).filter(
        (action) => action.do !== "link" || !action.href.includes("quick"),
      ),
    },
  }),

  admin_approval_required: (w) => ({
    title: "An admin has to allow you for this app",
    cause:
      "The app is set so that only users whom an admin approved may use it, and you are not among them yet.",
    steps: [
      step(
        "Ask for access",
        "Setup › External Client App Manager › the app › Policies: an admin adds your profile or a permission set of yours.",
        w.forAdmin("Please add my profile, or a permission set of mine, to the app's policies."),
      ),
      step("Connect again", "Once you are added.", again),
    ],
    otherwise: {
      title: "No answer yet?",
      text: "Another method may be open to you.",
      actions: otherMethods(w),
    },
  }),

  user_not_approved: (w) => ({
    title: "This user has not approved the app yet",
    cause: "The org wants each user's approval, or an admin's for all, before the app may act.",
    steps: [
      step(
        "Sign in and approve",
        "Choose Allow on the page that lists what the studio may do.",
        again,
      ),
      step(
        "If no such page comes up",
        "An admin sets “Permitted Users” in the app's policies.",
        w.forAdmin(
          "Please look at “Permitted Users” in the app's policies: my user is not approved.",
        ),
      ),
    ],
  }),

  app_not_found: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud does not know this Client ID"
      : "Salesforce does not know this app",
    cause: w.isMarketingCloud
      ? "Either the package was made minutes ago, or the Client ID belongs to another tenant, or a character went missing."
      : "Either the app was made minutes ago, or the Client ID belongs to another environment, or a character went missing.",
    steps: [
      step(
        "Just made? Wait a moment",
        w.isMarketingCloud
          ? "A new package answers after up to 5 minutes."
          : "A new app answers after 2 to 10 minutes.",
        {
          do: "wait",
          label: "Ready to try",
          fromSeconds: 120,
          toSeconds: w.isMarketingCloud ? 300 : 600,
        },
        again,
      ),
      {
        title: "Compare the Client ID",
        text: w.isSalesforce
          ? "Salesforce calls it Consumer Key. Copy it whole."
          : "It stands in the package's API Integration.",
        ...(w.clientId ? { code: w.clientId } : {}),
        actions: [differently(w, "Use another Client ID")],
      },
      ...(w.isSalesforce
        ? [
            step(
              "Check the environment",
              "An app made in a sandbox is unknown in production, and the other way round.",
              ...otherEnvironments(w),
            ),
          ]
        : []),
    ],
  }),

  client_rejected: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud refused the package"
      : "The Client Secret does not fit",
    cause: w.isMarketingCloud
      ? "The package wants a secret. A Public App has none; this one is likely a Web App or Server-to-Server integration."
      : w.method === "custom-app"
        ? "Salesforce knows the app but refused its secret: it is missing, was changed since, or a character went missing."
        : "Salesforce knows the app but refused its secret. The operator of this studio set it.",
    steps: [
      w.isMarketingCloud
        ? step(
            "Use a Public App",
            "The type of an integration cannot be changed, so this takes a new package with Public App chosen.",
            differently(w, "Enter the new Client ID"),
          )
        : w.method === "custom-app"
          ? step(
              "Enter the secret again",
              "Copy Consumer Key and Consumer Secret from the app in one go.",
              differently(w, "Enter both again"),
            )
          : step(
              "Tell the operator of this studio",
              "SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET have to come from the same app.",
              {
                do: "copy",
                label: "Copy for the operator",
                text: "Salesforce refuses the studio's client secret (client_rejected). Please compare SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET with the app.",
              },
              ...otherMethods(w),
            ),
    ],
  }),

  grant_type_refused: (w) => ({
    title: "The app does not offer this kind of sign-in",
    cause: `The studio signs people in with the authorization code flow, and the ${w.app} is not set up for it.`,
    steps: [
      w.isMarketingCloud
        ? step(
            "Use a Public App",
            "Add Component › API Integration › Public App, in a new package: the type of an integration cannot be changed.",
            differently(w, "Enter the new Client ID"),
          )
        : step(
            "Allow the authorization code flow",
            "Setup › External Client App Manager › the app › Settings › OAuth: tick the authorization code and credentials flow for web servers.",
            w.forAdmin("Please allow the authorization code flow (web server flow) on the app."),
            again,
          ),
      ...(w.isSalesforce
        ? [
            step(
              "Check the environment",
              "The wrong sign-in host looks the same.",
              ...otherEnvironments(w),
            ),
          ]
        : []),
    ],
  }),

  wrong_environment: (w) => ({
    title: "You signed in at another kind of org",
    cause: `The code came from one host and ${w.host ?? "the chosen one"} cannot redeem it. Production, sandboxes and My Domains each have their own host.`,
    steps: [
      step(
        "Choose the environment the org is in",
        "A sandbox signs in at test.salesforce.com or its own My Domain, production at login.salesforce.com.",
        ...otherEnvironments(w),
      ),
      ...(w.method === "packaged-app"
        ? [
            step(
              "Or install the app in this one",
              "The package has to be in the same org you connect.",
              ...(w.installUrl
                ? [{ do: "visit", label: "Open install page", href: w.installUrl } as const]
                : []),
            ),
          ]
        : []),
      step(
        "Was the environment right?",
        "A signed-in browser may have answered for another org. Sign out there first.",
        again,
      ),
    ],
  }),

  cross_org: (w) => ({
    title: "The app lives in another org",
    cause:
      "This app works only in the org that holds it, and you signed in to a different one; or a browser session of another org answered.",
    steps: [
      step("Sign out of other orgs, then try again", "A private window does it too.", again),
      ...(w.method === "packaged-app"
        ? installSteps(w)
        : [
            step(
              "Use an app that may travel",
              "Make the app in this org, or connect with a packaged app that can be installed in any.",
              ...otherMethods(w),
            ),
          ]),
    ],
  }),

  pkce_required: (w) => ({
    title: "The app wants PKCE, and this connection leaves it out",
    cause:
      "The connection was made with “This app refuses PKCE”. The app, or its org, asks for the proof key.",
    steps: [
      step(
        "Make the connection again with PKCE",
        "Leave the advanced switch alone: the studio then sends S256 as usual.",
        differently(w, "Connect with PKCE"),
      ),
    ],
  }),

  pkce_refused: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud refused the proof key"
      : "The app refused the proof key",
    cause:
      "The studio protects every sign-in with PKCE (S256), and the answer shows that this app does not know it.",
    steps: [
      step(
        w.isMarketingCloud ? "Check the integration type" : "Use an app that knows PKCE",
        w.isMarketingCloud
          ? "The package needs a Public App integration. Other types can answer like this."
          : "Every External Client App does. An app of an older kind is best replaced by one.",
        ...(w.isMarketingCloud
          ? [differently(w, "Enter another Client ID"), again]
          : [differently(w, "Enter another app"), ...otherMethods(w)]),
      ),
    ],
  }),

  code_expired: (w) => ({
    title: "The sign-in took too long to hand over",
    cause: `The code from ${w.isMarketingCloud ? "Marketing Cloud lives 5 minutes" : "the provider lives a few minutes"} and counts once. This one was late or already used.`,
    steps: [startOver(w, "A new code comes with a new sign-in.")],
  }),

  flow_expired: (w) => ({
    title: "This sign-in ran out of time",
    cause: "A sign-in stays open for 10 minutes. Nothing was connected, nothing was lost.",
    steps: [startOver(w, "It begins afresh, with ten new minutes."), registerHint(w)],
  }),

  flow_not_yours: () => ({
    title: "This sign-in was begun elsewhere",
    cause:
      "A sign-in ends only in the browser and by the person who began it. It was left untouched, so it can still end there.",
    steps: [
      step(
        "Go back to the browser where you pressed Connect",
        "Or connect from here, as yourself.",
        toIntegrations,
      ),
      step(
        "Did somebody send you the link?",
        "Then do not sign in through it. Your own Connect button makes your own link.",
      ),
    ],
  }),

  flow_used: (w) => ({
    title: "This sign-in has already ended",
    cause: "The page was opened a second time. A sign-in counts once.",
    steps: [
      step(
        "See where it ended",
        "The list shows whether you are connected.",
        toIntegrations,
        ...(w.connectionId ? [again] : []),
      ),
    ],
  }),

  flow_unknown: () => ({
    title: "No sign-in belongs to this address",
    cause: "It may be an old bookmark, or the sign-in ended long ago and was cleared away.",
    steps: [
      step("Connect from the list", "Each Connect button makes a fresh sign-in.", toIntegrations),
    ],
  }),

  flow_interrupted: (w) => ({
    title: "The sign-in broke off on our side",
    cause:
      "The studio stopped between the sign-in and its confirmation. A code is never sent twice, so this one is not reused.",
    steps: [startOver(w, "You may be signed in over there already, then it takes one click.")],
  }),

  cancelled: () => ({
    title: "You cancelled this sign-in",
    cause: "Nothing was connected. The connection is still there with its details.",
    steps: [
      step(
        "Carry on when you like",
        "The details are kept.",
        { do: "again", label: "Connect" },
        toIntegrations,
      ),
    ],
  }),

  reconnect_required: (w) => ({
    title: `${w.label} no longer accepts this connection`,
    cause: w.isMarketingCloud
      ? "Its refresh token ended: after 30 days without use, after a change to the package, or because access was withdrawn."
      : "Its refresh token ended: after a password change or a long pause, by the app's policy, or because access was withdrawn.",
    steps: [
      step(
        "Reconnect",
        "Sign in once more. Agents, plans and history stay as they are.",
        reconnect,
      ),
    ],
  }),

  grant_pushed_out: (w) => ({
    title: "A newer sign-in pushed this one out",
    cause:
      "Salesforce keeps five approvals per user and app, and drops the oldest when a sixth comes.",
    steps: [
      step("Reconnect", "This makes it the newest.", reconnect),
      step(
        "Let unused ones go",
        "Your settings in Salesforce › OAuth Connected Apps lists them. An app of your own has its own five.",
        ...otherMethods(w).filter(
          (action) => action.do === "link" && action.href.includes("custom-app"),
        ),
      ),
    ],
  }),

  definition_changed: (w) => ({
    title: "The connection changed while you signed in",
    cause:
      "Its host, app or business unit is not what it was when the sign-in began, so the answer was not used.",
    steps: [startOver(w, "The new sign-in uses the details as they are now.")],
  }),

  ip_restricted: (w) => ({
    title: "Sign-ins from this network are not allowed",
    cause: `${w.label} limits from which addresses this user or app may come. The studio's own address counts too.`,
    steps: [
      step(
        "Ask an admin to allow the studio's address",
        w.isMarketingCloud
          ? "Setup › Security › Login IP Allowlist."
          : "The profile's Login IP Ranges, or “IP Relaxation” in the app's policies.",
        w.forAdmin(
          "Sign-ins through the app are refused by an IP restriction. Please allow the address of our MeshMesh Studio.",
        ),
      ),
      step("Then connect again", "From the usual network.", again),
    ],
  }),

  login_hours: (w) => ({
    title: "Outside this user's login hours",
    cause: "The user's profile allows sign-ins only at certain hours.",
    steps: [
      step(
        "Come back within the hours",
        "Or ask an admin to widen them: Setup › Profiles › Login Hours.",
        again,
        w.forAdmin("Please look at the login hours of my profile."),
      ),
    ],
  }),

  wrong_business_unit: (w) => ({
    title: "You are in another business unit",
    cause:
      w.accountId && w.actualAccountId
        ? `You are in business unit ${groupMid(w.actualAccountId)}, this connection is for ${groupMid(w.accountId)}.`
        : w.accountId
          ? `This connection is for business unit ${groupMid(w.accountId)}, and Marketing Cloud answered for a different one.`
          : "Marketing Cloud answered for a different business unit than this connection is for.",
    steps: [
      step(
        "Switch the business unit over there, then try again",
        "In Marketing Cloud the name at the top right opens the list. A signed-in session keeps the one it is in.",
        again,
      ),
      step(
        "Meant the other one?",
        "Make a connection for it, with its own MID.",
        differently(w, "Connect another MID"),
      ),
    ],
  }),

  business_unit_denied: (w) => ({
    title: "This user may not enter the business unit",
    cause: `Marketing Cloud gave no access to ${w.accountId ? `MID ${groupMid(w.accountId)}` : "the MID of this connection"}. Either the user is not assigned to it, or the MID belongs to another account.`,
    steps: [
      step(
        "Ask an admin to add you to it",
        "Setup › Users › Business Units › the unit › Manage users. The package needs access there too.",
        w.forAdmin(
          `Please give my user access to business unit ${w.accountId ?? ""}, and the Installed Package too.`,
        ),
        again,
      ),
      step(
        "Check the MID",
        "It stands beside the account name at the top right.",
        differently(w, "Enter another MID"),
      ),
    ],
  }),

  wrong_identity: (w) => ({
    title: "Somebody else came back than before",
    cause: `This connection is for another user or ${w.place} than the one that came back. What was connected before is untouched.`,
    steps: [
      step(
        "Sign in as the earlier user",
        "Sign out over there first, or use a private window.",
        again,
      ),
      step(
        `Meant the other ${w.place}?`,
        "Give it a connection of its own.",
        differently(w, "Connect it separately"),
      ),
    ],
  }),

  tenant_not_found: (w) => ({
    title: w.isMarketingCloud
      ? "There is no tenant under this subdomain"
      : "There is no org under this host",
    cause: `${w.host ?? "The host"} does not exist in DNS. A character may be missing.`,
    steps: [
      step(
        w.isMarketingCloud ? "Copy the base URI once more" : "Copy My Domain once more",
        w.isMarketingCloud
          ? "It stands in the package's API Integration, and begins with mc."
          : "Setup › My Domain shows it. A refreshed or renamed sandbox has a new one.",
        differently(w, "Correct the address"),
      ),
    ],
  }),

  connection_timeout: (w) => ({
    title: `${w.label} did not answer in time`,
    cause: `The studio waited for ${w.host ?? "the host"} and gave up. A firewall or proxy in between looks the same.`,
    steps: [
      step("Try again", "Nothing was lost.", again),
      step("Does it stay like this?", "Have the network opened for outgoing https to the host.", {
        do: "copy",
        label: "Copy for the operator",
        text: `MeshMesh Studio gets no answer from ${w.host ?? "the provider's host"} (port 443). Please check firewall and proxy.`,
      }),
    ],
  }),

  provider_down: (w) => ({
    title: `${w.label} is not answering right now`,
    cause: "It reported trouble of its own or is in maintenance. Nothing was lost.",
    steps: [
      step(
        "Try again in a minute",
        "Connections that exist keep working once it is back.",
        again,
        ...(w.provider
          ? [
              {
                do: "visit",
                label: "See its status page",
                href: w.isMarketingCloud
                  ? "https://status.salesforce.com/products/Marketing_Cloud"
                  : "https://status.salesforce.com",
              } as const,
            ]
          : []),
      ),
    ],
  }),

  rate_limited: (w) => ({
    title: "Too many sign-ins in a short time",
    cause: `${w.label} counts sign-ins per user and hour, and the limit is reached. Scripts that share the user count too.`,
    steps: [
      step(
        "Wait a little",
        "The count falls by itself.",
        { do: "wait", label: "Ready to try", fromSeconds: 60, toSeconds: 900 },
        again,
      ),
    ],
  }),

  api_limit_reached: (w) => ({
    title: "The org has used up its API calls",
    cause:
      "Salesforce counts the calls of all apps over 24 hours. Until some fall out of that window, it refuses more.",
    steps: [
      step(
        "See what uses them",
        "Setup › Company Information shows the count, Setup › API Usage the apps.",
        w.forAdmin("The org's API request limit is reached. Please see which app uses it up."),
      ),
      step("Try again later", "The connection itself is fine.", again),
    ],
  }),

  feature_not_enabled: (w) => ({
    title: `Connected, but the ${w.place} lacks a feature`,
    cause: `The sign-in is fine. What was called is not enabled in the ${w.place}, or your user has no licence for it.`,
    steps: [
      step(
        "Ask an admin to enable it",
        "Setup names the features; some are bought separately.",
        w.forAdmin(
          "Our connection works, but a feature it calls is not enabled or not licensed for my user.",
        ),
      ),
      step("Everything else works", "Agents are told which calls are closed.", toIntegrations),
    ],
  }),

  no_refresh_token: (w) => ({
    title: "The provider gave no lasting access",
    cause: w.isMarketingCloud
      ? "The answer had no refresh token. The scope offline is not enabled on the package."
      : "The answer had no refresh token. The scope refresh_token is not enabled on the app, or its policy ends tokens at once.",
    steps: [
      {
        title: w.isMarketingCloud
          ? "Tick Offline Access in the package"
          : "Add the scope to the app",
        text: w.isMarketingCloud
          ? "Setup › Platform Tools › Apps › Installed Packages › the package › API Integration › Access: Offline."
          : "“Perform requests at any time (refresh_token, offline_access)”, and a refresh token policy that keeps it valid.",
        code: w.isMarketingCloud ? "offline" : "refresh_token offline_access",
        actions: [
          w.forAdmin(
            w.isMarketingCloud
              ? "Please tick Offline Access (offline) in the package's API Integration."
              : "Please add the scope “Perform requests at any time (refresh_token, offline_access)” to the app, and check its refresh token policy.",
          ),
        ],
      },
      comeBackLater(w),
    ],
  }),

  answer_not_trusted: (w) => ({
    title: "The answer did not fit what was asked",
    cause: `What came back named addresses outside ${w.isMarketingCloud ? "this tenant" : "the provider"}, or lacked parts it must have. The studio did not use it.`,
    steps: [
      step(
        "Check host and tenant of the connection",
        "Then start again.",
        differently(w, "Check the details"),
        again,
      ),
      step(
        "Seen twice?",
        "Tell the operator of this studio: something between may be changing answers.",
        {
          do: "copy",
          label: "Copy for the operator",
          text: `A token answer from ${w.host ?? "the provider"} was refused (answer_not_trusted).`,
        },
      ),
    ],
  }),

  unreadable_secret: (w) => ({
    title: "The studio cannot open what it stored",
    cause:
      "The key that sealed this connection's secret is not in the studio's key ring, or the stored value is damaged.",
    steps: [
      step(
        "Tell the operator of this studio",
        "The missing key may be in a backup of VAULT_KEYS or of the data folder.",
        {
          do: "copy",
          label: "Copy for the operator",
          text: "A stored secret cannot be opened (unreadable_secret). Please run: npm run studio -- doctor",
        },
      ),
      step("Or reconnect", `Signing in again to ${w.name} stores a new one.`, reconnect),
    ],
  }),

  server_error: (w) => ({
    title: "Something went wrong in the studio",
    cause: "It is written down with its request id. Nothing was connected by halves.",
    steps: [
      step(
        "Try again",
        "If it stays, tell the operator of this studio, with the details below.",
        again,
        ...(w.connectionId ? [] : [toIntegrations]),
      ),
    ],
  }),
};

function registerHint(w: Words): NextStep {
  return {
    ...registerRedirect(w),
    title: w.isMarketingCloud
      ? "Did it say “Invalid redirect URI”?"
      : "Did it say “redirect_uri must match”?",
    text: w.isMarketingCloud
      ? "Then Marketing Cloud could not send you back. Add this address to the package."
      : "Then the provider could not send you back. Add this address to the app.",
  };
}

const apiEntries: Record<400 | 401 | 403 | 404, (w: Words) => Explanation> = {
  400: (w) => ({
    title: "The request was not understood",
    cause: `${w.label} found a field missing or of the wrong kind.`,
    steps: [
      step(
        "Compare the request with the operation's input",
        "The refused field is named in the technical detail.",
      ),
    ],
  }),
  401: (w) => ({
    title: "The session was not accepted",
    cause:
      "The studio refreshed once and was refused again: access ended, or the call is outside what it covers.",
    steps: [step("Reconnect", `Sign in once more to ${w.name}.`, reconnect)],
  }),
  403: (w) => ({
    title: "Not allowed with these scopes",
    cause: w.isMarketingCloud
      ? "The package lacks a scope for this call, or your user lacks the permission in this business unit."
      : "The app lacks a scope for this call, or your user lacks the permission in this org.",
    steps: [
      scopesStep(w),
      step("Reconnect afterwards", "New scopes come with a new sign-in.", reconnect),
    ],
  }),
  404: (w) => ({
    title: "Nothing was found at that address",
    cause: w.isMarketingCloud
      ? "The record is gone or is in another business unit, or the base URI belongs to another tenant."
      : "The record is gone or hidden from your user, or the API version is not known there.",
    steps: [
      step(
        w.isMarketingCloud ? "Compare tenant and MID" : "Compare host and id",
        w.isMarketingCloud
          ? "Both stand in the package and in this connection."
          : "Both stand on the connection's page.",
        ...(w.connectionId
          ? [
              {
                do: "link",
                label: "Open the connection",
                href: `/integrations/${w.connectionId}`,
              } as const,
            ]
          : [toIntegrations]),
      ),
    ],
  }),
};

/** MIDs in groups of three for reading; copied without the spaces. */
export function groupMid(mid: number): string {
  return String(mid).replace(/\B(?=(\d{3})+$)/g, " ");
}
