import { expect, test } from "vitest";
import { toSearch } from "#components/connections/queries.ts";
import { isFiltered, loadListState, toQuery } from "#components/connections/search-params.ts";
import { connectionQuerySchema } from "#lib/connections/schema.ts";

const state = (address: string) => loadListState(Object.fromEntries(new URLSearchParams(address)));

test("an address without anything asks for the first page of everything", () => {
  const all = state("");
  expect(toQuery(all)).toEqual({ q: "", environment: [], health: [], limit: 50 });
  expect(isFiltered(all)).toBe(false);
});

test("search, filters and page of an address reach the query", () => {
  const some = state(
    "q=acme&provider=salesforce&health=needs_reconnect,idle_soon&environment=sandbox&page=3",
  );
  expect(isFiltered(some)).toBe(true);
  expect(toQuery(some)).toEqual({
    q: "acme",
    provider: "salesforce",
    environment: ["sandbox"],
    health: ["needs_reconnect", "idle_soon"],
    cursor: "100",
    limit: 50,
  });
});

test.each([
  "provider=nobody&environment=moon&health=fine",
  "page=-4",
  "page=1e99",
  "page=x",
  "page=99999999999",
  `q=${"a".repeat(5_000)}`,
  "health=connected,connected,connected,connected,connected,connected",
])("whatever an address holds, the query is one the server takes: %s", (address) => {
  const query = toQuery(state(address));
  expect(connectionQuerySchema.safeParse(query).success).toBe(true);
  expect(Number(query.cursor ?? 0)).toBeLessThan(1_000_000);
});

test("a query as an address for the API repeats lists and leaves out defaults", () => {
  expect(toSearch({ q: "", environment: [], health: [], limit: 50 })).toBe("");
  expect(toSearch({ q: "a&b", health: ["idle_soon", "connected"], cursor: "50", limit: 50 })).toBe(
    "?q=a%26b&health=idle_soon&health=connected&cursor=50",
  );
});
