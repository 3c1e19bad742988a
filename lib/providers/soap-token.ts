import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from "saxes";

/** Where a provider's SOAP envelopes carry the access token: a header element, or a child of it. */
export type SoapTokenPlace = {
  namespaces: readonly string[];
  element: string;
  /** In the same namespace; null where the element itself holds the token. */
  child: string | null;
};

export type SoapTokenRefusal =
  | "not_xml"
  | "not_an_envelope"
  | "document_type"
  | "no_token"
  | "several_tokens"
  | "odd_token"
  | "other_credentials";

export type FoundSoapToken =
  | {
      kind: "found";
      token: string;
      /** Bytes of the envelope before and behind the token's own. */
      before: Uint8Array;
      after: Uint8Array;
    }
  | { kind: "refused"; reason: SoapTokenRefusal };

const envelopes: ReadonlySet<string> = new Set([
  "http://schemas.xmlsoap.org/soap/envelope/",
  "http://www.w3.org/2003/05/soap-envelope",
]);
const xmlns = "http://www.w3.org/2000/xmlns/";
/** Tokens of providers, agent keys and leases; nothing in it can be escaped in a second way. */
const plainToken = /^[A-Za-z0-9._~!+/=-]{1,2048}$/;
const maxDepth = 200;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Refused extends Error {
  readonly reason: SoapTokenRefusal;
  constructor(reason: SoapTokenRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Finds the one token of a SOAP envelope, by namespace, whatever the prefixes and the order of header
 * and body, and keeps its place, so that all other bytes stay as they are. Refused is whatever another
 * reader could see differently: document types, tokens that are written twice, nested, in CDATA, by
 * references or with attributes, and a header with credentials of another kind.
 */
export function findSoapToken(body: Uint8Array, place: SoapTokenPlace): FoundSoapToken {
  try {
    return find(body, place);
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", reason: error.reason };
    throw error;
  }
}

/**
 * What looks like the token in an envelope's beginning, for whoever decides whether to read the rest of a
 * stranger's; proves nothing: the whole envelope says what its token is.
 */
export function soapTokenLikely(beginning: Uint8Array, place: SoapTokenPlace): string | null {
  const name = place.child ?? place.element;
  const form = new RegExp(
    `<(?:[\\w.-]+:)?${name}(?:\\s[^<>]*)?>\\s*([A-Za-z0-9._~!+/=-]{1,2048})\\s*</`,
  );
  return form.exec(Buffer.from(beginning).toString("latin1"))?.[1] ?? null;
}

/** The envelope with another token in the place of the one that came. */
export function withSoapToken(
  found: Extract<FoundSoapToken, { kind: "found" }>,
  token: string,
): Buffer {
  if (!plainToken.test(token)) throw new TypeError("this token cannot stand in an envelope");
  return Buffer.concat([found.before, Buffer.from(token, "latin1"), found.after]);
}

function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new Refused("not_xml");
  }
}

function find(body: Uint8Array, place: SoapTokenPlace): FoundSoapToken {
  const text = textOf(body);
  const span = spanOfToken(text, place);
  const raw = text.slice(span.start, span.end);
  const token = raw.trim();
  if (token === "") throw new Refused("no_token");
  if (!plainToken.test(token)) throw new Refused("odd_token");
  const start = Buffer.byteLength(text.slice(0, span.start + raw.indexOf(token)));
  return {
    kind: "found",
    token,
    before: body.subarray(0, start),
    after: body.subarray(start + token.length),
  };
}

/** Characters between the tags of the token's element. */
function spanOfToken(text: string, place: SoapTokenPlace): { start: number; end: number } {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const path: SaxesTagNS[] = [];
  const at = () => path.length;
  let isInSecurity = false;
  let headers = 0;
  let outer = 0;
  let open: number | null = null;
  let span: { start: number; end: number } | null = null;
  const refuse = (reason: SoapTokenRefusal): never => {
    throw new Refused(reason);
  };
  const isHeader = (tag: SaxesTagNS | undefined) =>
    tag?.local === "Header" && tag.uri === path[0]?.uri;
  const isPlace = (tag: SaxesTagNS) =>
    tag.local === place.element && place.namespaces.includes(tag.uri);

  parser.on("error", () => refuse("not_xml"));
  parser.on("doctype", () => refuse("document_type"));
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) refuse("not_xml");
  });
  const nothingInside = () => {
    if (open !== null) refuse("odd_token");
  };
  const nothingOfSecurity = (written: string) => {
    // The SDK for Python sends a name and a password of one star each beside the token.
    if (isInSecurity && !/^[\s*]*$/.test(written)) refuse("other_credentials");
  };
  parser.on("cdata", (written) => {
    nothingInside();
    nothingOfSecurity(written);
  });
  parser.on("comment", nothingInside);
  parser.on("processinginstruction", nothingInside);
  parser.on("text", nothingOfSecurity);
  parser.on("opentag", (tag) => {
    if (open !== null) refuse("odd_token");
    const depth = at();
    if (depth >= maxDepth) refuse("not_xml");
    if (depth === 0 && (tag.local !== "Envelope" || !envelopes.has(tag.uri))) {
      refuse("not_an_envelope");
    }
    path.push(tag);
    const isInHeader = depth >= 2 && isHeader(path[1]);
    if (depth === 1 && isHeader(tag)) headers += 1;
    if (headers > 1) refuse("several_tokens");
    if (depth === 2 && isInHeader) {
      if (tag.local === "Security") isInSecurity = true;
      if (/^(?:oauth|loginscopeheader)$/i.test(tag.local)) refuse("other_credentials");
    }
    if (sameName(tag.local, place.element)) {
      outer += 1;
      if (!isPlace(tag) || depth !== 2 || !isInHeader) refuse("odd_token");
      if (outer > 1) refuse("several_tokens");
      if (hasOwnAttributes(tag)) refuse("odd_token");
    }
    const parent = path[depth - 1];
    const isInPlace = depth === 3 && isInHeader && parent !== undefined && isPlace(parent);
    const isToken =
      place.child === null
        ? depth === 2 && isPlace(tag)
        : isInPlace && tag.local === place.child && tag.uri === parent?.uri;
    if (isInPlace && !isToken) refuse("odd_token");
    if (!isToken) return;
    if (span !== null) refuse("several_tokens");
    if (tag.isSelfClosing) refuse("no_token");
    if (hasOwnAttributes(tag)) refuse("odd_token");
    open = parser.position;
  });
  parser.on("closetag", () => {
    if (open !== null) span = { start: open, end: text.lastIndexOf("<", parser.position - 1) };
    open = null;
    path.pop();
    if (at() === 2) isInSecurity = false;
  });
  parser.write(text).close();
  return span ?? refuse("no_token");
}

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Namespaces may be declared, and SOAP may say who must understand it; nothing else belongs there. */
const hasOwnAttributes = (tag: SaxesTagNS): boolean =>
  Object.values(tag.attributes).some(
    ({ uri }: SaxesAttributeNS) => uri !== xmlns && !envelopes.has(uri),
  );
