import {
  childrenOf,
  type FieldSpec,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";

const label = (name: string) =>
  name
    .replace(/__c$/, "")
    .replaceAll("_", " ")
    .replace(/(?<=.)Id$/, " ID")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2");

const numeric = /^(?:int|double|currency|percent)$/;

/** A long text is stored apart: no query filters, sorts or groups by it. */
export const isFilterable = ({ type, length }: FieldSpec): boolean =>
  type !== "textarea" || length <= 255;

const describeField = (spec: ObjectSpec, field: FieldSpec) => ({
  name: field.name,
  label: label(field.name),
  type: field.type,
  length: field.length,
  nillable: !field.isRequired && field.type !== "boolean" && field.type !== "id",
  createable: spec.isWritable && !field.isReadOnly,
  updateable: spec.isUpdateable && !field.isReadOnly,
  custom: field.name.endsWith("__c"),
  calculated: false,
  externalId: field.isExternalId,
  unique: field.isUnique,
  nameField: field.name === spec.nameField,
  autoNumber: field.name === "CaseNumber",
  restrictedPicklist: field.isRestricted,
  precision: numeric.test(field.type) ? 18 : 0,
  scale: /^(?:double|currency|percent)$/.test(field.type) ? 2 : 0,
  idLookup: field.type === "id" || field.isExternalId,
  filterable: isFilterable(field),
  sortable: isFilterable(field),
  groupable: isFilterable(field) && !/^(?:double|currency|percent|datetime)$/.test(field.type),
  aggregatable: isFilterable(field) && field.type !== "boolean",
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
    custom: spec.name.endsWith("__c"),
    queryable: true,
    retrieveable: true,
    searchable: spec.isWritable,
    createable: spec.isWritable,
    updateable: spec.isUpdateable,
    deletable: spec.isWritable && spec.name !== "User",
    undeletable: spec.isWritable && spec.name !== "User" && spec.name !== "CampaignMember",
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
};

const masterRecordType = {
  name: "Master",
  developerName: "Master",
  active: true,
  available: true,
  defaultRecordTypeMapping: true,
  master: true,
  recordTypeId: "012000000000000AAA",
};

/** @param recordTypes - the org's rows of RecordType for this object */
export const describeObject = (
  spec: ObjectSpec,
  version: string,
  recordTypes: readonly Row[],
  isVisible: (child: ObjectSpec) => boolean,
) => ({
  ...describeShort(spec, version),
  fields: spec.fields.map((field) => describeField(spec, field)),
  childRelationships: childrenOf(spec)
    .filter((child) => isVisible(child.spec))
    .map((child) => ({
      childSObject: child.spec.name,
      field: child.field.name,
      relationshipName: child.name,
      cascadeDelete: child.field.isPartOf,
    })),
  recordTypeInfos: [
    ...recordTypes.map((row, at) => ({
      name: row.Name,
      developerName: row.DeveloperName,
      active: true,
      available: true,
      defaultRecordTypeMapping: at === 0,
      master: false,
      recordTypeId: row.Id,
    })),
    { ...masterRecordType, defaultRecordTypeMapping: recordTypes.length === 0 },
  ],
});
