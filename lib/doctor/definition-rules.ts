import { shortened } from "#lib/connections/health.ts";
import type { ConnectionDefinition } from "#lib/connections/schema.ts";
import type { Asked } from "#lib/doctor/ask.ts";
import { judgeClock } from "#lib/doctor/clock-rule.ts";
import type { Draft } from "#lib/doctor/draft.ts";
import { judgeHost } from "#lib/doctor/host-rule.ts";
import { fail, pass, unknown } from "#lib/doctor/line.ts";
import type { Line, LineAction } from "#lib/doctor/schema.ts";
import type { DecoderFacts } from "#lib/grants/decoder.ts";
import type { Checkup, Greeting } from "#lib/providers/checkup.ts";
import { classify, companyKeyOf, sandboxNameOf } from "#lib/providers/salesforce/hosts.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";

/** All that is known before anybody consents. */
export type DefinitionFindings = {
  definition: ConnectionDefinition;
  draft: Draft;
  checkup: Pick<Checkup, "clientIdShape" | "unknownScopes" | "redirectProblem">;
  label: string;
  login: Asked<Greeting>;
  /** Null where the login host is the API's too. */
  api: Asked<Greeting> | null;
  redirectUris: Readonly<Record<Surface, string>>;
  studioUrl: string;
  facts: DecoderFacts;
};

/** The lines of a check before consent, in the order to read them. */
export function judgeDefinition(found: DefinitionFindings): Line[] {
  return [
    ...judgeAddresses(found),
    ...judgeTenant(found),
    judgeEnvironment(found.definition, found.draft),
    judgeApp(found),
    ...judgePkce(found.definition),
    judgeScopes(found),
    judgeRedirects(found),
    judgeStudio(found.studioUrl),
    judgeClock(clockOf(found.login), found.label),
  ];
}

function clockOf(asked: Asked<object>) {
  return asked.kind === "answered" || asked.kind === "refused" ? asked.clock : null;
}

const whereToLook = {
  salesforce: "Compare it with Setup › My Domain in the org.",
  "marketing-cloud": "Compare it with the base URIs in the Installed Package's API Integration.",
} as const;

function judgeAddresses({ definition, draft, login, api, label, facts }: DefinitionFindings) {
  const what = { id: "host", title: "Host" };
  const { address } = draft;
  if (!address.ok) {
    return [fail(what, address.message, whereToLook[definition.provider])];
  }
  const look = whereToLook[definition.provider];
  const lines = [judgeHost(what, address.loginHost, login, facts, label, look)];
  if (api !== null && address.apiHost !== null) {
    const rest = { id: "api_host", title: "REST host" };
    lines.push(judgeHost(rest, address.apiHost, api, facts, label, look));
  }
  return lines;
}

function judgeTenant({ draft: { tenant } }: DefinitionFindings): Line[] {
  const what = { id: "tenant", title: "Tenant" };
  if (tenant === null) return [];
  if (!tenant.ok) {
    return [fail(what, tenant.message, "Copy all base URIs from one Installed Package.")];
  }
  return [
    pass(what, `Auth, REST and SOAP are of one tenant, ${tenant.subdomain}; all follow from it.`),
  ];
}

const kindWords = {
  production: "a production org",
  sandbox: "a sandbox",
  developer: "a Developer Edition org",
  scratch: "a scratch org",
  trailhead: "a Trailhead Playground",
  demo: "a demo org",
  other: "an org",
} as const;

const saysProduction = /\b(?:prod|production|live)\b/i;
const saysSandbox = /\b(?:sandbox|sbx|uat|staging|stage|qa|dev|scratch)\b/i;

/** What the host says of itself against what was picked, and what the name lets people expect. */
export function judgeEnvironment(
  definition: Pick<ConnectionDefinition, "provider" | "environment" | "name">,
  { address }: Pick<Draft, "address">,
): Line {
  const what = { id: "environment", title: "Environment" };
  const { environment, provider, name } = definition;
  if (!address.ok) return unknown(what, "The address says nothing yet.", "Mend the address first.");
  if (environment === "demo") return pass(what, "The demo: nothing there is anybody's real data.");
  if (provider === "marketing-cloud") {
    return pass(
      what,
      "Marketing Cloud has one kind of tenant; which business unit it is shows after signing in.",
    );
  }
  const host = address.loginHost;
  const kind = classify(host);
  const isSandbox = kind === "sandbox" || kind === "scratch";
  const expects = isSandbox ? saysProduction.test(name) : saysSandbox.test(name);
  const place = placeWords(host, environment);
  if (expects && (isSandbox || kind === "production")) {
    return fail(
      what,
      `The name “${name}” and the host disagree: ${place}`,
      isSandbox
        ? "Choose Production, or the production org's My Domain. If the sandbox is meant, give it another name."
        : "Choose Sandbox, or the sandbox's My Domain, which has -- in it. If production is meant, give it another name.",
    );
  }
  return pass(what, place);
}

function placeWords(host: string, environment: ConnectionDefinition["environment"]): string {
  if (environment === "production") {
    return `${host} signs in to production and Developer Edition orgs. Sandboxes are turned away.`;
  }
  if (environment === "sandbox") {
    return `${host} signs in to sandboxes and scratch orgs. Production is turned away.`;
  }
  const sandbox = sandboxNameOf(host);
  const company = companyKeyOf(host);
  const named = sandbox === null ? "" : ` named ${sandbox}`;
  return `${host} is ${kindWords[classify(host)]}${named}${company === null ? "" : ` of ${company}`}.`;
}

function judgeApp({ definition, draft: { app }, checkup, label }: DefinitionFindings): Line {
  const what = { id: "app", title: "App" };
  if (!app.ok) {
    return fail(what, app.message, "A custom app works without the operator: choose that way.");
  }
  const isOurs = definition.provider === "salesforce" && definition.method !== "custom-app";
  const shape = checkup.clientIdShape(app.clientId);
  const id = shortened(app.clientId);
  switch (shape.kind) {
    case "usual":
      return pass(
        what,
        isOurs
          ? `The studio's own app, ${id}.`
          : `The Client ID ${id} has the shape that ${label} gives. Whether the app exists shows at the sign-in.`,
      );
    case "unusual":
      return unknown(
        what,
        `The Client ID ${id} has not the usual shape of ${label}'s. It may be right all the same.`,
        `${copyFrom(definition)} The sign-in tells whether ${label} knows it.`,
      );
    case "wrong":
      return fail(
        what,
        `What is entered as Client ID looks like ${shape.looksLike}${shape.isSecret ? "" : `: ${id}`}.`,
        isOurs ? "Tell the operator of this studio." : copyFrom(definition),
      );
  }
}

function copyFrom({ provider }: Pick<ConnectionDefinition, "provider">): string {
  return provider === "salesforce"
    ? "Copy the Consumer Key: Setup › External Client App Manager › the app › Settings › OAuth."
    : "Copy the Client ID: Setup › Installed Packages › the package › API Integration.";
}

function judgePkce(definition: ConnectionDefinition): Line[] {
  if (definition.provider !== "salesforce" || definition.pkce !== "off") return [];
  return [
    unknown(
      { id: "pkce", title: "PKCE" },
      "It is off for this app. Only the org knows whether it lets sign-ins without it in; newer ones do not.",
      "Switch it on here if the app takes it. A new External Client App does.",
    ),
  ];
}

/** What every connection lives on; the studio asks for it whatever was chosen. */
const least = {
  salesforce: ["api", "refresh_token"],
  "marketing-cloud": ["offline"],
} as const;

function judgeScopes({ definition, checkup, label }: DefinitionFindings): Line {
  const what = { id: "scopes", title: "Scopes" };
  const { provider, scopes } = definition;
  const added = least[provider].filter((scope) => !scopes.includes(scope));
  const asked = [...new Set([...scopes, ...added])];
  if (scopes.includes("full")) {
    return fail(
      what,
      "The scope full asks for everything there is.",
      "Name the scopes that you need instead.",
    );
  }
  const unheard = checkup.unknownScopes(scopes);
  if (unheard.some((scope) => scope.startsWith("contacts_"))) {
    return fail(
      what,
      "There are no scopes contacts_read and contacts_write: Contacts is the heading in Setup.",
      "Use audiences_read and audiences_write.",
    );
  }
  if (unheard.length > 0) {
    return unknown(
      what,
      `The studio does not know ${unheard.join(", ")}. One that does not exist makes ${label} refuse the whole sign-in.`,
      "Compare the spelling with the app. If the app has it, leave it.",
    );
  }
  const also = added.length === 0 ? "" : ` ${added.join(" and ")} comes along: it lives on it.`;
  return pass(
    what,
    `${asked.length} asked for, all known. The app has to have the same ones.${also}`,
    { actions: [{ do: "copy", label: "Copy the scopes", text: asked.join(" ") }] },
  );
}

const surfaceNames = { web: "Web", desktop: "Desktop" } as const;

function judgeRedirects({ definition, redirectUris, checkup, label }: DefinitionFindings): Line {
  const what = { id: "redirect_uris", title: "Redirect URIs" };
  const uris = definition.surfaces.map((surface) => ({ surface, uri: redirectUris[surface] }));
  const text = uris.map(({ surface, uri }) => `${surfaceNames[surface]} ${uri}`).join(" · ");
  const actions: LineAction[] = uris.map(({ surface, uri }) => ({
    do: "copy",
    label: `Copy ${surface} redirect URI`,
    text: uri,
  }));
  const isOurApp = definition.provider === "salesforce" && definition.method !== "custom-app";
  if (definition.environment === "demo") {
    return pass(what, `The demo expects this studio: ${text}`);
  }
  for (const { surface, uri } of uris) {
    const problem = checkup.redirectProblem(uri);
    if (problem === null) continue;
    return fail(
      what,
      `${problem} ${surfaceNames[surface]} would come back to ${uri}.`,
      surface === "web"
        ? "The studio needs an https address for this: ask the operator to set STUDIO_URL."
        : "The desktop way back needs an https address: ask the operator to set STUDIO_DESKTOP_AUTH_URL.",
      { actions },
    );
  }
  return unknown(
    what,
    `Only ${label} knows what is registered, and says so on its sign-in page alone. To register: ${text}`,
    isOurApp
      ? "The operator registers them in the studio's own app."
      : "Register exactly these, without a slash at the end. The first sign-in proves it.",
    { actions },
  );
}

function judgeStudio(studioUrl: string): Line {
  const what = { id: "studio", title: "This studio" };
  if (studioUrl.startsWith("https://")) {
    return pass(what, `${studioUrl}: https, so the sign-in's cookies come back with you.`);
  }
  return pass(
    what,
    `${studioUrl}: for this machine only. Chrome, Edge and Firefox keep the sign-in's cookies there; Safari may not.`,
  );
}
