import { type FieldSpec, type ObjectSpec, objectSpecs } from "#lib/simulator/salesforce/objects.ts";

const lengths: Partial<Record<FieldSpec["type"], number>> = {
  id: 18,
  reference: 18,
  textarea: 32_000,
  email: 80,
  phone: 40,
};

const label = (name: string) =>
  name
    .replace(/__c$/, "")
    .replace(/Id$/, " ID")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2");

const describeField = (spec: ObjectSpec, field: FieldSpec) => ({
  name: field.name,
  label: label(field.name),
  type: field.type,
  length: lengths[field.type] ?? (field.type === "string" || field.type === "url" ? 255 : 0),
  nillable: !field.isRequired && field.type !== "boolean" && field.type !== "id",
  createable: spec.isWritable && !field.isReadOnly,
  updateable: spec.isUpdateable && !field.isReadOnly,
  custom: field.name.endsWith("__c"),
  calculated: false,
  externalId: field.isExternalId,
  unique: field.isExternalId,
  idLookup: field.type === "id" || field.isExternalId,
  filterable: true,
  sortable: true,
  defaultedOnCreate: field.type === "boolean",
  picklistValues: field.values.map((value, at) => ({
    value,
    label: value,
    active: true,
    defaultValue: at === 0,
  })),
  referenceTo: field.referenceTo ? [field.referenceTo] : [],
  relationshipName: field.relationshipName,
});

/** What the list of objects says of each. */
export const describeShort = (spec: ObjectSpec, version: string) => {
  const base = `/services/data/v${version}/${spec.isTooling ? "tooling/" : ""}sobjects/${spec.name}`;
  return {
    name: spec.name,
    label: label(spec.name),
    labelPlural: label(spec.labelPlural),
    keyPrefix: spec.keyPrefix,
    custom: false,
    queryable: true,
    retrieveable: true,
    searchable: spec.isWritable,
    createable: spec.isWritable,
    updateable: spec.isUpdateable,
    deletable: spec.isWritable && spec.name !== "User",
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
};

export const describeObject = (spec: ObjectSpec, version: string) => ({
  ...describeShort(spec, version),
  fields: spec.fields.map((field) => describeField(spec, field)),
  childRelationships: objectSpecs.flatMap((other) =>
    other.fields
      .filter((field) => field.referenceTo === spec.name)
      .map((field) => ({
        childSObject: other.name,
        field: field.name,
        relationshipName: other.labelPlural,
        cascadeDelete: false,
      })),
  ),
  recordTypeInfos: [
    {
      name: "Master",
      active: true,
      available: true,
      defaultRecordTypeMapping: true,
      master: true,
      recordTypeId: "012000000000000AAA",
    },
  ],
});
