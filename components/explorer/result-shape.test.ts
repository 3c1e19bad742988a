import { expect, test } from "vitest";
import { shapeOf, textOf } from "#components/explorer/result-shape.ts";

test("an answer's longest list is its rows, the rest facts, things inside things spread", () => {
  const shape = shapeOf({
    records: [
      { attributes: { type: "Contact" }, Id: "1", Owner: { attributes: {}, Name: "Dana" } },
      { Id: "2", Email: null },
    ],
    columns: ["Id", "Email", "Owner.Name", "Nobody"],
    totalSize: 2,
    fields: [{ name: "Id" }],
    next: "abc",
  });
  expect(shape.list).toEqual({
    name: "records",
    columns: ["Id", "Email", "Owner.Name"],
    columnsLeftOut: 0,
    rows: [
      { Id: "1", "Owner.Name": "Dana" },
      { Id: "2", Email: null },
    ],
  });
  expect(shape.facts.map(({ name }) => name)).toEqual(["totalSize", "fields"]);
  expect(shape.next).toEqual({ next: "abc" });
});

test.each([
  [{ items: [] }, 0],
  [null, 1],
  ["done", 1],
  [{ a: 1, b: { c: 2 } }, 2],
])("an answer of another kind is told as it is: %j", (answer, facts) => {
  expect(shapeOf(answer).facts).toHaveLength(facts);
});

test("an answer that is numbered by pages goes on with the next number", () => {
  expect(shapeOf({ items: [], page: 2, hasMore: true }).next).toEqual({ page: 3 });
  expect(shapeOf({ items: [], page: 3, hasMore: false }).next).toBeNull();
});

test("a cell is one line of text, whatever it holds", () => {
  expect(["", 0, false, null, undefined, { a: [1] }].map(textOf)).toEqual([
    "",
    "0",
    "false",
    "",
    "",
    '{"a":[1]}',
  ]);
});

test("people know a thing by its name and state, not by its id; a query keeps its own order", () => {
  const journeys = [{ id: "9a57", key: "welcome", name: "Welcome", status: "Published" }];
  expect(shapeOf({ journeys }).list?.columns).toEqual(["name", "status", "id", "key"]);
  const records = [{ Id: "003", name: "Ann", id: "x" }];
  expect(shapeOf({ records }).list?.columns).toEqual(["Id", "name", "id"]);
  const rows = [{ id: "1", name: "Ann" }];
  expect(shapeOf({ rows, columns: ["id", "name"] }).list?.columns).toEqual(["id", "name"]);
});
