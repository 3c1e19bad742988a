import { expect, test } from "vitest";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { presetScopes } from "#lib/providers/marketing-cloud/scopes.ts";

const org = { provider: "salesforce", method: "quick", name: "Halden" };
const unit = {
  provider: "marketing-cloud",
  name: "Nordics",
  clientId: "k3v9s1d7",
  authBaseUri: "mc1",
};
const parse = (input: object) => connectionDefinitionSchema.safeParse(input);

test("a custom domain may come by the name that a connection answers with", () => {
  const loginHost = "halden.my.salesforce.com";
  const custom = { ...org, environment: "custom" };
  expect(parse({ ...custom, loginHost }).data).toEqual(
    parse({ ...custom, customDomain: loginHost }).data,
  );
  expect(parse(custom).error?.issues).toMatchObject([{ path: ["customDomain"] }]);
});

test("[TEN-9] a login host is no way to another host than the environment's", () => {
  for (const environment of ["production", "sandbox", "demo"]) {
    expect(parse({ ...org, environment, loginHost: "evil.example" }).success).toBe(false);
  }
  expect(parse({ ...unit, loginHost: "evil.example" }).success).toBe(false);
});

test("without scopes a business unit asks for the preset ones", () => {
  expect(parse(unit).data).toMatchObject({ scopes: presetScopes, surfaces: ["web"] });
  expect(parse({ ...unit, scopes: ["offline"] }).data).toMatchObject({ scopes: ["offline"] });
});
