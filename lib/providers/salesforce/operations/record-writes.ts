import { z } from "zod";
import {
  type Outcome,
  type ProviderApi,
  type WriteOperation,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { classOfIds } from "#lib/providers/salesforce/object-class.ts";
import {
  emptySheet,
  note,
  noteChanges,
  previewOf,
  subjectOf,
} from "#lib/providers/salesforce/operations/changes.ts";
import { countedAlong, deletionWarnings } from "#lib/providers/salesforce/operations/deletion.ts";
import {
  type Described,
  nameFieldOf,
  readDescribe,
  stampFieldOf,
} from "#lib/providers/salesforce/operations/describe.ts";
import {
  fieldsToWrite,
  requireComplete,
  type Written,
} from "#lib/providers/salesforce/operations/fields-to-write.ts";
import {
  idInput,
  valuesInput,
  writableObjectInput,
} from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { wholeRecord } from "#lib/providers/salesforce/operations/record-get.ts";
import {
  holds,
  readByIds,
  type SalesforceRecord,
  sameId,
} from "#lib/providers/salesforce/operations/records.ts";
import {
  namesOfReferences,
  rightsWarnings,
} from "#lib/providers/salesforce/operations/references.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { soqlLiteral } from "#lib/providers/salesforce/operations/soql-text.ts";
import {
  contextFor,
  type Item,
  newNameOf,
  type Shape,
  stepFor,
} from "#lib/providers/salesforce/operations/step-build.ts";
import { contextOf } from "#lib/providers/salesforce/operations/step-context.ts";
import { outcomeOf } from "#lib/providers/salesforce/operations/step-outcome.ts";
import {
  keyMarksOf,
  marksOf,
  observeStep,
  readKeys,
  readSimilar,
  settleStep,
} from "#lib/providers/salesforce/operations/step-state.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";

export const area = "Records";

/** Reading back will tell, once the provider had time to end what it may still be working on. */
const leftOpen: Outcome = {
  kind: "unknown",
  summary: "Salesforce's answer does not say whether this happened.",
};

/** How every step of a record is looked at again, judged and settled, whichever operation made it. */
export const recordSteps: Pick<WriteOperation, "observe" | "conclude" | "settle"> = {
  observe: observeStep,
  conclude: async (_api, step, response) => outcomeOf(contextOf(step), response) ?? leftOpen,
  settle: settleStep,
};

const mayNot = (object: Described, verb: string) =>
  new OperationFailedError(
    "operations.no_permission",
    `This sign-in may not ${verb} ${object.name} records.`,
  );

/** @throws {OperationFailedError} `operations.no_permission` */
export function requireMay(object: Described, verb: "create" | "update" | "delete"): void {
  const may = {
    create: object.isCreateable,
    update: object.isUpdateable,
    delete: object.isDeletable,
  }[verb];
  if (!may) throw mayNot(object, verb);
}

export const noSuchRecord = (object: Described, id: string) =>
  new OperationFailedError(
    "operations.not_found",
    `There is no ${object.name} record ${id} that this sign-in may see.`,
  );

/**
 * An id says what it is of by its first three characters, and a collection deletes by ids alone. Those of
 * code and credentials are refused also where an org tells no prefix of the object.
 *
 * @throws {OperationFailedError} `operations.not_found`
 */
export function requireOwnId(object: Described, id: string): void {
  const isOfObject = object.keyPrefix === null || storedId(id).startsWith(object.keyPrefix);
  if (!isOfObject || classOfIds([id]) !== "write") throw noSuchRecord(object, id);
}

/** The fields that a preview and the watch over a record need, beside what is written. */
export const basicFields = (object: Described): string[] =>
  [stampFieldOf(object), nameFieldOf(object)].filter((name) => name !== null);

/** Only what changes is sent: what stays would be written over for nothing. */
export const changedOnly = (before: SalesforceRecord, written: readonly Written[]) =>
  written.filter(({ field, value }) => !holds(field.type, before[field.name], value));

export const nothingToChange = () =>
  new OperationFailedError(
    "operations.nothing_to_change",
    "Nothing would change: the records already hold these values.",
  );

/** The field by which a new record can be found again: one that no two records share. */
export function keyOf(written: readonly Written[]): Item["key"] {
  const key = written.find(
    ({ field, value }) =>
      field.isKey &&
      field.isUnique &&
      (typeof value === "string" || typeof value === "number") &&
      soqlLiteral(field.type, value) !== null,
  );
  return key ? { field: key.field, value: key.value as string | number } : null;
}

const createInput = z.strictObject({ object: writableObjectInput(), values: valuesInput() });

export const createRecord = writeOperation<z.infer<typeof createInput>, unknown>({
  id: "salesforce.records.create",
  provider: "salesforce",
  area,
  title: "Create a record",
  description: "Makes one record of an object with the given values.",
  effect: "write",
  scopes: ["api"],
  input: createInput,
  output: z.looseObject({}),
  example: {
    object: "Contact",
    values: { FirstName: "Ada", LastName: "Berg", Email: "ada.berg@example.com" },
  },
  async prepare(api, { object: name, values }) {
    const object = await readDescribe(api, name);
    requireMay(object, "create");
    const written = fieldsToWrite(object, values, true);
    requireComplete(object, written);
    const item: Item = { object, id: null, key: keyOf(written), written, before: null };
    const shape: Shape = { action: "create", isSingle: true, allOrNone: true };
    const { observed, facts } = await watchNew(api, shape, item);
    const sheet = emptySheet();
    const subject = { name: newNameOf(item) ?? `New ${object.name}`, id: null };
    noteChanges(sheet, subject, null, written, await namesOfReferences(api, [item]));
    const preview = previewOf(sheet, { facts, warnings: rightsWarnings([object.name]) });
    return [stepFor(shape, [item], { preview, observed })];
  },
  ...recordSteps,
});

/** What is looked at again before a new record is sent: that nobody made it meanwhile. */
async function watchNew(api: ProviderApi, shape: Shape, item: Item) {
  const context = contextFor(shape, [item]);
  const { object, key, written } = item;
  if (key) {
    const [found = []] = await readKeys(api, context);
    if (found.length > 0) {
      throw new OperationFailedError(
        "operations.conflict",
        `There is already a ${object.name} record with this ${key.field.name}. Update it instead.`,
      );
    }
    const value = `That no ${object.name} record has this ${key.field.name}.`;
    return {
      observed: keyMarksOf(context, [[]]),
      facts: [{ label: "Checked before it is sent", value }],
    };
  }
  const fields = written
    .filter(
      ({ field, value }) =>
        field.isFilterable && value !== null && soqlLiteral(field.type, value) !== null,
    )
    .map(({ field }) => field.name);
  const values = Object.fromEntries(written.map(({ field, value }) => [field.name, value]));
  const [target] = context.targets as [(typeof context.targets)[number]];
  const types = context.objects[object.name]?.types ?? {};
  const similar = await readSimilar(api, target, types, values, (name) => fields.includes(name));
  if (similar === null) {
    const value = "Nothing: a new record of this kind cannot be told from others.";
    return { observed: null, facts: [{ label: "Checked before it is sent", value }] };
  }
  return {
    observed: { similar, fields },
    facts: [
      {
        label: "Already there with the same values",
        value: similar.length === 0 ? "none" : `${similar.length}: ${similar.join(", ")}`,
      },
    ],
  };
}

const updateInput = z.strictObject({
  object: writableObjectInput(),
  id: idInput(),
  values: valuesInput().refine((values) => Object.keys(values).length > 0, "Give a value."),
});

export const updateRecord = writeOperation<z.infer<typeof updateInput>, unknown>({
  id: "salesforce.records.update",
  provider: "salesforce",
  area,
  title: "Update a record",
  description: "Changes fields of one record; fields that are not named stay as they are.",
  effect: "write",
  scopes: ["api"],
  input: updateInput,
  output: z.looseObject({}),
  example: { object: "Account", id: "001000000000001AAA", values: { Industry: "Retail" } },
  async prepare(api, { object: name, id, values }) {
    const object = await readDescribe(api, name);
    requireMay(object, "update");
    requireOwnId(object, id);
    const wanted = fieldsToWrite(object, values, false);
    const fields = [...basicFields(object), ...wanted.map(({ field }) => field.name)];
    const [before] = await readByIds(api, object.name, [id], fields);
    if (!before) throw noSuchRecord(object, id);
    const written = changedOnly(before, wanted);
    if (written.length === 0) throw nothingToChange();
    const item: Item = { object, id: String(before.Id), key: null, written, before };
    const shape: Shape = { action: "update", isSingle: true, allOrNone: true };
    const sheet = emptySheet();
    const subject = { name: subjectOf(object, before, id), id: item.id };
    noteChanges(sheet, subject, before, written, await namesOfReferences(api, [item]));
    const observed = marksOf(contextFor(shape, [item]), [before]);
    const preview = previewOf(sheet, { warnings: rightsWarnings([object.name]) });
    return [stepFor(shape, [item], { preview, observed })];
  },
  ...recordSteps,
});

const deleteInput = z.strictObject({ object: writableObjectInput(), id: idInput() });

export const deleteRecord = writeOperation<z.infer<typeof deleteInput>, unknown>({
  id: "salesforce.records.delete",
  provider: "salesforce",
  area,
  title: "Delete a record",
  description: "Deletes one record, and whatever the org deletes along with it.",
  effect: "destructive",
  scopes: ["api"],
  input: deleteInput,
  output: z.looseObject({}),
  example: { object: "Lead", id: "00Q000000000001AAA" },
  async prepare(api, { object: name, id }) {
    const object = await readDescribe(api, name);
    requireMay(object, "delete");
    requireOwnId(object, id);
    const before = await readJson(
      api,
      restRequest("GET", ["sobjects", object.name, id]),
      wholeRecord,
      `the ${object.name} record ${id}`,
    );
    // What is shown is what goes: an answer about another record is none about this one.
    if (typeof before.Id !== "string" || !sameId(before.Id, id)) throw noSuchRecord(object, id);
    const item: Item = { object, id: before.Id, key: null, written: [], before };
    const shape: Shape = { action: "delete", isSingle: true, allOrNone: true };
    const sheet = emptySheet();
    const subject = { name: subjectOf(object, before, id), id: item.id };
    for (const field of object.fields) {
      const value = before[field.name] ?? null;
      // Compound fields only say again what their parts say.
      if (value !== null && typeof value !== "object") note(sheet, subject, field, value, null);
    }
    const preview = previewOf(sheet, {
      facts: await countedAlong(api, object, [item.id ?? id]),
      warnings: [...rightsWarnings([object.name]), ...deletionWarnings(object, 1)],
    });
    const observed = marksOf(contextFor(shape, [item]), [before]);
    return [stepFor(shape, [item], { preview, observed })];
  },
  ...recordSteps,
});
