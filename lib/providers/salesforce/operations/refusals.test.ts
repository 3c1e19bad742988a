import { expect, test } from "vitest";
import {
  failureOf,
  partRefusalOf,
  refusalOf,
} from "#lib/providers/salesforce/operations/refusals.ts";

const theirs = "Their words: <script>alert(1)</script>";
const answer = (status: number, errorCode: string, fields: unknown = []) => ({
  status,
  headers: {},
  body: JSON.stringify([{ message: theirs, errorCode, fields }]),
});
const meant = (status: number, errorCode: string, fields?: unknown) =>
  failureOf(status, refusalOf(answer(status, errorCode, fields)), "the record");

test.each([
  [400, "MALFORMED_QUERY", "operations.bad_query"],
  [400, "MALFORMED_SEARCH", "operations.bad_query"],
  [400, "INVALID_QUERY_LOCATOR", "operations.bad_query"],
  [400, "EXCEEDED_ID_LIMIT", "operations.too_much"],
  [404, "NOT_FOUND", "operations.not_found"],
  [404, "ENTITY_IS_DELETED", "operations.not_found"],
  [400, "INVALID_TYPE", "operations.not_found"],
  [400, "INVALID_FIELD", "operations.not_found"],
  [400, "INVALID_FIELD_FOR_INSERT_UPDATE", "operations.no_permission"],
  [400, "REQUIRED_FIELD_MISSING", "operations.refused_by_provider"],
  [400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "operations.refused_by_provider"],
  [400, "DUPLICATES_DETECTED", "operations.refused_by_provider"],
  [400, "STRING_TOO_LONG", "operations.refused_by_provider"],
  [400, "JSON_PARSER_ERROR", "operations.refused_by_provider"],
  [400, "CANNOT_EXECUTE_FLOW_TRIGGER", "operations.refused_by_provider"],
  [400, "DUPLICATE_VALUE", "operations.conflict"],
  [400, "UNABLE_TO_LOCK_ROW", "operations.conflict"],
  [412, "PRECONDITION_FAILED", "operations.conflict"],
  [403, "INSUFFICIENT_ACCESS_OR_READONLY", "operations.no_permission"],
  [403, "CANNOT_MODIFY_MANAGED_OBJECT", "operations.no_permission"],
  [403, "API_DISABLED_FOR_ORG", "operations.no_permission"],
  [401, "INVALID_SESSION_ID", "operations.no_permission"],
  [403, "REQUEST_LIMIT_EXCEEDED", "operations.provider_busy"],
  [503, "SERVER_UNAVAILABLE", "operations.provider_busy"],
  [500, "UNKNOWN_EXCEPTION", "operations.provider_busy"],
  [400, "SOMETHING_NEW", "operations.refused_by_provider"],
])("%i %s means %s, in our words alone", (status, errorCode, code) => {
  const failure = meant(status, errorCode);
  expect(failure).toMatchObject({ code, providerCode: errorCode });
  expect(failure.userMessage).toMatch(/^[A-Z].{10,}\.$/);
  expect(failure.userMessage).not.toMatch(/Their|script/);
});

test("fields are named where they are names, and a code is cut to plain signs", () => {
  expect(meant(400, "REQUIRED_FIELD_MISSING", ["LastName", "<b>", "a b"]).userMessage).toBe(
    "Salesforce refused the record: a value is missing that it needs (LastName).",
  );
  expect(meant(400, "<b>\u202eEVIL</b> CODE").providerCode).toBe("bEVILbCODE");
  expect(partRefusalOf([{ statusCode: "X", fields: ["A__c", "../"] }])).toEqual({
    code: "X",
    fields: ["A__c"],
  });
});

test.each([
  [404, "operations.not_found"],
  [414, "operations.bad_query"],
  [302, "operations.provider_busy"],
  [420, "operations.provider_busy"],
  [502, "operations.provider_busy"],
])("a page with status %i, for want of words, means %s", (status, code) => {
  const page = { status, headers: {}, body: "<h1>We are down</h1>" };
  const failure = failureOf(status, refusalOf(page), "the record");
  expect(failure).toMatchObject({ code, providerCode: `HTTP_${status}` });
});
