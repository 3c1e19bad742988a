import { z } from "zod";
import type { ProviderApi } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import { fieldForm } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";

const flag = z.boolean().nullish().transform(Boolean);
const text = z.string().nullish();

const fieldSchema = z
  .object({
    name: z.string(),
    label: text,
    type: z.string(),
    length: z.number().nullish(),
    nillable: flag,
    createable: flag,
    updateable: flag,
    defaultedOnCreate: flag,
    externalId: flag,
    idLookup: flag,
    unique: flag,
    calculated: flag,
    nameField: flag,
    filterable: flag,
    restrictedPicklist: flag,
    inlineHelpText: text,
    picklistValues: z
      .array(z.object({ value: z.string(), label: text, active: flag, defaultValue: flag }))
      .nullish(),
    referenceTo: z.array(z.string()).nullish(),
    relationshipName: text,
  })
  .transform((field) => ({
    name: field.name,
    label: field.label ?? field.name,
    type: field.type,
    length: field.length || null,
    isRequired: field.createable && !field.nillable && !field.defaultedOnCreate,
    isCreateable: field.createable,
    isUpdateable: field.updateable,
    isExternalId: field.externalId,
    isUnique: field.unique,
    /** Rows can be looked up and put by it. */
    isKey: field.externalId || (field.idLookup && field.type !== "id"),
    isCalculated: field.calculated,
    isNameField: field.nameField,
    isFilterable: field.filterable,
    isRestricted: field.restrictedPicklist,
    help: field.inlineHelpText ?? null,
    picklist: (field.picklistValues ?? []).map(({ value, label, active, defaultValue }) => ({
      value,
      label: label ?? value,
      isActive: active,
      isDefault: defaultValue,
    })),
    referenceTo: field.referenceTo ?? [],
    relationshipName: field.relationshipName ?? null,
  }));
export type Field = z.infer<typeof fieldSchema>;

const childSchema = z
  .object({
    childSObject: z.string(),
    field: z.string(),
    relationshipName: text,
    cascadeDelete: flag,
    restrictedDelete: flag,
  })
  .transform((child) => ({
    object: child.childSObject,
    field: child.field,
    relationshipName: child.relationshipName ?? null,
    isDeletedAlong: child.cascadeDelete,
  }));

const recordTypeSchema = z
  .object({
    recordTypeId: z.string(),
    name: z.string(),
    developerName: text,
    active: flag,
    available: flag,
    defaultRecordTypeMapping: flag,
    master: flag,
  })
  .transform((type) => ({
    id: type.recordTypeId,
    name: type.name,
    developerName: type.developerName ?? null,
    isAvailable: type.active && type.available,
    isDefault: type.defaultRecordTypeMapping,
    isMaster: type.master,
  }));

export const shortSchema = z
  .object({
    name: z.string(),
    label: text,
    labelPlural: text,
    keyPrefix: text,
    custom: flag,
    queryable: flag,
    searchable: flag,
    createable: flag,
    updateable: flag,
    deletable: flag,
    undeletable: flag,
  })
  .transform((object) => ({
    name: object.name,
    label: object.label ?? object.name,
    labelPlural: object.labelPlural ?? object.label ?? object.name,
    keyPrefix: object.keyPrefix ?? null,
    isCustom: object.custom,
    isQueryable: object.queryable,
    isSearchable: object.searchable,
    isCreateable: object.createable,
    isUpdateable: object.updateable,
    isDeletable: object.deletable,
    isUndeletable: object.undeletable,
  }));

const describeSchema = z
  .looseObject({
    fields: z.array(fieldSchema),
    childRelationships: z.array(childSchema).nullish(),
    recordTypeInfos: z.array(recordTypeSchema).nullish(),
  })
  .transform((whole, context) => {
    const short = shortSchema.safeParse(whole);
    // Names go into our own words: what has not their form is no name (MCP-8).
    if (!short.success || !objectName.test(short.data.name)) {
      context.addIssue({ code: "custom", message: "a description without a name" });
      return z.NEVER;
    }
    return {
      ...short.data,
      fields: whole.fields.filter(({ name }) => fieldForm.test(name)),
      children: whole.childRelationships ?? [],
      recordTypes: whole.recordTypeInfos ?? [],
    };
  });
export type Described = z.infer<typeof describeSchema>;

/** Descriptions are long: an object is described once to whoever reads through the same door. */
const described = new WeakMap<ProviderApi, Map<string, Promise<Described>>>();
const mostKept = 20;

/**
 * What an object is made of, as this sign-in may see it. Asked once for each `api`, which lives as long as
 * one question or one proposal.
 *
 * @throws {OperationFailedError} no such object, or none that this sign-in may see
 */
export function readDescribe(api: ProviderApi, object: string): Promise<Described> {
  const known = described.get(api) ?? new Map<string, Promise<Described>>();
  described.set(api, known);
  const name = object.toLowerCase();
  const kept = known.get(name);
  if (kept) return kept;
  const asked = readJson(
    api,
    restRequest("GET", ["sobjects", object, "describe"]),
    // What is written goes under the name that it describes.
    describeSchema.refine((described) => described.name.toLowerCase() === name),
    `the object ${object}`,
  );
  const [oldest] = known.keys();
  if (known.size === mostKept && oldest !== undefined) known.delete(oldest);
  known.set(name, asked);
  // What was refused may be asked for again.
  asked.catch(() => known.delete(name));
  return asked;
}

/** Names are compared without regard to letter case, as Salesforce does. */
export const findField = (object: Described, name: string): Field | undefined =>
  object.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());

/** @throws {OperationFailedError} `operations.not_found` */
export function getField(object: Described, name: string): Field {
  const field = findField(object, name);
  if (field) return field;
  throw new OperationFailedError(
    "operations.not_found",
    `${object.name} has no field ${name} that this sign-in may see.`,
  );
}

/** The field that moves with every write; null where an object has none. */
export const stampFieldOf = (object: Described): string | null =>
  ["SystemModstamp", "LastModifiedDate"].find((name) => findField(object, name)) ?? null;

export const nameFieldOf = (object: Described): string | null =>
  object.fields.find(({ isNameField }) => isNameField)?.name ?? null;
