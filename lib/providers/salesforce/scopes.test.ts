import { expect, test } from "vitest";
import { salesforceDefinitionSchema } from "#lib/connections/schema.ts";
import { requiredSalesforceScopes, salesforceScopes } from "#lib/providers/salesforce/scopes.ts";

test("[OA-17] the wizard never offers the scope full", () => {
  expect(salesforceScopes.map(({ scope }) => scope)).not.toContain("full");
});

test("[OA-11] a definition without a word about scopes asks for the required ones alone", () => {
  const definition = salesforceDefinitionSchema.parse({
    provider: "salesforce",
    method: "quick",
    name: "Acme",
    environment: "production",
  });
  expect(definition.scopes).toEqual([...requiredSalesforceScopes]);
});
