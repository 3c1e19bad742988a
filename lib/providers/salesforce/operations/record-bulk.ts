import { z } from "zod";
import type { PreparedStep, ProviderApi } from "#lib/providers/operation.ts";
import { writeOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Warning } from "#lib/providers/preview.ts";
import {
  bulkWarnings,
  emptySheet,
  note,
  noteChanges,
  partWarning,
  previewOf,
  subjectOf,
} from "#lib/providers/salesforce/operations/changes.ts";
import { countedAlong, deletionWarnings } from "#lib/providers/salesforce/operations/deletion.ts";
import { type Described, readDescribe } from "#lib/providers/salesforce/operations/describe.ts";
import {
  fieldsToWrite,
  requireComplete,
} from "#lib/providers/salesforce/operations/fields-to-write.ts";
import {
  idInput,
  valuesInput,
  writableObjectInput,
} from "#lib/providers/salesforce/operations/inputs.ts";
import {
  area,
  basicFields,
  changedOnly,
  keyOf,
  noSuchRecord,
  nothingToChange,
  recordSteps,
  requireMay,
  requireOwnId,
} from "#lib/providers/salesforce/operations/record-writes.ts";
import { readByIds, type SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
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
import { keyMarksOf, marksOf, readKeys } from "#lib/providers/salesforce/operations/step-state.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";

const mostChanges = 2_000;
/** Salesforce takes so many objects in one collection. */
const mostObjects = 10;

const changeInput = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("create"),
    object: writableObjectInput(),
    values: valuesInput(),
  }),
  z.strictObject({
    action: z.literal("update"),
    object: writableObjectInput(),
    id: idInput(),
    values: valuesInput().refine((values) => Object.keys(values).length > 0, "Give a value."),
  }),
  z.strictObject({
    action: z.literal("delete"),
    object: writableObjectInput(),
    id: idInput(),
  }),
]);
type Change = z.infer<typeof changeInput>;

const input = z.strictObject({
  changes: z
    .array(changeInput)
    .min(1)
    .max(mostChanges)
    .refine((changes) => {
      const ids = changes.flatMap((change) => ("id" in change ? [storedId(change.id)] : []));
      return new Set(ids).size === ids.length;
    }, "Name each record once.")
    .describe("What is done to each record: create, update or delete."),
  allOrNone: z
    .boolean()
    .default(true)
    .describe("True: when one record of a step is refused, none of that step is changed."),
});

export const changeRecords = writeOperation<z.infer<typeof input>, unknown>({
  id: "salesforce.records.bulk-change",
  provider: "salesforce",
  area,
  title: "Change several records",
  description:
    "Creates, updates and deletes up to 2,000 records, in this order, as steps of up to 200 of one kind. Records that already hold the values are left out.",
  effect: "destructive",
  scopes: ["api"],
  input,
  output: z.looseObject({}),
  example: {
    changes: [
      { action: "create", object: "Lead", values: { LastName: "Berg", Company: "Berg AB" } },
      { action: "update", object: "Lead", id: "00Q000000000001AAA", values: { Rating: "Hot" } },
      { action: "delete", object: "Lead", id: "00Q000000000002AAA" },
    ],
    allOrNone: true,
  },
  async prepare(api, { changes, allOrNone }) {
    const objects = await describeAll(api, changes);
    const items = {
      create: createdItems(objects, changes),
      update: await updatedItems(api, objects, changes),
      delete: await deletedItems(api, objects, changes),
    };
    const steps: PreparedStep[] = [];
    for (const action of ["create", "update", "delete"] as const) {
      const shape: Shape = { action, isSingle: false, allOrNone };
      for (const part of partsOf(items[action])) {
        steps.push(await collectionStep(api, shape, part));
        api.progress(steps.length, null);
      }
    }
    if (steps.length === 0) throw nothingToChange();
    return steps;
  },
  ...recordSteps,
});

type Objects = ReadonlyMap<string, Described>;

/** One description for each object, under the name that was asked for. */
async function describeAll(api: ProviderApi, changes: readonly Change[]): Promise<Objects> {
  const objects = new Map<string, Described>();
  for (const { object, action } of changes) {
    const known = objects.get(object) ?? (await readDescribe(api, object));
    objects.set(object, known);
    requireMay(known, action);
  }
  return objects;
}

const of = <Action extends Change["action"]>(changes: readonly Change[], action: Action) =>
  changes.filter(
    (change): change is Extract<Change, { action: Action }> => change.action === action,
  );

function createdItems(objects: Objects, changes: readonly Change[]): Item[] {
  const items = of(changes, "create").map(({ object: name, values }): Item => {
    const object = objects.get(name) as Described;
    const written = fieldsToWrite(object, values, true);
    requireComplete(object, written);
    return { object, id: null, key: keyOf(written), written, before: null };
  });
  // A key is of use only where all new records of an object have the same one, each its own value.
  return items.map((item) => {
    const own = items.filter(({ object }) => object.name === item.object.name);
    const values = new Set(own.map(({ key }) => String(key?.value).toLowerCase()));
    const isShared = own.every(({ key }) => key?.field.name === item.key?.field.name);
    return isShared && values.size === own.length ? item : { ...item, key: null };
  });
}

/** Records as they are, by object; each object's in reads of up to 200. */
async function recordsBefore(
  api: ProviderApi,
  object: Described,
  ids: readonly string[],
  fields: readonly string[],
): Promise<SalesforceRecord[]> {
  const found: SalesforceRecord[] = [];
  for (let from = 0; from < ids.length; from += mostInStep) {
    const part = ids.slice(from, from + mostInStep);
    const records = await readByIds(api, object.name, part, fields);
    part.forEach((id, at) => {
      const record = records[at];
      if (!record) throw noSuchRecord(object, id);
      found.push(record);
    });
  }
  return found;
}

async function updatedItems(
  api: ProviderApi,
  objects: Objects,
  changes: readonly Change[],
): Promise<Item[]> {
  const items: Item[] = [];
  for (const [name, own] of Map.groupBy(of(changes, "update"), ({ object }) => object)) {
    const object = objects.get(name) as Described;
    const wanted = own.map(({ id, values }) => {
      requireOwnId(object, id);
      return fieldsToWrite(object, values, false);
    });
    const fields = wanted.flatMap((list) => list.map(({ field }) => field.name));
    const ids = own.map(({ id }) => id);
    const befores = await recordsBefore(api, object, ids, [...basicFields(object), ...fields]);
    befores.forEach((before, at) => {
      const written = changedOnly(before, wanted[at] ?? []);
      if (written.length === 0) return;
      items.push({ object, id: String(before.Id), key: null, written, before });
    });
  }
  return items;
}

async function deletedItems(
  api: ProviderApi,
  objects: Objects,
  changes: readonly Change[],
): Promise<Item[]> {
  const items: Item[] = [];
  for (const [name, own] of Map.groupBy(of(changes, "delete"), ({ object }) => object)) {
    const object = objects.get(name) as Described;
    const ids = own.map(({ id }) => id);
    for (const id of ids) requireOwnId(object, id);
    const befores = await recordsBefore(api, object, ids, basicFields(object));
    for (const before of befores) {
      items.push({ object, id: String(before.Id), key: null, written: [], before });
    }
  }
  return items;
}

/** Records of one object stand together, and no part holds more of either than Salesforce takes. */
function partsOf(items: readonly Item[]): Item[][] {
  const sorted = items.toSorted((left, right) =>
    left.object.name < right.object.name ? -1 : left.object.name > right.object.name ? 1 : 0,
  );
  const parts: Item[][] = [];
  for (const item of sorted) {
    const part = parts.at(-1);
    const names = new Set([...(part ?? []), item].map(({ object }) => object.name));
    if (part && part.length < mostInStep && names.size <= mostObjects) part.push(item);
    else parts.push([item]);
  }
  return parts;
}

async function collectionStep(
  api: ProviderApi,
  shape: Shape,
  items: readonly Item[],
): Promise<PreparedStep> {
  const context = contextFor(shape, items);
  const sheet = emptySheet();
  const names = await namesOfReferences(api, items);
  for (const item of items) {
    const { object, id, before, written } = item;
    const name = id ? subjectOf(object, before, id) : (newNameOf(item) ?? `New ${object.name}`);
    const subject = { name, id };
    if (shape.action === "delete") note(sheet, subject, recordAsField, name, null);
    else noteChanges(sheet, subject, before, written, names);
  }
  const byObject = [...Map.groupBy(items, ({ object }) => object)];
  const warnings: Warning[] = [
    ...rightsWarnings(items.map(({ object }) => object.name)),
    ...bulkWarnings(items.length),
    ...(shape.allOrNone ? [] : [partWarning]),
    ...(shape.action === "delete"
      ? byObject.flatMap(([object, own]) => deletionWarnings(object, own.length))
      : []),
  ].slice(0, 20);
  const facts = byObject
    .slice(0, 10)
    .map(([object, own]) => ({ label: object.name, value: `${own.length} records` }));
  if (shape.action === "delete") {
    for (const [object, own] of byObject) {
      facts.push(
        ...(await countedAlong(
          api,
          object,
          own.map(({ id }) => id ?? ""),
        )),
      );
    }
  }
  const preview = previewOf(sheet, { facts: facts.slice(0, 30), warnings });
  if (shape.action !== "create") {
    const observed = marksOf(
      context,
      items.map(({ before }) => before),
    );
    return stepFor(shape, items, { preview, observed });
  }
  if (items.every(({ key }) => key === null)) {
    return stepFor(shape, items, { preview, observed: null });
  }
  const found = await readKeys(api, context);
  const taken = found.findIndex((records) => records.length > 0);
  if (taken >= 0) throw alreadyThere(items[taken] as Item);
  return stepFor(shape, items, { preview, observed: keyMarksOf(context, found) });
}

const recordAsField = { name: "Record", label: "Record" };

const alreadyThere = ({ object, key }: Item) =>
  new OperationFailedError(
    "operations.conflict",
    `There is already a ${object.name} record with the ${key?.field.name} of a new one. Update it instead.`,
  );
