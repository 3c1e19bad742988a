import { expect, test } from "vitest";
import { connectedWords, environmentName, hostIn } from "#components/connect/connection-words.ts";

const identity = {
  userId: "005000000000001",
  username: "dana@acme.example.uat",
  email: "dana@acme.example",
  displayName: "Dana",
  orgId: "00D000000000001EAA",
  memberId: null,
  enterpriseId: null,
  orgName: "Acme",
};

test("a connected sandbox is named with its person, org and own name", () => {
  const words = connectedWords(
    {
      provider: "salesforce",
      environment: "sandbox",
      name: "uat",
      host: "acme--uat.sandbox.my.salesforce.com",
      loginHost: "test.salesforce.com",
    },
    { identity, instanceUrl: "https://acme--uat.sandbox.my.salesforce.com" },
  );
  expect(words).toEqual({ who: "dana@acme.example", where: "Acme", environment: "Sandbox uat" });
});

test("a business unit is named with its MID", () => {
  const words = connectedWords(
    {
      provider: "marketing-cloud",
      environment: "production",
      name: "Stores",
      host: "mc123.auth.marketingcloudapis.com",
      loginHost: null,
    },
    {
      identity: { ...identity, orgId: null, memberId: 100000014, orgName: "Northpine Stores" },
      instanceUrl: null,
    },
  );
  expect(words.where).toBe("Northpine Stores, MID 100 000 014");
  expect(words.environment).toBe("Production");
});

test("a custom domain says what its host tells", () => {
  expect(environmentName("custom", "acme.my.salesforce.com")).toBe("Production");
  expect(environmentName("custom", "acme--qa.sandbox.my.salesforce.com")).toBe("Sandbox qa");
  expect(environmentName("demo", "acme.my.salesforce.com")).toBe("Demo");
});

test("the demo's address gives its host too", () => {
  expect(hostIn("http://localhost:3001/acme.my.salesforce.com")).toBe("acme.my.salesforce.com");
  expect(hostIn(null)).toBeNull();
});
