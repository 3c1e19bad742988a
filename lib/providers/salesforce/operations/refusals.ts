import { z } from "zod";
import { lineOf } from "#lib/core/plain-text.ts";
import type { Outcome, ProviderResponse } from "#lib/providers/operation.ts";
import { OperationFailedError, type OperationFailure } from "#lib/providers/operation-errors.ts";
import { fieldForm } from "#lib/providers/salesforce/operations/inputs.ts";

/** Salesforce's own account of why not: a stable code, and the API names of fields where it gives them. */
export type Refusal = { code: string; fields: readonly string[] };

const codeText = z.string().max(200);
const fieldNames = z.array(z.string()).nullish();
const errorsSchema = z.array(z.object({ errorCode: codeText, fields: fieldNames })).min(1);
const partErrorsSchema = z.array(z.object({ statusCode: codeText, fields: fieldNames })).min(1);

const refusalFrom = (code: string, fields: readonly string[] | null | undefined): Refusal => ({
  code,
  fields: (fields ?? []).filter((name) => fieldForm.test(name)).slice(0, 20),
});

/** The refusal in an answer; null where it is none in the form of this API. */
export function refusalOf({ body }: ProviderResponse): Refusal | null {
  const [first] = errorsSchema.safeParse(jsonOf(body)).data ?? [];
  return first ? refusalFrom(first.errorCode, first.fields) : null;
}

/** The refusal of one part of a collection. */
export function partRefusalOf(errors: unknown): Refusal {
  const [first] = partErrorsSchema.safeParse(errors).data ?? [];
  return first ? refusalFrom(first.statusCode, first.fields) : { code: "UNKNOWN", fields: [] };
}

export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

type Meaning = readonly [
  failure: OperationFailure,
  words: (what: string, fields: string) => string,
];

const refused: OperationFailure = "operations.refused_by_provider";
const unfit = (words: string): Meaning => [
  refused,
  (what, fields) => `Salesforce refused ${what}: ${words}${fields}.`,
];

const meanings: Readonly<Record<string, Meaning>> = {
  MALFORMED_QUERY: ["operations.bad_query", () => "Salesforce cannot read this query."],
  MALFORMED_SEARCH: ["operations.bad_query", () => "Salesforce cannot read this search."],
  INVALID_QUERY_FILTER_OPERATOR: [
    "operations.bad_query",
    () => "A comparison of this query does not fit its field.",
  ],
  INVALID_QUERY_LOCATOR: [
    "operations.bad_query",
    () => "This result is no longer kept. Ask again from the beginning.",
  ],
  NUMBER_OUTSIDE_VALID_RANGE: [
    "operations.bad_query",
    () => "A number of this query is out of range.",
  ],
  QUERY_TOO_COMPLICATED: ["operations.too_much", () => "This query is too large for Salesforce."],
  QUERY_TIMEOUT: [
    "operations.too_much",
    () => "This query takes Salesforce too long. Ask for less.",
  ],
  EXCEEDED_ID_LIMIT: [
    "operations.too_much",
    () => "These are more rows than Salesforce gives at once.",
  ],
  NOT_FOUND: ["operations.not_found", (what) => `Salesforce does not know ${what}.`],
  ENTITY_IS_DELETED: ["operations.not_found", (what) => `${begun(what)} has been deleted.`],
  INVALID_TYPE: [
    "operations.not_found",
    () => "There is no such object here, or this sign-in may not see it.",
  ],
  INVALID_FIELD: [
    "operations.not_found",
    (_, fields) => `There is no such field here, or this sign-in may not see it${fields}.`,
  ],
  INVALID_FIELD_FOR_INSERT_UPDATE: [
    "operations.no_permission",
    (what, fields) => `This sign-in may not write a field of ${what}${fields}.`,
  ],
  REQUIRED_FIELD_MISSING: unfit("a value is missing that it needs"),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: unfit("a validation rule of the org does not let it pass"),
  FIELD_FILTER_VALIDATION_EXCEPTION: unfit("a lookup filter of the org does not let it pass"),
  DUPLICATES_DETECTED: unfit("a duplicate rule of the org found a record like it"),
  DUPLICATE_VALUE: [
    "operations.conflict",
    (what, fields) =>
      `Another record already holds a value of ${what} that may stand once${fields}.`,
  ],
  DUPLICATE_EXTERNAL_ID: [
    "operations.conflict",
    (what) => `Several records have the external id of ${what}.`,
  ],
  STRING_TOO_LONG: unfit("a text is longer than its field"),
  INVALID_EMAIL_ADDRESS: unfit("an email address is not one"),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: unfit("a value is not on its picklist"),
  MALFORMED_ID: unfit("an id is not one"),
  INVALID_CROSS_REFERENCE_KEY: unfit("a record that it points to is not there"),
  JSON_PARSER_ERROR: unfit("a value is not of its field's type"),
  DELETE_FAILED: unfit("other records still need it"),
  APEX_ERROR: unfit("code of the org failed on it"),
  CANNOT_EXECUTE_FLOW_TRIGGER: unfit("a flow of the org failed on it"),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: unfit(
    "code of the org failed on it, or its kind is not written so",
  ),
  UNABLE_TO_LOCK_ROW: [
    "operations.conflict",
    (what) => `Somebody else is changing ${what} right now.`,
  ],
  REQUEST_LIMIT_EXCEEDED: [
    "operations.provider_busy",
    () => "The org has used up its API calls for now.",
  ],
  SERVER_UNAVAILABLE: ["operations.provider_busy", () => "Salesforce cannot answer at the moment."],
  ALL_OR_NONE_OPERATION_ROLLED_BACK: unfit("another record of the same step failed"),
};

const noRights =
  /^(?:INSUFFICIENT_ACCESS|CANNOT_|FUNCTIONALITY_NOT_ENABLED|API_|INVALID_SESSION_ID)/;

/**
 * What a refusal means, in our words.
 *
 * @param what - what was asked for, with its article: "the record", "the object Contact"
 * @see contract of Salesforce, section 6
 */
export function failureOf(status: number, refusal: Refusal | null, what: string) {
  const providerCode = refusal?.code ?? `HTTP_${status}`;
  const fail = (failure: OperationFailure, words: string) =>
    new OperationFailedError(failure, words, { providerCode });
  const fields = refusal?.fields.length ? ` (${refusal.fields.join(", ")})` : "";
  const meaning = meanings[refusal?.code ?? ""];
  if (meaning) return fail(meaning[0], meaning[1](what, fields));
  if (status === 412) {
    return fail("operations.conflict", `${begun(what)} was changed since it was looked at.`);
  }
  if (noRights.test(refusal?.code ?? "") || status === 401 || status === 403) {
    return fail("operations.no_permission", `This sign-in may not do that with ${what}.`);
  }
  if (status === 404) return fail("operations.not_found", `Salesforce does not know ${what}.`);
  if (status === 414 || status === 431) {
    return fail("operations.bad_query", "This question is too long for an address.");
  }
  // Not JSON, an unknown redirect, or a page of theirs: the org is down or has moved.
  if (status === 420 || status === 429 || status >= 500 || refusal === null) {
    return fail("operations.provider_busy", "Salesforce cannot answer at the moment.");
  }
  return fail(refused, `Salesforce refused ${what}.`);
}

const begun = (what: string) => `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;

export const failed = (error: OperationFailedError): Outcome => ({
  kind: "failed",
  summary: error.userMessage,
  code: error.code,
  output: error.providerCode === null ? {} : { providerCode: error.providerCode },
});

/** Reading back shows the state from before. */
export const notApplied = (summary: string): Outcome => ({
  kind: "failed",
  summary,
  code: "operations.not_applied",
  output: {},
});

/** A name of a person's or an org's own in quotes, on one line. */
export const quoted = (name: string): string => `“${lineOf(name, 80)}”`;
