import type { Json } from "#lib/core/json.ts";
import { normalizeTarget } from "#lib/providers/call-target.ts";
import type { ProviderRequest } from "#lib/providers/operation.ts";
import { OperationFailedError, OperationRefusedError } from "#lib/providers/operation-errors.ts";

/** Old enough for every org, new enough for all that is asked here. */
export const dataPath = "/services/data/v60.0";

// Names, ids and locators; nothing else ever stands in a path of ours.
const segmentForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/;

/**
 * One REST request below the API's version. Query values may be any text; they are encoded here.
 *
 * @param segments - each a name or an id; the schemas saw to that, and it is held against them again
 * @throws {OperationRefusedError} a segment is anything else
 * @throws {OperationFailedError} the query is too long for an address, or holds what none can carry
 */
export function restRequest(
  method: ProviderRequest["method"],
  segments: readonly string[],
  {
    query = {},
    body,
    headers = {},
  }: {
    query?: Readonly<Record<string, string>>;
    body?: Json;
    headers?: Readonly<Record<string, string>>;
  } = {},
): ProviderRequest {
  if (!segments.every((segment) => segmentForm.test(segment))) {
    throw new OperationRefusedError("a segment of a path is neither a name nor an id");
  }
  const path = [dataPath, ...segments].join("/");
  const written = Object.entries(query)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join("&");
  const target = normalizeTarget(path, written);
  if (target.kind === "refused") throw unfitQuery();
  if (target.path !== path) throw new OperationRefusedError("a path is not in its normal form");
  return {
    door: "rest",
    method,
    path,
    query: written,
    contentType: body === undefined ? null : "application/json",
    soapAction: null,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  };
}

const encoded = (value: string): string => {
  if (!value.isWellFormed()) throw unfitQuery();
  return encodeURIComponent(value);
};

const unfitQuery = () =>
  new OperationFailedError(
    "operations.bad_query",
    "This question is too long for an address, or holds a character that none can carry. Ask for less at once.",
  );

/** Whether a query of these values would fit an address of Salesforce's. */
export function fitsAddress(query: Readonly<Record<string, string>>): boolean {
  try {
    restRequest("GET", ["query"], { query });
    return true;
  } catch (error) {
    if (error instanceof OperationFailedError) return false;
    throw error;
  }
}
