import { z } from "zod";
import { readOperation } from "#lib/providers/operation.ts";
import {
  fieldForm,
  fieldInput,
  objectInput,
  textInput,
} from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { isSearchable, searchWords } from "#lib/providers/salesforce/operations/soql-text.ts";

const answerSchema = z.object({
  searchRecords: z.array(
    z
      .looseObject({ attributes: z.object({ type: z.string() }) })
      .transform(({ attributes, ...values }) => ({ object: attributes.type, values })),
  ),
});

const groups = { all: "ALL", name: "NAME", email: "EMAIL", phone: "PHONE" } as const;

const input = z.strictObject({
  text: textInput(
    500,
    "Words to look for, all of them; * at the end of a word stands for any ending.",
  ).refine(isSearchable, "Give at least two letters or digits."),
  in: z
    .enum(["all", "name", "email", "phone"])
    .default("all")
    .describe("In which fields: all, names, email addresses or phone numbers."),
  objects: z
    .array(
      z.strictObject({
        object: objectInput(),
        fields: z.array(fieldInput("API name of a field.")).max(50).default(["Id", "Name"]),
        most: z.number().int().min(1).max(2_000).default(50),
      }),
    )
    .max(20)
    .default([])
    .describe("Objects to look in, each with the fields to bring; none means all, with ids only."),
  most: z.number().int().min(1).max(2_000).default(200).describe("At most so many records."),
});

export const search = readOperation({
  id: "salesforce.search",
  provider: "salesforce",
  area: "Query",
  title: "Search records",
  description:
    "Looks for words in the records of several objects at once (SOSL). Quicker and wider than a query where the object is not known.",
  scopes: ["api"],
  input,
  output: z.object({
    records: z.array(z.object({ object: z.string(), values: z.record(z.string(), z.unknown()) })),
    /** There may be more: as many came as were asked for. */
    isFull: z.boolean(),
  }),
  example: {
    text: "alder trading",
    objects: [{ object: "Account", fields: ["Id", "Name", "BillingCity"], most: 20 }],
    in: "all" as const,
    most: 20,
  },
  async run(api, { text, in: where, objects, most }) {
    const returning = objects.map(({ object, fields, most: each }) => {
      const names = [...new Set(fields)].filter((name) => fieldForm.test(name));
      return `${object}(${(names.length ? names : ["Id"]).join(", ")} LIMIT ${each})`;
    });
    const sosl = [
      `FIND {${searchWords(text)}}`,
      `IN ${groups[where]} FIELDS`,
      ...(returning.length ? [`RETURNING ${returning.join(", ")}`] : []),
      `LIMIT ${most}`,
    ].join(" ");
    const { searchRecords } = await readJson(
      api,
      restRequest("GET", ["search"], { query: { q: sosl } }),
      answerSchema,
      "the search",
    );
    const records = searchRecords.slice(0, most);
    const isFull =
      records.length === most ||
      objects.some(
        ({ object, most: each }) =>
          records.filter((record) => record.object === object).length >= each,
      );
    return { records, isFull };
  },
  rowsOf: ({ records }) => records.length,
});
