import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";

export const success = (id: string) => ({ id, success: true, errors: [] });

/** @throws {RestRefusal} JSON_PARSER_ERROR: no JSON, or neither object nor list */
export const parseBody = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below in the words of the provider.
  }
  throw new RestRefusal(
    400,
    "JSON_PARSER_ERROR",
    "Unexpected character or end of input in the JSON body",
  );
};

/** @throws {RestRefusal} INVALID_INPUT: no list, empty, or more than `most` */
export const listOf = (value: unknown, most: number): Record<string, unknown>[] => {
  const isRight = Array.isArray(value) && value.length > 0 && value.length <= most;
  if (!isRight || value.some((one) => typeof one !== "object" || one === null)) {
    throw new RestRefusal(400, "INVALID_INPUT", `a list of 1 to ${most} objects is expected`);
  }
  return value as Record<string, unknown>[];
};

export const methodNotAllowed = (method: string, allowed: string) =>
  new RestRefusal(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${method}' not allowed. Allowed are ${allowed}`,
  );

export const bodyOf = (call: { request: { body: Buffer } }): Record<string, unknown> =>
  parseBody(call.request.body.toString("utf8"));

/** `allOrNone` of a body or an address. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

/** A refusal of one of several records. */
export const failure = (error: unknown, id?: string) => {
  if (!(error instanceof RestRefusal)) throw error;
  const told = { statusCode: error.errorCode, message: error.message, fields: error.fields ?? [] };
  return { ...(id ? { id } : {}), success: false, errors: [told] };
};
