import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  type FieldSpec,
  type FieldValue,
  findField,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";

type Find = (object: string, id: string) => Row | undefined;

const numeric = /^(int|double|currency|percent)$/;
const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The value as it is stored. @throws {RestRefusal} */
function checkValue(spec: ObjectSpec, field: FieldSpec, value: unknown, find: Find): FieldValue {
  const refuse = (code: string, message: string): never => {
    throw new RestRefusal(400, code, message, [field.name]);
  };
  // An empty text is no text.
  if (value === null || value === "") return null;
  const isRight =
    field.type === "boolean"
      ? typeof value === "boolean"
      : numeric.test(field.type)
        ? typeof value === "number"
        : typeof value === "string";
  const isMoment = field.type === "date" || field.type === "datetime";
  if (!isRight || (isMoment && !(moment.test(String(value)) && Date.parse(String(value))))) {
    refuse(
      "JSON_PARSER_ERROR",
      `Cannot deserialize instance of ${field.type} from the value given`,
    );
  }
  if (field.type === "email" && !/^[^@\s]+@[^@\s]+$/.test(String(value))) {
    refuse("INVALID_EMAIL_ADDRESS", `${field.name}: invalid email address: ${value}`);
  }
  if (typeof value === "string" && field.length && value.length > field.length) {
    refuse(
      "STRING_TOO_LONG",
      `${spec.name}.${field.name}: data value too large: (max length=${field.length})`,
    );
  }
  if (field.isRestricted && !field.values.includes(String(value))) {
    refuse(
      "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
      `${field.name}: bad value for restricted picklist field: ${value}`,
    );
  }
  if (!field.referenceTo) return value as FieldValue;
  const id = String(value);
  if (!/^\w{15}(?:\w{3})?$/.test(id)) {
    refuse("MALFORMED_ID", `${field.name}: id value of incorrect type: ${id}`);
  }
  const target = find(field.referenceTo, id);
  return target ? target.Id : refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
}

/** Judges what a create or an update sends; @throws {RestRefusal} */
export function checkedValues(
  spec: ObjectSpec,
  values: Record<string, unknown>,
  isCreate: boolean,
  find: Find,
): Record<string, FieldValue> {
  const row: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (name === "attributes") continue;
    const field = findField(spec, name);
    if (!field) {
      throw new RestRefusal(
        400,
        "INVALID_FIELD",
        `No such column '${name}' on sobject of type ${spec.name}`,
      );
    }
    if (field.isReadOnly) {
      const message = `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`;
      throw new RestRefusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, [field.name]);
    }
    row[field.name] = checkValue(spec, field, value, find);
  }
  const missing = spec.fields
    .filter((field) => field.isRequired)
    .filter((field) => (isCreate ? row[field.name] == null : row[field.name] === null))
    .map((field) => field.name);
  if (missing.length) {
    const message = `Required fields are missing: [${missing.join(", ")}]`;
    throw new RestRefusal(400, "REQUIRED_FIELD_MISSING", message, missing);
  }
  return row;
}

type Rule = {
  object: string;
  message: string;
  fields: string[];
  isBroken(row: Record<string, FieldValue>, today: string): boolean;
};

const rules: readonly Rule[] = [
  {
    object: "Opportunity",
    message: "Amount cannot be negative.",
    fields: ["Amount"],
    isBroken: ({ Amount }) => typeof Amount === "number" && Amount < 0,
  },
  {
    object: "Contact",
    message: "Birthdate cannot be in the future.",
    fields: ["Birthdate"],
    isBroken: ({ Birthdate }, today) => typeof Birthdate === "string" && Birthdate > today,
  },
  {
    object: "Loyalty_Account__c",
    message: "Summit members need at least 10,000 points.",
    fields: [],
    isBroken: (row) => row.Tier__c === "Summit" && Number(row.Points__c ?? 0) < 10_000,
  },
];

/** The validation rules of an org's admin, looked at with the row as it would be. @throws {RestRefusal} */
export function requireValid(spec: ObjectSpec, row: Record<string, FieldValue>, today: string) {
  const broken = rules.find((rule) => rule.object === spec.name && rule.isBroken(row, today));
  if (broken) {
    throw new RestRefusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", broken.message, broken.fields);
  }
}

const isSame = (left: FieldValue | undefined, right: FieldValue | undefined) =>
  left != null && String(left).toLowerCase() === String(right ?? "").toLowerCase();

const uniqueTogether: Readonly<Record<string, readonly string[]>> = {
  PermissionSetAssignment: ["AssigneeId", "PermissionSetId"],
  SetupEntityAccess: ["ParentId", "SetupEntityId"],
};

/** @throws {RestRefusal} DUPLICATE_VALUE: a unique field, or a pair that may stand once, is taken */
export function requireUnique(
  spec: ObjectSpec,
  values: Record<string, FieldValue>,
  rows: readonly Row[],
  own: Row | null,
): void {
  const refuse = (hit: Row) => {
    throw new RestRefusal(
      400,
      "DUPLICATE_VALUE",
      `duplicate value found: duplicates value on record with id: ${hit.Id}`,
    );
  };
  const pair = uniqueTogether[spec.name];
  const paired =
    pair && rows.find((row) => pair.every((field) => isSame(row[field], values[field])));
  if (paired && !own) refuse(paired);
  for (const { name, isUnique } of spec.fields) {
    if (!isUnique || values[name] == null) continue;
    const hit = rows.find((row) => row !== own && isSame(row[name], values[name]));
    if (hit) refuse(hit);
  }
}

/** The org's duplicate rule: one person, one address. @throws {RestRefusal} DUPLICATES_DETECTED */
export function requireNoDuplicate(
  spec: ObjectSpec,
  values: Record<string, FieldValue>,
  rows: readonly Row[],
): void {
  if (spec.name !== "Contact" && spec.name !== "Lead") return;
  const isTwin = (row: Row) =>
    isSame(row.Email, values.Email) && isSame(row.LastName, values.LastName);
  if (values.Email != null && rows.some(isTwin)) {
    throw new RestRefusal(400, "DUPLICATES_DETECTED", "Use one of these records?", []);
  }
}
