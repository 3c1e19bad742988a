import { parsedJson } from "#lib/http/parsed-json.ts";
import { RequestRefusedError } from "#lib/http/problem.ts";

/** The largest body that a page of ours sends. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The request's body as text, read no further than `maxBytes`.
 * @throws {RequestRefusedError} 413 over the limit, 400 where it is not UTF-8 or breaks off
 */
export async function readText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const tooLarge = () =>
    new RequestRefusedError(413, "http.body_too_large", `Send at most ${maxBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch(() => {
      throw new RequestRefusedError(400, "http.body_broken", "The body broke off.");
    });
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new RequestRefusedError(400, "http.body_broken", "The body is not UTF-8 text.");
  }
}

/**
 * The request's body as JSON, where it says that it is. No body at all is an empty object: what has to be
 * in it, its schema says.
 * @throws {RequestRefusedError} 415 another type, 400 no JSON, and as `readText`
 */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const type = mediaType(request);
  if (type !== undefined && type !== "application/json") throw notJson();
  const text = await readText(request, maxBytes);
  if (text === "") return {};
  if (type === undefined) throw notJson();
  return parsedJson(text);
}

/** @throws {RequestRefusedError} a body came where none is taken; an empty object says nothing */
export async function readNothing(request: Request): Promise<void> {
  const text = (await readText(request)).trim();
  if (text === "" || text === "{}") return;
  throw new RequestRefusedError(400, "http.unexpected_body", "This address takes no body.");
}

const notJson = () => new RequestRefusedError(415, "http.not_json", "Send application/json.");

/**
 * The request's body as a form with one text for each name, sent as a form or as JSON.
 * @throws {RequestRefusedError} 415 another type, 400 a repeated name or another shape
 */
export async function readForm(
  request: Request,
  maxBytes: number,
): Promise<Record<string, string>> {
  const isForm = mediaType(request) === "application/x-www-form-urlencoded";
  const pairs = isForm
    ? [...new URLSearchParams(await readText(request, maxBytes))]
    : entriesOf(await readJson(request, maxBytes));
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    if (typeof value !== "string" || name in form) {
      throw new RequestRefusedError(400, "http.bad_form", "Send each field once, as text.");
    }
    form[name] = value;
  }
  return { ...form };
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw new RequestRefusedError(400, "http.bad_form", "Send each field once, as text.");
}

const mediaType = (request: Request) =>
  request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
