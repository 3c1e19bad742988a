import { z } from "zod";
import { mostInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  retrieveUpTo,
  soapFlag,
  soapNumber,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { readOperation } from "#lib/providers/operation.ts";

const scopes = ["accounts_read"] as const;

const unitSchema = z
  .object({ ID: soapNumber, Name: soapText, ParentID: soapNumber, IsActive: soapFlag })
  .transform((unit, context) => {
    if (unit.ID === null) {
      context.addIssue({ code: "custom", message: "a business unit without a MID" });
      return z.NEVER;
    }
    const { ID: mid, ParentID: parent } = unit;
    return {
      mid,
      name: unit.Name ?? "",
      parentMid: parent === 0 || parent === mid ? null : parent,
      isActive: unit.IsActive,
    };
  });

export const listBusinessUnits = readOperation({
  id: "marketing-cloud.business-units.list",
  provider: "marketing-cloud",
  area: "Business units",
  title: "List business units",
  description:
    "Business units of the tenant: all of them from the parent, from any other one only itself.",
  scopes,
  input: z.strictObject({
    most: mostInput,
    next: z
      .string()
      .max(100)
      .regex(/^[\w-]+$/)
      .optional()
      .describe("`next` of the answer before, to go on from there."),
  }),
  output: z.object({
    businessUnits: z.array(
      z.object({
        mid: z.number().int(),
        name: z.string(),
        parentMid: z.number().int().nullable(),
        isActive: z.boolean(),
      }),
    ),
    next: z.string().nullable(),
  }),
  example: { most: 500 },
  async run(api, { most, next }) {
    const page = await retrieveUpTo(
      api,
      {
        objectType: "BusinessUnit",
        properties: ["ID", "Name", "ParentID", "ParentName", "IsActive"],
        isOfAllAccounts: true,
        continues: next,
      },
      unitSchema,
      { what: "the list of business units", scopes },
      most,
    );
    return { businessUnits: page.items, next: page.next };
  },
  rowsOf: ({ businessUnits }) => businessUnits.length,
});
