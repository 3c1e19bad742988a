import { expect, test } from "vitest";
import { BULK_RECORDS } from "#lib/plans/plan-states.ts";
import { recordsOfCall } from "#lib/plans/proxied-records.ts";

const many = (count: number) => Array.from({ length: count }, (_, n) => ({ Name: `${n}` }));
const counted = (body: unknown, { query = "", operation = "some.write", door = "rest" } = {}) =>
  recordsOfCall(
    {
      door: door as "rest" | "soap",
      query,
      body: typeof body === "string" || body === null ? body : JSON.stringify(body),
    },
    { class: "write", operation },
  );

test("[PLN-8] records inside calls inside a call are counted", () => {
  const part = { method: "PATCH", url: "/x", body: { records: many(200) } };
  expect(counted({ compositeRequest: [part, part, { method: "POST", url: "/y" }] })).toBe(401);
  const graphs = [
    { graphId: "1", compositeRequest: [part] },
    { graphId: "2", compositeRequest: [part] },
  ];
  expect(counted({ graphs })).toBe(400);
  expect(
    counted({ batchRequests: [{ method: "PATCH", url: "/x", richInput: { records: many(3) } }] }),
  ).toBe(3);
});

test("[PLN-8] records below records are counted", () => {
  const tree = { records: [{ Name: "a", Contacts: { records: many(150) } }, { Name: "b" }] };
  expect(counted(tree)).toBe(152);
});

test("[PLN-8] a deletion by ids counts each of them, also inside a batch", () => {
  const ids = Array.from({ length: 200 }, (_, n) => `id${n}`).join(",");
  expect(counted(null, { query: `allOrNone=false&ids=${ids}` })).toBe(200);
  const url = `/services/data/v64.0/composite/sobjects?ids=${ids}`;
  expect(counted({ compositeRequest: [{ method: "DELETE", url }] })).toBe(200);
});

test("[PLN-8] a bulk job is bulk, however little this part of it holds", () => {
  expect(counted({ state: "UploadComplete" }, { operation: "bulk.ingest" })).toBe(BULK_RECORDS);
  const csv = `Id\n${"001\n".repeat(5_000)}`;
  expect(counted(csv, { operation: "bulk.ingest" })).toBe(5_000);
});

test("[PLN-8] each change of a GraphQL document and each element of an envelope counts", () => {
  const query = `mutation { uiapi { ${"a: AccountDelete(input: {}) { Id } ".repeat(250)} } }`;
  expect(counted({ query })).toBe(250);
  expect(counted(`<x><a-b:sObjects/>${"<ids>1</ids>".repeat(3)}</x>`, { door: "soap" })).toBe(4);
});

test("what holds no list is one record", () => {
  expect(counted({ Name: "a" })).toBe(1);
  expect(counted(null)).toBe(1);
  expect(counted("no JSON\nof two lines")).toBe(1);
});
