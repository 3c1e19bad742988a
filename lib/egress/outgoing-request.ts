import { InvalidInputError } from "#lib/core/errors.ts";
import type { acceptedEncodings } from "#lib/egress/decode-body.ts";
import type { EgressTarget } from "#lib/egress/target.ts";

const egressMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type EgressMethod = (typeof egressMethods)[number];

export type OutgoingParts = {
  target: EgressTarget;
  method: EgressMethod;
  path: string;
  query?: Readonly<Record<string, string>> | URLSearchParams;
  headers: Readonly<Record<string, string>>;
};

/** What the answer may be packed in: a stream asks for none, so that it can be looked through. */
export type Encodings = typeof acceptedEncodings | "identity";

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const headerValue = /^[\x20-\x7e\x80-\xff]*$/;
/** These are the connection's, not the caller's. */
const ownHeaders = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "keep-alive",
  "accept-encoding",
]);

const refuse = (problem: string) =>
  new InvalidInputError(`This request cannot be sent: ${problem}.`);

/**
 * The headers as sent. Names are lower case; ours win.
 *
 * @throws {InvalidInputError} control characters, a name twice, or one that belongs to the connection
 */
export function outgoingHeaders(
  headers: OutgoingParts["headers"],
  encodings: Encodings,
): Record<string, string> {
  const sent = new Map<string, string>([["user-agent", "meshmesh-studio"]]);
  const given = new Set<string>();
  for (const [written, value] of Object.entries(headers)) {
    const name = written.toLowerCase();
    if (!headerName.test(name) || typeof value !== "string" || !headerValue.test(value)) {
      throw refuse("a header holds characters that are not allowed");
    }
    if (ownHeaders.has(name) || name.startsWith("proxy-") || given.has(name)) {
      throw refuse("a header is not the caller's to set, or is given twice");
    }
    given.add(name);
    sent.set(name, value);
  }
  sent.set("accept-encoding", encodings);
  return Object.fromEntries(sent);
}

/**
 * Path and query as sent, byte for byte, behind the target's base.
 *
 * @throws {InvalidInputError} not an absolute path, characters that do not belong, or dot segments
 */
export function outgoingPath(parts: Pick<OutgoingParts, "target" | "path" | "query">): string {
  const [path = "", ...rest] = parts.path.split("?");
  if (!/^\/[\x21-\x7e]*$/.test(parts.path) || /[#\\]/.test(parts.path)) {
    throw refuse("the path holds characters that are not allowed");
  }
  const hasDots = path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  if (hasDots) throw refuse("the path holds dot segments");
  const query = [rest.join("?"), parts.query ? new URLSearchParams(parts.query).toString() : ""]
    .filter((part) => part !== "")
    .join("&");
  return `${parts.target.basePath}${path}${query === "" ? "" : `?${query}`}`;
}

/** @throws {InvalidInputError} */
export function assertMethod(method: string): asserts method is EgressMethod {
  if (!egressMethods.some((known) => known === method)) throw refuse("the method is not allowed");
}
