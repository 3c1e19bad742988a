import { SaxesParser, type SaxesTagNS } from "saxes";
import { mediaTypeOf, textOf } from "#lib/providers/call-rules.ts";
import type { ProxiedCall } from "#lib/providers/proxied-call.ts";

const envelopeNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
const maxDepth = 64;
const maxNoted = 20_000;

/** What a SOAP body asks for: its one element, and what stands inside it. */
export type SoapOperation = {
  namespace: string;
  name: string;
  /** Local parts of every `xsi:type` inside; older namespaces of it count, for servers heed them too. */
  types: readonly string[];
  /** Trimmed texts of the header's own entries of this local name; empty for one without text. */
  headersOf(name: string): readonly string[];
  /** Trimmed texts of the elements of this local name, lower case, at any depth. */
  textsOf(name: string): readonly string[];
};

class NotOneMeaning extends Error {}

/**
 * Reads a SOAP 1.1 envelope by namespace, whatever its prefixes and order. Refused is what two parsers
 * could read differently: a document type, processing instructions, an encoding that is not UTF-8,
 * several bodies or operations, or anything that is not well formed.
 *
 * @returns `null` where it is refused, or no envelope
 */
export function soapOperationOf(call: ProxiedCall): SoapOperation | null {
  if (call.method !== "POST" || mediaTypeOf(call) !== "text/xml") return null;
  const text = textOf(call.body);
  if (text === null) return null;
  try {
    return readEnvelope(text);
  } catch {
    return null;
  }
}

function readEnvelope(text: string): SoapOperation | null {
  const parser = new SaxesParser({ xmlns: true });
  const open: { tag: SaxesTagNS; text: string }[] = [];
  const types: string[] = [];
  const texts = new Map<string, string[]>();
  const headers = new Map<string, string[]>();
  const seen = { header: 0, body: 0 };
  let noted = 0;
  let operation: SaxesTagNS | null = null;
  const refuse = () => {
    throw new NotOneMeaning();
  };
  const note = (list: string[], value: string) => {
    noted += 1;
    if (noted > maxNoted) refuse();
    list.push(value);
  };
  parser.on("error", refuse);
  parser.on("doctype", refuse);
  parser.on("processinginstruction", refuse);
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) refuse();
  });
  parser.on("opentag", (tag) => {
    const depth = open.length;
    if (depth >= maxDepth) refuse();
    if (depth === 0 && !isEnvelopePart(tag, "Envelope")) refuse();
    if (depth === 1) {
      if (isEnvelopePart(tag, "Header")) seen.header += 1;
      else if (isEnvelopePart(tag, "Body")) seen.body += 1;
      else refuse();
      if (seen.header > 1 || seen.body > 1) refuse();
    }
    const isInBody = depth >= 2 && isEnvelopePart(open[1]?.tag, "Body");
    if (isInBody && depth === 2) {
      if (operation) refuse();
      operation = tag;
    }
    if (isInBody) {
      for (const attribute of Object.values(tag.attributes)) {
        if (attribute.uri !== "" && attribute.local === "type") {
          note(types, attribute.value.trim().replace(/^.*:/s, ""));
        }
      }
    }
    open.push({ tag, text: "" });
  });
  const addText = (part: string) => {
    const at = open.at(-1);
    if (at) at.text += part;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const closed = open.pop();
    if (!closed || open.length < 2) return;
    const isInBody = isEnvelopePart(open[1]?.tag, "Body");
    if (!isInBody && open.length > 2) return;
    const found = isInBody ? texts : headers;
    const name = closed.tag.local.toLowerCase();
    const list = found.get(name) ?? [];
    found.set(name, list);
    note(list, closed.text.trim());
  });
  parser.write(text).close();
  const found = operation as SaxesTagNS | null;
  if (!found || seen.body !== 1) return null;
  return {
    namespace: found.uri,
    name: found.local,
    types,
    textsOf: (name) => texts.get(name.toLowerCase()) ?? [],
    headersOf: (name) => headers.get(name.toLowerCase()) ?? [],
  };
}

const isEnvelopePart = (tag: SaxesTagNS | undefined, local: string) =>
  tag?.uri === envelopeNamespace && tag.local === local;

/** The action a SOAPAction header names: without quotes and the address before it; empty for none. */
export function soapActionOf(header: string | null): string {
  const bare = (header ?? "").trim().replace(/^"(.*)"$/s, "$1");
  return bare.replace(/^.*[/:#]/s, "");
}
