import { z } from "zod";
import { readOperation } from "#lib/providers/operation.ts";
import { readDescribe, shortSchema } from "#lib/providers/salesforce/operations/describe.ts";
import { objectInput, textInput } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";

const area = "Objects";

const objectOutput = z.object({
  name: z.string(),
  label: z.string(),
  labelPlural: z.string(),
  keyPrefix: z.string().nullable(),
  isCustom: z.boolean(),
  isQueryable: z.boolean(),
  isSearchable: z.boolean(),
  isCreateable: z.boolean(),
  isUpdateable: z.boolean(),
  isDeletable: z.boolean(),
});

const listAnswer = z.object({ sobjects: z.array(shortSchema) });

export const listObjects = readOperation({
  id: "salesforce.objects.list",
  provider: "salesforce",
  area,
  title: "List objects",
  description:
    "The objects of the org that this sign-in may see, standard and custom, with what may be done with each.",
  scopes: ["api"],
  input: z.strictObject({
    search: textInput(100, "Only those whose name or label holds this text.").optional(),
    customOnly: z.boolean().default(false).describe("Only objects that the org itself added."),
    most: z.number().int().min(1).max(5_000).default(1_000).describe("At most so many."),
  }),
  output: z.object({
    objects: z.array(objectOutput),
    total: z.number().int(),
    isComplete: z.boolean(),
  }),
  example: { search: "account", customOnly: false, most: 50 },
  async run(api, { search, customOnly, most }) {
    const { sobjects } = await readJson(
      api,
      restRequest("GET", ["sobjects"]),
      listAnswer,
      "the list of objects",
    );
    const wanted = search?.trim().toLowerCase() ?? "";
    const found = sobjects.filter(
      ({ name, label, isCustom }) =>
        (!customOnly || isCustom) &&
        (name.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted)),
    );
    return {
      objects: found.slice(0, most).map(({ isUndeletable: _, ...object }) => object),
      total: found.length,
      isComplete: found.length <= most,
    };
  },
  rowsOf: ({ objects }) => objects.length,
});

const fieldOutput = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number().nullable(),
  isRequired: z.boolean(),
  isCreateable: z.boolean(),
  isUpdateable: z.boolean(),
  isExternalId: z.boolean(),
  isUnique: z.boolean(),
  isCalculated: z.boolean(),
  isNameField: z.boolean(),
  isFilterable: z.boolean(),
  isRestricted: z.boolean(),
  help: z.string().nullable(),
  picklist: z.array(
    z.object({
      value: z.string(),
      label: z.string(),
      isActive: z.boolean(),
      isDefault: z.boolean(),
    }),
  ),
  referenceTo: z.array(z.string()),
  relationshipName: z.string().nullable(),
});

export const describeObject = readOperation({
  id: "salesforce.objects.describe",
  provider: "salesforce",
  area,
  title: "Describe an object",
  description:
    "Fields of one object with types, lengths, picklists and lookups, its record types, and the objects whose records point at it.",
  scopes: ["api"],
  input: z.strictObject({ object: objectInput() }),
  output: objectOutput.extend({
    fields: z.array(fieldOutput),
    recordTypes: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        developerName: z.string().nullable(),
        isAvailable: z.boolean(),
        isDefault: z.boolean(),
        isMaster: z.boolean(),
      }),
    ),
    children: z.array(
      z.object({
        object: z.string(),
        field: z.string(),
        relationshipName: z.string().nullable(),
        isDeletedAlong: z.boolean(),
      }),
    ),
  }),
  example: { object: "Account" },
  run: (api, { object }) => readDescribe(api, object),
  rowsOf: ({ fields }) => fields.length,
});
