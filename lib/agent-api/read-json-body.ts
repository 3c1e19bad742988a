import type { IncomingMessage } from "node:http";
import { notJson, parsedJson } from "#lib/http/parsed-json.ts";
import { RequestRefusedError } from "#lib/http/problem.ts";

/** The largest body that most calls of ours need. */
const MAX_JSON_BYTES = 16 * 1024;

const tooLarge = (mostBytes: number) =>
  new RequestRefusedError(413, "http.body_too_large", `Send at most ${mostBytes} bytes.`);

/**
 * The body as JSON, with its length announced or streamed. No body at all is an empty object: what has to
 * be in it, its schema says.
 *
 * @throws {RequestRefusedError} 415 another type, 413 over the limit, 400 no JSON, too much of it, or it broke off
 */
export async function readJsonBody(
  request: IncomingMessage,
  mostBytes: number = MAX_JSON_BYTES,
): Promise<unknown> {
  if (isEmpty(request)) return {};
  const type = request.headers["content-type"] ?? "";
  if (type !== "application/json" && !/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new RequestRefusedError(415, "http.not_json", "Send application/json.");
  }
  return parsedJson(textOf(await readBytes(request, mostBytes)));
}

/** How long a body will be: as announced, or as long as it may be. */
export function announcedBytes({ headers }: IncomingMessage, mostBytes = MAX_JSON_BYTES): number {
  const announced = Number(headers["content-length"] ?? mostBytes);
  return Math.min(announced, mostBytes);
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notJson();
  }
}

/** @throws {RequestRefusedError} a body came where none is taken; an empty object says nothing */
export async function requireNoBody(request: IncomingMessage): Promise<void> {
  if (isEmpty(request)) return;
  const { length } = EMPTY_OBJECT;
  const isAsLong = request.headers["content-length"] === String(length);
  if (isAsLong && (await readBytes(request, length)).toString() === EMPTY_OBJECT) return;
  throw new RequestRefusedError(400, "http.unexpected_body", "This address takes no body.");
}

const EMPTY_OBJECT = "{}";

const isEmpty = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0";

function readBytes(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) {
    return Promise.reject(tooLarge(mostBytes));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // An error costs a stack: none is made for a body that came whole.
    const brokeOff = () => {
      if (!request.readableEnded) {
        reject(new RequestRefusedError(400, "http.body_broken", "The body broke off."));
      }
    };
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > mostBytes) {
        request.pause();
        reject(tooLarge(mostBytes));
      } else chunks.push(chunk);
    });
    request.once("end", () => {
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    request.once("error", brokeOff);
    request.once("close", brokeOff);
  });
}
