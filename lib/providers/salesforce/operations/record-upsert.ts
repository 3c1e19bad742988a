import { z } from "zod";
import { writeOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import {
  bulkWarnings,
  emptySheet,
  note,
  noteChanges,
  partWarning,
  previewOf,
  subjectOf,
} from "#lib/providers/salesforce/operations/changes.ts";
import {
  type Described,
  type Field,
  getField,
  readDescribe,
} from "#lib/providers/salesforce/operations/describe.ts";
import {
  fieldsToWrite,
  requireComplete,
} from "#lib/providers/salesforce/operations/fields-to-write.ts";
import {
  fieldInput,
  textInput,
  type Values,
  valuesInput,
  writableObjectInput,
} from "#lib/providers/salesforce/operations/inputs.ts";
import {
  area,
  basicFields,
  changedOnly,
  nothingToChange,
  recordSteps,
  requireMay,
} from "#lib/providers/salesforce/operations/record-writes.ts";
import type { SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
import {
  namesOfReferences,
  rightsWarnings,
} from "#lib/providers/salesforce/operations/references.ts";
import {
  contextFor,
  type Item,
  mostInStep,
  newNameOf,
  type Shape,
  stepFor,
} from "#lib/providers/salesforce/operations/step-build.ts";
import { keyMarksOf, readKeys } from "#lib/providers/salesforce/operations/step-state.ts";

const keyInput = z.union([
  textInput(255, "The external id of the record.").refine(
    (text) => text.trim() !== "",
    "Give a value.",
  ),
  z.number(),
]);
const foldedKey = (key: string | number) => String(key).trim().toLowerCase();

const input = z.strictObject({
  object: writableObjectInput(),
  externalIdField: fieldInput("API name of the external id field, e.g. ExternalKey__c."),
  records: z
    .array(z.strictObject({ key: keyInput, values: valuesInput() }))
    .min(1)
    .max(mostInStep)
    .refine(
      (records) => new Set(records.map(({ key }) => foldedKey(key))).size === records.length,
      "Name each external id once.",
    )
    .describe("Each record by its external id, with the values it is to hold."),
  allOrNone: z
    .boolean()
    .default(true)
    .describe("True: when one record is refused, none is changed."),
});

export const upsertRecords = writeOperation<z.infer<typeof input>, unknown>({
  id: "salesforce.records.upsert",
  provider: "salesforce",
  area,
  title: "Create or update records by external id",
  description:
    "Updates the records that have these external ids, and makes those that are missing. Records that already hold the values are left out.",
  effect: "write",
  scopes: ["api"],
  input,
  output: z.looseObject({}),
  example: {
    object: "Account",
    externalIdField: "ExternalKey__c",
    records: [{ key: "ERP-10001", values: { Name: "Alder Trading" } }],
    allOrNone: true,
  },
  async prepare(api, { object: name, externalIdField, records, allOrNone }) {
    const object = await readDescribe(api, name);
    const field = externalField(object, externalIdField);
    const shape: Shape = { action: "upsert", isSingle: false, allOrNone };
    const asked = records.map(({ key, values }) => itemFor(object, field, key, values));
    const known = contextFor(shape, asked);
    for (const own of basicFields(object)) {
      const type = object.fields.find(({ name: other }) => other === own)?.type ?? "string";
      (known.objects[object.name] as { types: Record<string, string> }).types[own] = type;
    }
    const found = await readKeys(api, known);
    const items: Item[] = [];
    const befores: SalesforceRecord[][] = [];
    asked.forEach((item, at) => {
      const [before, ...more] = found[at] ?? [];
      if (more.length > 0) throw severalHave(object, field);
      requireMay(object, before ? "update" : "create");
      const wanted = fieldsToWrite(object, records[at]?.values ?? {}, !before);
      const written = before ? changedOnly(before, wanted) : wanted;
      if (before && written.length === 0) return;
      if (!before) requireComplete(object, [...written, { field, value: item.key?.value ?? null }]);
      items.push({ ...item, before: before ?? null, written });
      befores.push(before ? [before] : []);
    });
    if (items.length === 0) throw nothingToChange();
    const sheet = emptySheet();
    const names = await namesOfReferences(api, items);
    for (const item of items) {
      const { before, key, written } = item;
      const subject = before
        ? { name: subjectOf(object, before, String(before.Id)), id: String(before.Id) }
        : { name: newNameOf(item) ?? `New ${object.name} ${key?.value}`, id: null };
      if (!before) note(sheet, subject, field, null, key?.value);
      noteChanges(sheet, subject, before, written, names);
    }
    const made = befores.filter((list) => list.length === 0).length;
    const preview = previewOf(sheet, {
      facts: [
        { label: "New records", value: String(made) },
        { label: "Records that are there already", value: String(items.length - made) },
        { label: "Left out, for nothing would change", value: String(asked.length - items.length) },
      ],
      warnings: [
        ...rightsWarnings([object.name]),
        ...bulkWarnings(items.length),
        ...(allOrNone ? [] : [partWarning]),
      ],
    });
    const observed = keyMarksOf(contextFor(shape, items), befores);
    return [stepFor(shape, items, { preview, observed })];
  },
  ...recordSteps,
});

/** @throws {OperationFailedError} records cannot be told apart by this field */
function externalField(object: Described, name: string): Field {
  const field = getField(object, name);
  if (field.isKey) return field;
  throw new OperationFailedError(
    "operations.not_found",
    `${object.name}.${field.name} is no external id.`,
  );
}

function itemFor(object: Described, field: Field, key: string | number, values: Values): Item {
  const written = Object.entries(values).map(([name, value]) => ({
    field: getField(object, name),
    value,
  }));
  if (written.some((one) => one.field.name === field.name)) {
    throw new OperationFailedError(
      "operations.refused_by_provider",
      `Give ${field.name} as the key, not among the values.`,
    );
  }
  return { object, id: null, key: { field, value: key }, written, before: null };
}

const severalHave = (object: Described, field: Field) =>
  new OperationFailedError(
    "operations.conflict",
    `Several ${object.name} records have one of these values of ${field.name}. Update them by their ids.`,
  );
