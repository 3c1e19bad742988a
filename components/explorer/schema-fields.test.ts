import { expect, test } from "vitest";
import { fieldsOf, inputOf, labelOf, valuesOf } from "#components/explorer/schema-fields.ts";

const schema = {
  type: "object",
  properties: {
    soql: { type: "string", maxLength: 20_000, description: "The query." },
    object: { type: "string", maxLength: 80 },
    most: { type: "integer", default: 2_000 },
    allOrNone: { type: "boolean", default: true },
    order: { enum: ["asc", "desc"], type: "string" },
    next: { anyOf: [{ type: "string", maxLength: 10 }, { type: "null" }] },
    records: { type: "array", items: {} },
  },
  required: ["soql", "most", "records"],
};
const fields = fieldsOf(schema);

test("each field of a schema becomes the control that fits it", () => {
  expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
    ["soql", "text", true],
    ["object", "line", false],
    ["most", "number", false],
    ["allOrNone", "boolean", false],
    ["order", "choice", false],
    ["next", "line", false],
    ["records", "json", true],
  ]);
  expect(fields[0]).toMatchObject({ label: "SOQL", help: "The query." });
});

test("a form that was filled from an input gives that input back", () => {
  const input = {
    soql: "SELECT Id FROM Account",
    object: "Account",
    most: 5,
    allOrNone: false,
    order: "desc",
    records: [{ id: "1" }],
  };
  expect(inputOf(fields, valuesOf(fields, input))).toEqual({ kind: "input", input });
});

test("what is empty is left out, and what cannot be read is said at its field", () => {
  const said = inputOf(fields, { ...valuesOf(fields, {}), records: "[{", most: "many" });
  expect(said).toMatchObject({ kind: "refused" });
  expect(Object.keys(said.kind === "refused" ? said.errors : {})).toEqual([
    "soql",
    "most",
    "records",
  ]);
});

test.each([
  ["customerKey", "Customer key"],
  ["recordId", "Record ID"],
  ["soql", "SOQL"],
  ["external_id", "External ID"],
])("%s is shown as %s", (name, label) => {
  expect(labelOf(name)).toBe(label);
});
