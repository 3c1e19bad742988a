import type { NextAction, NextStep } from "#lib/grants/decoder/explanation.ts";
import type { WizardChanges } from "#lib/grants/decoder/facts.ts";
import type { Words } from "#lib/grants/decoder/words.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

export const again: NextAction = { do: "again", label: "Try again" };
export const reconnect: NextAction = { do: "again", label: "Reconnect" };
export const toIntegrations: NextAction = {
  do: "link",
  label: "Integrations",
  href: "/integrations",
};

export const step = (title: string, text: string, ...actions: NextAction[]): NextStep => ({
  title,
  text,
  actions,
});

export const differently = (w: Words, label = "Change the details"): NextAction => ({
  do: "link",
  label,
  href: w.wizard(),
});

/** The environments a person most likely meant instead of the chosen one. */
export function otherEnvironments(w: Words): NextAction[] {
  const others: [Environment, string][] = [
    ["production", "Use Production"],
    ["sandbox", "Use Sandbox"],
    ["custom", "Use Custom Domain"],
  ];
  return others
    .filter(([environment]) => environment !== w.environment)
    .map(([environment, label]) => ({ do: "link", label, href: w.wizard({ environment }) }));
}

const methods = [
  ["quick", "Use Quick Connect"],
  ["custom-app", "Use your own app"],
  ["packaged-app", "Use the MeshMesh app"],
] as const;

/** The ways to connect an org that were not chosen, without those that are closed here as well. */
export const otherMethods = (
  w: Words,
  { without, ...changes }: { without?: (typeof methods)[number][0] } & WizardChanges = {},
): NextAction[] =>
  methods
    .filter(([method]) => method !== w.method && method !== without)
    .map(([method, label]) => ({ do: "link", label, href: w.wizard({ method, ...changes }) }));

export const installSteps = (w: Words): [NextStep, NextStep] => [
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

export const registerRedirect = (w: Words): NextStep => ({
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
export const comeBackLater = (w: Words): NextStep =>
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

/** The scopes to carry elsewhere, where any are known. */
export const scopeCopies = (w: Words): NextAction[] =>
  w.scopes.length === 0
    ? []
    : [
        { do: "copy", label: "Copy the scopes", text: w.scopes.join("\n") },
        w.forAdmin("Please allow these scopes on the app:", ...w.scopes),
      ];

export const scopesStep = (w: Words): NextStep => ({
  title: w.isMarketingCloud ? "Tick these scopes in the package" : "Add these scopes to the app",
  text: w.appSettings,
  ...(w.scopes.length > 0 ? { code: w.scopes.join(" ") } : {}),
  actions: [...scopeCopies(w), differently(w, "Ask for fewer")],
});

export const startOver = (w: Words, text: string): NextStep =>
  step("Start again", text, again, differently(w));

/** A provider that could not send the person back looks like nothing at all from here. */
export function registerHint(w: Words): NextStep {
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
