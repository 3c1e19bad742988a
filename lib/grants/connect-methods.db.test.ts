import { expect, test } from "vitest";
import { demoMarketingCloud } from "#lib/connections/demo.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;

const salesforce = { provider: "salesforce", name: "org" } as const;
const ways = [
  [
    "Quick Connect, production",
    { ...salesforce, method: "quick", environment: "production" },
    "dana.kowalczyk@halden.example",
    ["login.salesforce.com", "haldenoutdoor.my.salesforce.com", "haldenoutdoor"],
  ],
  [
    "Quick Connect, sandbox",
    { ...salesforce, method: "quick", environment: "sandbox" },
    "dana.kowalczyk@halden.example.uat",
    ["test.salesforce.com", "haldenoutdoor--uat.sandbox.my.salesforce.com", "haldenoutdoor"],
  ],
  [
    "Quick Connect, My Domain of a sandbox given as its Lightning address",
    {
      ...salesforce,
      method: "quick",
      environment: "custom",
      customDomain: "https://haldenoutdoor--uat.sandbox.lightning.force.com/lightning/setup",
    },
    "jonas.makela@halden.example.uat",
    [
      "haldenoutdoor--uat.sandbox.my.salesforce.com",
      "haldenoutdoor--uat.sandbox.my.salesforce.com",
      "haldenoutdoor",
    ],
  ],
  [
    "the packaged app, production",
    { ...salesforce, method: "packaged-app", environment: "production" },
    "walter.nakamura@brightwatercu.example",
    ["login.salesforce.com", "brightwatercu.my.salesforce.com", "brightwatercu"],
  ],
  [
    "a custom app with a secret that refuses PKCE",
    {
      ...salesforce,
      method: "custom-app",
      environment: "production",
      clientId: seededApps.brightwaterPortal,
      clientSecret: simulator.salesforce.app(seededApps.brightwaterPortal).secret,
      pkce: "off",
    },
    "grace.adeyemi@brightwatercu.example",
    ["login.salesforce.com", "brightwatercu.my.salesforce.com", "brightwatercu"],
  ],
] as const;

test.each(ways)("%s connects and is proven", async (_way, definition, username, expected) => {
  const principal = await given.person();
  const id = await given.connection(principal, definition);
  simulator.log.clear();
  await studio.connect(principal, id, username);
  const view = await getConnectionView(deps, principal, id);
  expect(view).toMatchObject({ health: "connected", myGrant: { identity: { username } } });
  expect([view.loginHost, view.host, view.groupKey]).toEqual([...expected]);

  const [exchange] = simulator.log.requestsTo("/services/oauth2/token");
  const form = new URLSearchParams(exchange?.body.toString("utf8"));
  const isCustom = definition.method === "custom-app";
  expect(form.has("client_secret")).toBe(isCustom);
  expect(form.has("code_verifier")).toBe(!isCustom);
  expect(exchange && loggedHeader(exchange, "authorization")).toBeUndefined();
});

test("[OA-13] PKCE is sent to every provider, also where nobody knows whether it is checked", async () => {
  const principal = await given.person();
  for (const definition of [givenDefinitions.halden, givenDefinitions.haldenUnit]) {
    const id = await given.connection(principal, definition);
    const { authorizeUrl } = await studio.begin(principal, id);
    const params = new URL(authorizeUrl).searchParams;
    expect(params.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(params.get("code_challenge_method")).toBe("S256");
  }
});

test("a Marketing Cloud exchange is JSON with the MID as a number and no secret", async () => {
  const principal = await given.person();
  const id = await given.connection(principal, givenDefinitions.haldenUnit);
  simulator.log.clear();
  await studio.connect(principal, id, "d.kowalczyk@halden");
  const [exchange] = simulator.log.requestsTo("/v2/token");
  expect(exchange && loggedHeader(exchange, "content-type")).toBe("application/json");
  expect(Object.keys(JSON.parse(exchange?.body.toString("utf8") ?? "")).sort()).toEqual([
    "account_id",
    "client_id",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
  ]);
  expect(JSON.parse(exchange?.body.toString("utf8") ?? "").account_id).toBe(514012388);
});

test("a Salesforce sign-in always asks for the login, so that a live browser session does not decide", async () => {
  const principal = await given.person();
  const id = await given.connection(principal, givenDefinitions.halden);
  const { authorizeUrl } = await studio.begin(principal, id);
  expect(new URL(authorizeUrl).searchParams.get("prompt")).toBe("login");
});

test("the demo tenant's address is the demo's own origin, nowhere else", async () => {
  const principal = await given.person();
  const id = await given.connection(principal, {
    provider: "marketing-cloud",
    name: "demo",
    environment: "demo",
    clientId: demoMarketingCloud.clientId,
    authBaseUri: demoMarketingCloud.subdomain,
    scopes: ["offline"],
  });
  const { authorizeUrl } = await studio.begin(principal, id);
  expect(authorizeUrl).toContain(
    `${simulator.loopbackUrl}/${demoMarketingCloud.subdomain}.auth.marketingcloudapis.com/v2/authorize?`,
  );
});
