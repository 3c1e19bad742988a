import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import {
  type Described,
  type Field,
  getField,
} from "#lib/providers/salesforce/operations/describe.ts";
import { requireFitting } from "#lib/providers/salesforce/operations/fitting.ts";
import type { Value, Values } from "#lib/providers/salesforce/operations/inputs.ts";

export type Written = { field: Field; value: Value };

/**
 * The fields of a write, in the org's own spelling.
 *
 * @throws {OperationFailedError} a field is not there, does not take its value, or this sign-in may not
 *   write it
 */
export function fieldsToWrite(
  object: Described,
  values: Values,
  isMade: boolean,
): readonly Written[] {
  return Object.entries(values).map(([name, value]) => {
    const field = getField(object, name);
    if (isMade ? field.isCreateable : field.isUpdateable) {
      requireFitting(object.name, field, value);
      return { field, value };
    }
    throw new OperationFailedError(
      "operations.no_permission",
      `This sign-in may not write ${object.name}.${field.name}.`,
    );
  });
}

/** @throws {OperationFailedError} what a new record needs is not given */
export function requireComplete(object: Described, written: readonly Written[]): void {
  const given = new Set(
    written.flatMap(({ field, value }) => (value === null ? [] : [field.name])),
  );
  const missing = object.fields.filter(({ isRequired, name }) => isRequired && !given.has(name));
  if (missing.length === 0) return;
  throw new OperationFailedError(
    "operations.refused_by_provider",
    `A new ${object.name} needs a value for ${missing.map(({ name }) => name).join(", ")}.`,
  );
}
