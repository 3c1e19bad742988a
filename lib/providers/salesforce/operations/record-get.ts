import { z } from "zod";
import { readOperation } from "#lib/providers/operation.ts";
import { fieldInput, idInput, objectInput } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";

export const wholeRecord = z
  .looseObject({ Id: z.string().optional() })
  .transform(({ attributes: _, ...values }): Record<string, unknown> => values);

export const getRecord = readOperation({
  id: "salesforce.records.get",
  provider: "salesforce",
  area: "Records",
  title: "Get a record",
  description: "One record by its id, with all fields that this sign-in may see or only some.",
  scopes: ["api"],
  input: z.strictObject({
    object: objectInput(),
    id: idInput(),
    fields: z
      .array(fieldInput("API name of a field."))
      .min(1)
      .max(200)
      .optional()
      .describe("Only these fields; left out: all of them."),
  }),
  output: z.object({ object: z.string(), record: z.record(z.string(), z.unknown()) }),
  example: { object: "Account", id: "001000000000001AAA", fields: ["Name", "Industry"] },
  async run(api, { object, id, fields }) {
    const record = await readJson(
      api,
      restRequest("GET", ["sobjects", object, id], {
        ...(fields ? { query: { fields: fields.join(",") } } : {}),
      }),
      wholeRecord,
      `the ${object} record ${id}`,
    );
    return { object, record };
  },
  rowsOf: () => 1,
});
