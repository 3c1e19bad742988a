import { formOf, mediaType } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { oauthError, restError } from "./core.ts";

/** The body of a token call: snake_case names, single values. `account_id` may come as a number. */
export type TokenFields = ReadonlyMap<string, string>;

const bad = (description: string) => oauthError(400, "invalid_request", description);

/**
 * Reads JSON, the documented form, or a form, which works as well.
 *
 * @returns the fields, or the refusal to send
 */
export function readTokenFields(request: SimulatorRequest): TokenFields | SimulatorResponse {
  const type = mediaType(request);
  if (type === "application/json") return fromJson(request.body.toString("utf8"));
  if (type === "application/x-www-form-urlencoded") return fromForm(formOf(request));
  return restError(415, 0, "Unsupported Media Type");
}

function fromJson(text: string): TokenFields | SimulatorResponse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad("The request body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return bad("The request body is not a JSON object.");
  }
  const fields = new Map<string, string>();
  for (const [name, field] of Object.entries(value)) {
    if (field === null) continue;
    if (typeof field === "number" && name === "account_id") fields.set(name, String(field));
    else if (typeof field === "string") fields.set(name, field);
    else return bad(`The value of ${name.slice(0, 40)} has the wrong type.`);
  }
  return fields;
}

function fromForm(form: URLSearchParams): TokenFields | SimulatorResponse {
  const fields = new Map<string, string>();
  for (const [name, value] of form) {
    if (fields.has(name)) return bad(`The parameter ${name.slice(0, 40)} is repeated.`);
    fields.set(name, value);
  }
  return fields;
}

const documented = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "code",
  "redirect_uri",
  "refresh_token",
  "scope",
  "account_id",
]);

/** The first field that the vendor's page does not list. */
export const undocumentedField = (fields: TokenFields): string | undefined =>
  [...fields.keys()].find((name) => !documented.has(name));
