import { expect, test } from "vitest";
import { missingScopesOf } from "#lib/operations/missing-scopes.ts";

const needs = (provider: "salesforce" | "marketing-cloud", scopes: string[], granted: string[]) =>
  missingScopesOf({ provider, scopes }, { scopes: granted });

test("a grant of everything lacks nothing, and one without a scope lacks just that", () => {
  expect(needs("salesforce", ["api"], ["full", "refresh_token"])).toEqual([]);
  expect(needs("salesforce", ["api"], ["refresh_token", "id"])).toEqual(["api"]);
  expect(needs("salesforce", [], [])).toEqual([]);
  expect(needs("marketing-cloud", ["data_extensions_read"], ["full"])).toEqual([
    "data_extensions_read",
  ]);
});
