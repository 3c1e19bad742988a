import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Field } from "#lib/providers/salesforce/operations/describe.ts";
import type { Value } from "#lib/providers/salesforce/operations/inputs.ts";
import { quoted } from "#lib/providers/salesforce/operations/refusals.ts";

const numbers = /^(?:int|long|double|currency|percent)$/;
const idForm = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;
const dayForm = /^\d{4}-\d\d-\d\d$/;
const momentForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Why a field does not take a value, as far as its description says; null where it may. */
function misfit(field: Field, value: Exclude<Value, null>): string | null {
  if (field.type === "boolean") return typeof value === "boolean" ? null : "takes true or false";
  if (numbers.test(field.type)) {
    if (typeof value !== "number") return "takes a number";
    const isWhole = field.type !== "int" || Number.isInteger(value);
    return isWhole ? null : "takes a whole number";
  }
  if (typeof value !== "string") return "takes a text";
  if (value === "") return null;
  switch (field.type) {
    case "date":
      return isMoment(dayForm, value) ? null : "takes a day as 2026-01-31";
    case "datetime":
      return isMoment(momentForm, value) ? null : "takes a time as 2026-01-31T12:00:00Z";
    case "reference":
      return idForm.test(value) ? null : "takes the id of a record";
    case "picklist": {
      const isListed = field.picklist.some((one) => one.isActive && one.value === value);
      return field.isRestricted && !isListed ? `has no value ${quoted(value)}` : null;
    }
    default: {
      const isLong = field.length !== null && [...value].length > field.length;
      return isLong ? `holds at most ${field.length} characters` : null;
    }
  }
}

const isMoment = (form: RegExp, value: string) =>
  form.test(value) && !Number.isNaN(Date.parse(value));

/**
 * A write that cannot succeed is no plan: nobody should approve what Salesforce then refuses.
 *
 * @throws {OperationFailedError} the field does not take the value
 */
export function requireFitting(object: string, field: Field, value: Value): void {
  const words = value === null ? null : misfit(field, value);
  if (words === null) return;
  throw new OperationFailedError(
    "operations.refused_by_provider",
    `${object}.${field.name} ${words}.`,
  );
}
