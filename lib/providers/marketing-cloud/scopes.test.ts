import { expect, test } from "vitest";
import { marketingCloudDefinitionSchema } from "#lib/connections/schema.ts";
import {
  knownScopes,
  presetScopes,
  requiredMarketingCloudScopes,
} from "#lib/providers/marketing-cloud/scopes.ts";

test("the preset is the provider's own strings, each once, with offline among them", () => {
  expect(new Set(presetScopes).size).toBe(presetScopes.length);
  expect(presetScopes).toEqual(expect.arrayContaining([...requiredMarketingCloudScopes]));
  expect(presetScopes.filter((scope) => scope.startsWith("contacts"))).toEqual([]);
  expect(marketingCloudDefinitionSchema.shape.scopes.parse([...presetScopes])).toEqual(
    presetScopes,
  );
});

test("a right that only newer packages have is known and offered, and not preset", () => {
  expect(knownScopes.filter((scope) => !presetScopes.includes(scope))).toEqual(["journeys_delete"]);
});
