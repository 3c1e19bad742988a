import { describe, expect, test } from "vitest";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { loadEnv } from "#lib/core/env.ts";
import type { Asked } from "#lib/doctor/ask.ts";
import {
  type DefinitionFindings,
  judgeDefinition,
  judgeEnvironment,
} from "#lib/doctor/definition-rules.ts";
import { readDraft } from "#lib/doctor/draft.ts";
import { noFacts } from "#lib/grants/decoder.ts";
import type { Greeting } from "#lib/providers/checkup.ts";
import { checkupOf } from "#lib/providers/registry.ts";

const consumerKey = `3MVG9${"a".repeat(80)}`;
const org = {
  provider: "salesforce",
  method: "custom-app",
  name: "Acme",
  environment: "production",
  clientId: consumerKey,
};
const tenant = "mcb4x7t2k9qh1rn8v3z6w0pd5cys";
const unit = {
  provider: "marketing-cloud",
  name: "Acme Nordics",
  clientId: "k3v9s1d7q2x5w8r4t6b0yzt4",
  authBaseUri: tenant,
  scopes: ["offline", "email_read"],
};
const well: Asked<Greeting> = {
  kind: "answered",
  facts: { kind: "itself" },
  clock: { aheadMs: 100, uncertaintyMs: 600 },
};

function lines(input: object, changes: Partial<DefinitionFindings> = {}) {
  const definition = connectionDefinitionSchema.parse(input);
  const settings = loadEnv({ STUDIO_URL: "https://studio.example", DEMO: "off" });
  const judged = judgeDefinition({
    definition,
    draft: readDraft(settings, definition),
    checkup: checkupOf(definition.provider),
    label: definition.provider === "salesforce" ? "Salesforce" : "Marketing Cloud",
    login: well,
    api: definition.provider === "salesforce" ? null : well,
    redirectUris: {
      web: "https://studio.example/auth/callback",
      desktop: "http://localhost:1717/OauthRedirect",
    },
    studioUrl: "https://studio.example",
    facts: { ...noFacts, provider: definition.provider },
    ...changes,
  });
  return Object.fromEntries(judged.map((line) => [line.id, line]));
}

test("a good definition has nothing to fix, and says what nobody can know yet", () => {
  const states = (input: object) =>
    Object.fromEntries(Object.entries(lines(input)).map(([id, { state }]) => [id, state]));
  expect(states(org)).toEqual({
    host: "pass",
    environment: "pass",
    app: "pass",
    scopes: "pass",
    redirect_uris: "unknown",
    studio: "pass",
    clock: "pass",
  });
  expect(states(unit)).toEqual({
    host: "pass",
    api_host: "pass",
    tenant: "pass",
    environment: "pass",
    app: "pass",
    scopes: "pass",
    redirect_uris: "unknown",
    studio: "pass",
    clock: "pass",
  });
});

test("whatever is not fine says what to do about it", () => {
  const bad = [
    lines(org, { login: { kind: "unreachable", reason: "tenant_not_found" } }),
    lines(org, { login: { kind: "unreachable", reason: "connection_timeout" } }),
    lines(org, { login: { kind: "failed" } }),
    lines({ ...unit, restBaseUri: "mcother0000000" }, { api: { kind: "not_asked" } }),
    lines({ ...org, scopes: ["api", "full"], pkce: "off" }),
  ].flatMap((found) => Object.values(found));
  expect(bad.filter(({ state }) => state !== "pass").length).toBeGreaterThan(8);
  for (const line of bad) {
    if (line.state !== "pass") expect(line.advice, line.id).toMatch(/\w{3}/);
    expect(line.found).toMatch(/\.$|\S/);
  }
});

const greetings: [greeting: Greeting, state: string, words: RegExp][] = [
  [{ kind: "itself" }, "pass", /answers as Salesforce over TLS/],
  [{ kind: "elsewhere", host: "acme2.my.salesforce.com" }, "fail", /acme2\.my\.salesforce\.com/],
  [{ kind: "nobody" }, "fail", /nobody lives there/],
  [{ kind: "busy", status: 503 }, "fail", /503/],
  [{ kind: "unfamiliar", status: 200 }, "fail", /not the way Salesforce does/],
];
test.each(greetings)("a host that is %o reads %s", (facts, state, words) => {
  const { host } = lines(org, { login: { kind: "answered", facts, clock: null } });
  expect(host).toMatchObject({ state, found: expect.stringMatching(words) });
});

test("[NET-2] an address that is not the provider's fails by its rule and is asked nothing", () => {
  const { host, environment } = lines(
    { ...org, environment: "custom", customDomain: "acme.my.salesforce.com.evil.example" },
    { login: { kind: "not_asked" } },
  );
  expect(host).toMatchObject({ state: "fail", found: expect.stringContaining("not a Salesforce") });
  expect(environment?.state).toBe("unknown");
});

test("two tenants in one definition are named, and the sign-in host is judged all the same", () => {
  const { tenant: line, host } = lines({ ...unit, restBaseUri: "mcanother000000" });
  expect(line).toMatchObject({ state: "fail" });
  expect(line?.found).toContain(tenant);
  expect(line?.found).toContain("mcanother000000");
  expect(host?.state).toBe("pass");
});

describe("environment", () => {
  const judge = (environment: string, host: string, name: string) =>
    judgeEnvironment(
      { provider: "salesforce", environment: environment as "custom", name },
      { address: { ok: true, loginHost: host, apiHost: null } },
    );
  const uat = "acme--uat.sandbox.my.salesforce.com";
  const table = [
    ["production", "login.salesforce.com", "Acme", "pass", "Sandboxes are turned away"],
    ["production", "login.salesforce.com", "Acme UAT", "fail", "disagree"],
    ["production", "login.salesforce.com", "Acme Production", "pass", ""],
    ["sandbox", "test.salesforce.com", "Acme", "pass", "Production is turned away"],
    ["sandbox", "test.salesforce.com", "Acme production", "fail", "disagree"],
    ["custom", uat, "Acme uat", "pass", "a sandbox named uat of acme"],
    ["custom", uat, "Acme Prod", "fail", "disagree"],
    ["custom", "acme.my.salesforce.com", "Acme", "pass", "a production org of acme"],
    ["custom", "acme.my.salesforce.com", "Acme sandbox", "fail", "disagree"],
    ["custom", "acme-dev-ed.develop.my.salesforce.com", "My dev org", "pass", "Developer Edition"],
    ["custom", "acme.scratch.my.salesforce.com", "Production", "fail", "scratch"],
    ["demo", "login.salesforce.com", "Demo sandbox", "pass", "demo"],
  ] as const;
  test.each(table)("%s at %s, called “%s”: %s", (environment, host, name, state, words) => {
    expect(judge(environment, host, name)).toMatchObject({
      state,
      found: expect.stringContaining(words),
    });
  });
});

describe("client id", () => {
  const salesforce: [id: string, state: string, words: string][] = [
    [consumerKey, "pass", "3MVG9a…aaaa"],
    ["PlatformCLI", "pass", ""],
    ["04tfj000000GGiLAAW", "fail", "a package id"],
    ["0H4fj0000000001CAA", "fail", "not of the app's key"],
    ["dana@acme.example", "fail", "a username"],
    ["https://acme.my.salesforce.com", "fail", "an address"],
    ["k3v9s1d7q2x5w8r4t6b0yzt4", "fail", "Marketing Cloud"],
    ["something.else", "unknown", "not the usual shape"],
  ];
  test.each(salesforce)("Salesforce, %s: %s", (clientId, state, words) => {
    expect(lines({ ...org, clientId }).app).toMatchObject({
      state,
      found: expect.stringContaining(words),
    });
  });
  const marketingCloud: [id: string, state: string, words: string][] = [
    ["k3v9s1d7q2x5w8r4t6b0yzt4", "pass", "k3v9s1…yzt4"],
    [consumerKey, "fail", "Consumer Key of Salesforce"],
    ["5f0e7b1c-0000-4000-8000-00000000abcd", "fail", "a Package ID"],
    ["short", "unknown", "not the usual shape"],
  ];
  test.each(marketingCloud)("Marketing Cloud, %s: %s", (clientId, state, words) => {
    expect(lines({ ...unit, clientId }).app).toMatchObject({
      state,
      found: expect.stringContaining(words),
    });
  });
  const secrets = [
    [org, "A1B2C3D4".repeat(8)],
    [org, "1234567890123456789"],
    [unit, "aB3dE5fG7hI9jK1lM3nO5pQ7"],
  ] as const;
  test.each(secrets)(
    "[OA-9] a secret in the Client ID's field is told, not shown",
    (of, secret) => {
      const { app } = lines({ ...of, clientId: secret });
      expect(app?.state).toBe("fail");
      expect(JSON.stringify(app)).not.toContain(secret.slice(0, 6));
    },
  );
  test("an app that the operator has not set up says so", () => {
    const { app } = lines({ ...org, method: "quick", clientId: undefined });
    expect(app).toMatchObject({
      state: "fail",
      found: expect.stringContaining("SALESFORCE_CLIENT_ID"),
    });
  });
});

describe("scopes", () => {
  const table: [of: object, scopes: string[], state: string, words: RegExp][] = [
    [org, ["api", "refresh_token"], "pass", /^2 asked for/],
    [org, ["web"], "pass", /api and refresh_token comes? along|api and refresh_token/],
    [org, ["api", "full"], "fail", /everything/],
    [org, ["api", "apii"], "unknown", /apii/],
    [unit, ["email_read"], "pass", /offline/],
    [unit, ["offline", "contacts_read"], "fail", /heading in Setup/],
    [unit, ["offline", "data_extension_read"], "unknown", /data_extension_read/],
  ];
  test.each(table)("%o asking for %o", (of, scopes, state, words) => {
    expect(lines({ ...of, scopes }).scopes).toMatchObject({
      state,
      found: expect.stringMatching(words),
    });
  });
});

describe("redirect URIs", () => {
  test("each surface's exact text is there to copy", () => {
    const { redirect_uris } = lines({ ...org, surfaces: ["web", "desktop"] });
    expect(redirect_uris?.actions).toEqual([
      {
        do: "copy",
        label: "Copy web redirect URI",
        text: "https://studio.example/auth/callback",
      },
      {
        do: "copy",
        label: "Copy desktop redirect URI",
        text: "http://localhost:1717/OauthRedirect",
      },
    ]);
  });
  test.each([
    ["http://localhost:3000/auth/sfmc-callback", "fail"],
    ["https://localhost/auth/sfmc-callback", "fail"],
    ["https://studio.example/auth/sfmc-callback", "unknown"],
    ["https://127.0.0.1/auth/sfmc-callback", "unknown"],
  ])("Marketing Cloud and %s: %s", (web, state) => {
    const { redirect_uris } = lines(unit, { redirectUris: { web, desktop: web } });
    expect(redirect_uris?.state).toBe(state);
  });
});
