/** Names and values in turn, as `IncomingMessage.rawHeaders` has them. */
export type RawHeaders = readonly string[];

export type ProxiedRequestHeaders =
  | { kind: "taken"; headers: Record<string, string> }
  | {
      kind: "refused";
      code: "broker.header_refused";
      /** A name of ours, lower case; never the request's own text. */
      header: string;
      userMessage: string;
    };

/** What real clients send and the providers' documents name; whatever else comes stays behind. */
const requestHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "content-type",
  "soapaction",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "sforce-auto-assign",
  "sforce-call-options",
  "sforce-duplicate-rule-header",
  "sforce-limit-info",
  "sforce-line-ending",
  "sforce-mru",
  "sforce-query-options",
  "x-chatter-entity-encoding",
  "x-prettyprint",
]);
const packageVersion = /^x-sfdc-packageversion-[a-z0-9_]{1,15}$/;

/** They say what is done, so two of them would say two things. */
const onceOnly: ReadonlySet<string> = new Set(["content-type", "soapaction"]);

/** Dropping these would send another call than the one that was meant. */
const refusedHeaders: ReadonlySet<string> = new Set([
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
]);

const maxValueLength = 4_096;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const sentValue = /^[\x20-\x7e]*$/;

/**
 * The headers of an agent's call that go on to the provider (BRK-5), names in lower case. Whoever sends
 * adds `authorization`, `host`, `user-agent`, `accept-encoding` and the framing itself, over these.
 * Refused are control characters anywhere, a method override, and a body that is compressed, because
 * nobody could look into it.
 */
export function proxiedRequestHeaders(raw: RawHeaders): ProxiedRequestHeaders {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const value = raw[at + 1] ?? "";
    if (!fieldName.test(name) || !fieldValue.test(value)) {
      return refused("*", "A header holds a character that headers cannot hold.");
    }
    if (refusedHeaders.has(name)) {
      return refused(name, "Send the method itself instead of a header that overrides it.");
    }
    if (name === "content-encoding" && !/^(?:identity)?$/i.test(value.trim())) {
      return refused(name, "Send the body uncompressed.");
    }
    if (!requestHeaders.has(name) && !packageVersion.test(name)) continue;
    if (!sentValue.test(value.trim()) || value.length > maxValueLength) {
      return refused(knownName(name), "A header is too long or not plain text.");
    }
    const earlier = headers[name];
    if (earlier === undefined) headers[name] = value.trim();
    else if (onceOnly.has(name))
      return refused(name, "A header is given twice that is taken once.");
    else headers[name] = `${earlier}, ${value.trim()}`;
  }
  return { kind: "taken", headers };
}

const knownName = (name: string) => (requestHeaders.has(name) ? name : "x-sfdc-packageversion");

function refused(header: string, userMessage: string): ProxiedRequestHeaders {
  return { kind: "refused", code: "broker.header_refused", header, userMessage };
}

const responseHeaders: ReadonlySet<string> = new Set([
  "content-type",
  "content-language",
  "content-disposition",
  "content-length",
  "etag",
  "last-modified",
  "retry-after",
  "sforce-limit-info",
  "sforce-locator",
  "sforce-numberofrecords",
  "warning",
]);

/** Ours on every proxied answer: a stranger's page stays text, and nobody keeps a copy. */
const ours = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
} as const;

export type ProxiedAnswer = {
  /** The provider's, by lower-case name; several of one name as an array. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Host that answered. */
  host: string;
  /** Path of ours that stands for the root of that host, without a trailing slash. */
  mountedAt: string;
};

/**
 * The headers of a provider's answer that reach the agent (BRK-6), with ours. No cookie, CORS, policy or
 * routing header of theirs passes; a challenge only as the constant that says the token is stale. A
 * location passes only where it stays on the host that answered, and then points through the proxy.
 * `content-length` passes only with a body that was not encoded: decoding is the caller's.
 */
export function proxiedResponseHeaders(answer: ProxiedAnswer): Record<string, string> {
  const headers: Record<string, string> = {};
  const isEncoded = !/^(?:identity)?$/i.test(single(answer.headers["content-encoding"]) ?? "");
  for (const name of responseHeaders) {
    const value = single(answer.headers[name]);
    if (value === null || !sentValue.test(value) || value.length > maxValueLength) continue;
    if (name === "content-length" && (isEncoded || !/^\d{1,15}$/.test(value))) continue;
    headers[name] = value;
  }
  const location = single(answer.headers.location);
  const ownPath = location === null ? null : pathOnHost(location, answer.host);
  if (ownPath !== null) headers.location = `${answer.mountedAt}${ownPath}`;
  if (isStaleTokenChallenge(answer.headers["www-authenticate"])) {
    headers["www-authenticate"] = staleTokenChallenge;
  }
  return { ...headers, ...ours };
}

/** fuel-rest refreshes on `/^Bearer\s.+?invalid_token/` and on nothing else. */
const staleTokenChallenge = 'Bearer error="invalid_token"';

function isStaleTokenChallenge(value: string | readonly string[] | undefined): boolean {
  const text = single(value);
  return text !== null && text.length <= maxValueLength && /^Bearer\s.*invalid_token/.test(text);
}

/** Of several values none is taken: who reads the first and who reads the last would differ. */
function single(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  return value.length === 1 ? (value[0] ?? null) : null;
}

function pathOnHost(location: string, host: string): string | null {
  const own = `https://${host.toLowerCase()}`;
  const isAbsolute = location.toLowerCase().startsWith(`${own}/`);
  const path = isAbsolute ? location.slice(own.length) : location;
  const isPlain = /^\/(?!\/)[A-Za-z0-9\-._~!$&'()*+,=:@/%?]*$/.test(path);
  return isPlain && !/(?:^|\/)\.+(?:[/?]|$)|%2e|%2f|%5c/i.test(path) ? path : null;
}
