import { describe, expect, test } from "vitest";
import { apiReasons } from "#lib/grants/decoder/api-reasons.ts";
import { appReasons } from "#lib/grants/decoder/app-reasons.ts";
import { connectionReasons } from "#lib/grants/decoder/connection-reasons.ts";
import { flowReasons } from "#lib/grants/decoder/flow-reasons.ts";
import { orgReasons } from "#lib/grants/decoder/org-reasons.ts";
import { providerReasons } from "#lib/grants/decoder/provider-reasons.ts";
import { userReasons } from "#lib/grants/decoder/user-reasons.ts";
import { type DecoderFacts, explain, groupMid, noFacts, wizardPath } from "#lib/grants/decoder.ts";
import { reasonCodes } from "#lib/providers/reason-codes.ts";

const salesforce: DecoderFacts = {
  ...noFacts,
  provider: "salesforce",
  method: "packaged-app",
  environment: "sandbox",
  connectionId: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c11",
  connectionName: "Acme uat",
  host: "acme--uat.sandbox.my.salesforce.com",
  redirectUri: "http://localhost:3000/auth/salesforce-callback",
  clientId: "3MVG9example",
  scopes: ["api", "refresh_token"],
  installUrl: "https://test.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
};
const marketingCloud: DecoderFacts = {
  ...noFacts,
  provider: "marketing-cloud",
  method: "public-app",
  environment: "production",
  connectionId: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c12",
  host: "mc1234567890.auth.marketingcloudapis.com",
  redirectUri: "http://localhost:3000/auth/sfmc-callback",
  scopes: ["offline", "email_read"],
  accountId: 514012388,
  actualAccountId: 514012389,
};
const situations: [string, DecoderFacts][] = [
  ["nothing known", noFacts],
  ["Salesforce, packaged app", salesforce],
  ["Salesforce, Quick Connect", { ...salesforce, method: "quick", environment: "production" }],
  ["Salesforce, custom app", { ...salesforce, method: "custom-app", environment: "custom" }],
  ["Marketing Cloud", marketingCloud],
];
const tables = [
  appReasons,
  orgReasons,
  userReasons,
  flowReasons,
  connectionReasons,
  providerReasons,
  apiReasons,
];
const everyText = (facts: DecoderFacts) =>
  reasonCodes.map((reason) => JSON.stringify(explain(reason, facts))).join("\n");

describe.each(situations)("%s", (_name, facts) => {
  test.each(reasonCodes)("[OA-7] %s has a title, a cause and a next step", (reason) => {
    const { title, cause, steps } = explain(reason, facts);
    expect(title.length).toBeGreaterThan(8);
    expect(cause.length).toBeGreaterThan(20);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.flatMap((step) => step.actions).length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step.title).not.toBe("");
      expect(step.text).not.toBe("");
    }
  });

  test("[OA-17] nothing advises switching PKCE off, client credentials or the scope full", () => {
    const text = everyText(facts);
    expect(text).not.toMatch(/client.credentials/i);
    expect(text).not.toMatch(/\bfull\b/i);
    expect(text).not.toMatch(
      /(switch|turn|uncheck|untick|disabl|remov|clear|deselect)[^.]{0,40}(pkce|proof key)/i,
    );
    expect(text).not.toMatch(/(pkce|proof key)[^.]{0,40}\b(off|disabled|unchecked)\b/i);
  });

  test("the words stay calm", () => {
    const text = everyText(facts);
    expect(text).not.toMatch(/!|oops|you failed|invalid user|undefined|\bnull\b/i);
  });

  test("[OA-10] every link stays inside the studio, or goes out over https", () => {
    const actions = reasonCodes.flatMap((reason) => {
      const { steps, otherwise } = explain(reason, facts);
      return [...steps.flatMap((step) => step.actions), ...(otherwise?.actions ?? [])];
    });
    for (const action of actions) {
      if (action.do === "link") expect(action.href).toMatch(/^\/integrations(?![^/?])/);
      if (action.do === "visit") expect(action.href).toMatch(/^https:\/\/[a-z.]*salesforce\.com\b/);
    }
  });
});

test("a missing package offers the install page on the host that was chosen", () => {
  const [install] = explain("app_not_installed", salesforce).steps;
  expect(install.code).toBe(salesforce.installUrl);
  expect(install.actions).toContainEqual({
    do: "visit",
    label: "Open install page",
    href: salesforce.installUrl,
  });
});

test("the wrong environment offers the others, filled in", () => {
  const hrefs = explain("wrong_environment", salesforce).steps[0].actions.map((action) =>
    action.do === "link" ? action.href : "",
  );
  expect(hrefs).toEqual([
    expect.stringContaining("environment=production"),
    expect.stringContaining("environment=custom"),
  ]);
  expect(hrefs[0]).toContain("method=packaged-app");
  expect(hrefs[0]).toContain(`from=${salesforce.connectionId}`);
});

test("an app made minutes ago gets a countdown of two to ten minutes", () => {
  expect(explain("app_not_found", salesforce).steps[0].actions).toContainEqual(
    expect.objectContaining({ do: "wait", fromSeconds: 120, toSeconds: 600 }),
  );
});

test("the wrong business unit names both", () => {
  expect(explain("wrong_business_unit", marketingCloud).cause).toBe(
    "You are in business unit 514 012 389, this connection is for 514 012 388.",
  );
});

test("an unregistered redirect URI is shown byte for byte", () => {
  const [first] = explain("redirect_uri_mismatch", marketingCloud).steps;
  expect(first.code).toBe(marketingCloud.redirectUri);
});

test("each refusal of the API has its own fix", () => {
  const api = reasonCodes.filter((reason) => reason.startsWith("api_"));
  const fixes = api.map((reason) => explain(reason, marketingCloud).steps[0].title);
  expect(api.length).toBeGreaterThanOrEqual(6);
  expect(new Set(fixes).size).toBe(api.length);
});

test("no reason stands in two tables", () => {
  const named = tables.flatMap((table) => Object.keys(table));
  expect([...named].sort()).toEqual([...reasonCodes].sort());
});

test("a sign-in that only a computer can end leads to the methods that end in a browser", () => {
  const desktop = { ...salesforce, method: "quick", environment: "production" } as const;
  const hrefs = explain("cli_required", desktop).steps[0].actions.map((action) =>
    action.do === "link" ? action.href : "",
  );
  expect(hrefs).toEqual([
    expect.stringMatching(/method=custom-app.*surface=web/),
    expect.stringMatching(/method=packaged-app.*surface=web/),
  ]);
});

test("MIDs read in groups of three", () => {
  expect([7, 1234, 514012388].map(groupMid)).toEqual(["7", "1 234", "514 012 388"]);
});

test("the wizard's address carries only what is known", () => {
  expect(wizardPath(noFacts)).toBe("/integrations/new");
  expect(wizardPath(marketingCloud)).not.toContain("method=");
});
