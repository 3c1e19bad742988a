/** What is wrong with a request before anybody looks at what it asks for. */
export type Refusal = { status: 400 | 405 | 411 | 413 | 414; title: string };

type RawRequest = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as sent: `headers` keeps only the first of two hosts. */
  readonly rawHeaders?: readonly string[] | undefined;
};

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const URL_MAX_CHARACTERS = 8_192;
const BODY_MAX_BYTES = 1_048_576;
// The request line is ASCII without spaces; a backslash is read as a slash by some and not by others.
const PLAIN_TARGET = /^\/[!-[\]-~]*$/;

/**
 * Judges method, address and announced size of a request for the people's surface (WEB-10, BRK-12).
 * Bodies must say their length, so that it can be refused before a byte of it is read.
 *
 * @returns `null` when there is nothing to refuse
 */
export function screenRequest(request: RawRequest): Refusal | null {
  const { method, url = "", headers, rawHeaders = [] } = request;
  if (!METHODS.has(method ?? "")) return { status: 405, title: "Method not allowed" };
  if (url.length > URL_MAX_CHARACTERS) return { status: 414, title: "Address too long" };
  if (!isPlainTarget(url)) return { status: 400, title: "Malformed address" };
  const hosts = rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === "host");
  if (hosts.length > 1) return { status: 400, title: "More than one host" };
  if (headers["transfer-encoding"] !== undefined) return { status: 411, title: "Length required" };
  const length = headers["content-length"];
  if (length !== undefined && !(Number(length) <= BODY_MAX_BYTES)) {
    return { status: 413, title: "Body too large" };
  }
  return null;
}

/** A path of ours with at most a query: no other host, no fragment, no escape that means nothing. */
function isPlainTarget(url: string): boolean {
  if (
    !PLAIN_TARGET.test(url) ||
    url.includes("#") ||
    /%(?:0[0-9a-f]|1[0-9a-f]|7f)/i.test(url.split("?", 1)[0] ?? "")
  ) {
    return false;
  }
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "");
    return true;
  } catch {
    return false;
  }
}
