import { expect, test } from "vitest";
import {
  marketingCloudFormSchema,
  salesforceFormSchema,
  twoTenants,
} from "#components/connect/definition-rules.ts";

const first = "mcb4x7t2k9qh1rn8";
const second = "mc7d2pz5w0jk6ys3";
const tenant = (name: string, role: string) => `https://${name}.${role}.marketingcloudapis.com/`;
const messagesOf = (result: { error?: { issues: { path: PropertyKey[]; message: string }[] } }) =>
  Object.fromEntries(
    result.error?.issues.map((issue) => [issue.path.join("."), issue.message]) ?? [],
  );

test("a REST base URI of another tenant is refused with both tenants named", () => {
  const messages = messagesOf(
    marketingCloudFormSchema.safeParse({
      provider: "marketing-cloud",
      name: "Stores",
      clientId: "abc",
      authBaseUri: tenant(first, "auth"),
      restBaseUri: tenant(second, "rest"),
      scopes: ["offline"],
    }),
  );
  expect(messages.restBaseUri).toContain(first);
  expect(messages.restBaseUri).toContain(second);
  expect(twoTenants(tenant(first, "auth"), tenant(second, "rest"))?.first.subdomain).toBe(first);
});

test("one tenant by any of its addresses is taken", () => {
  const result = marketingCloudFormSchema.safeParse({
    provider: "marketing-cloud",
    name: "Stores",
    clientId: "abc",
    authBaseUri: first,
    restBaseUri: tenant(first, "rest"),
    scopes: ["offline"],
  });
  expect(result.success).toBe(true);
});

test("[OA-17] the scope full is refused by the form", () => {
  const messages = messagesOf(
    salesforceFormSchema.safeParse({
      provider: "salesforce",
      method: "custom-app",
      name: "Acme",
      environment: "production",
      clientId: "3MVG9",
      scopes: ["api", "full"],
    }),
  );
  expect(Object.keys(messages)).toEqual(["scopes"]);
});

test("a custom domain that is no My Domain is refused at its field", () => {
  const messages = messagesOf(
    salesforceFormSchema.safeParse({
      provider: "salesforce",
      method: "quick",
      name: "Acme",
      environment: "custom",
      customDomain: "acme.example.com",
    }),
  );
  expect(Object.keys(messages)).toEqual(["customDomain"]);
});

test("a MID that is no number is refused in words", () => {
  const messages = messagesOf(
    marketingCloudFormSchema.safeParse({
      provider: "marketing-cloud",
      name: "Stores",
      clientId: "abc",
      authBaseUri: first,
      accountId: Number("the second one"),
      scopes: ["offline"],
    }),
  );
  expect(messages.accountId).toBe("A MID is a number, for example 514012388.");
});
