import { z } from "zod";

const text = (max: number) => z.string().max(max);

/** Longest query of a callback that is read at all, in characters. Codes have at most 512. */
const maxQueryLength = 8192;

export type AuthorizationResponse =
  | { kind: "code"; state: string; params: URLSearchParams }
  | { kind: "error"; state: string; error: string; description: string; params: URLSearchParams }
  | { kind: "malformed" };

const codeSchema = z.object({ state: text(512).min(1), code: text(2048).min(1) });
const errorSchema = z.object({
  state: text(512).min(1),
  error: text(200).min(1),
  error_description: text(2000).default(""),
});

/**
 * Takes a callback's query for what it is: a code, an error, or neither. A repeated parameter, both
 * at once or none is malformed (OA-4; RFC 6749 §3.1). Nothing here is believed yet.
 */
export function parseAuthorizationResponse(params: URLSearchParams): AuthorizationResponse {
  const names = [...params.keys()];
  if (params.toString().length > maxQueryLength || new Set(names).size !== names.length) {
    return { kind: "malformed" };
  }
  // Answers of other flows than the one we began (RFC 9101, implicit).
  if (names.some((name) => ["response", "id_token", "token"].includes(name))) {
    return { kind: "malformed" };
  }
  const values = Object.fromEntries(params);
  if ("code" in values === "error" in values) return { kind: "malformed" };
  if ("code" in values) {
    const code = codeSchema.safeParse(values);
    return code.success ? { kind: "code", state: code.data.state, params } : { kind: "malformed" };
  }
  const error = errorSchema.safeParse(values);
  if (!error.success) return { kind: "malformed" };
  return {
    kind: "error",
    state: error.data.state,
    error: error.data.error,
    description: error.data.error_description,
    params,
  };
}
