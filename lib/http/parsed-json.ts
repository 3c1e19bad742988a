import { isModestJson } from "#lib/core/json-depth.ts";
import { RequestRefusedError } from "#lib/http/problem.ts";

export const notJson = () => new RequestRefusedError(400, "http.bad_json", "The body is not JSON.");

/** @throws {RequestRefusedError} 400: no JSON, or nested too deeply or with too many values to be taken apart */
export function parsedJson(text: string): unknown {
  if (!isModestJson(text)) {
    throw new RequestRefusedError(
      400,
      "http.bad_json",
      "The body is nested too deeply, or holds too many values. Send it in parts.",
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}
