import type { ProviderRequest, WriteOperation } from "#lib/providers/operation.ts";
import {
  createRecord,
  deleteRecord,
  updateRecord,
} from "#lib/providers/salesforce/operations/record-writes.ts";

/** An operation of ours that does what a raw call does, and what it is given for that. */
export type OperationOfCall = { operation: WriteOperation; input: unknown };

const recordPath =
  /^\/services\/data\/v\d{1,3}\.0\/sobjects\/([A-Za-z]\w*)(?:\/([A-Za-z0-9]{15,18}))?$/;

/**
 * The operation of a raw call that creates, changes or deletes one record by its id, so that it can be shown
 * with the values before it; null for every other call.
 */
export function recordOperationOf(request: ProviderRequest): OperationOfCall | null {
  const [, object, id] = recordPath.exec(request.path) ?? [];
  if (request.door !== "rest" || request.query !== "" || object === undefined) return null;
  const { method, body } = request;
  if (method === "DELETE" && id !== undefined && body === null) {
    return parsed(deleteRecord, { object, id });
  }
  const values = objectOf(body);
  if (values === null) return null;
  if (method === "PATCH" && id !== undefined) return parsed(updateRecord, { object, id, values });
  if (method === "POST" && id === undefined) return parsed(createRecord, { object, values });
  return null;
}

function parsed(operation: WriteOperation, input: unknown): OperationOfCall | null {
  const read = operation.input.safeParse(input);
  return read.success ? { operation, input: read.data } : null;
}

function objectOf(text: string | null): object | null {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
