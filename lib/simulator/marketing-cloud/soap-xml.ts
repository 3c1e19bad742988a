import { XMLParser, XMLValidator } from "fast-xml-parser";

export const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
export const apiNamespace = "http://exacttarget.com/wsdl/partnerAPI";
export const tokenNamespace = "http://exacttarget.com";
const xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance";
const maxDepth = 60;

/** An element by namespace and local name: clients choose their own prefixes and orders. */
export type XmlNode = {
  name: string;
  namespace: string;
  /** The local part of `xsi:type`. */
  xsiType: string | null;
  isNil: boolean;
  children: XmlNode[];
  text: string;
};

export class XmlError extends Error {}

type Ordered = Record<string, unknown> & { ":@"?: Record<string, string> };
type Prefixes = Readonly<Record<string, string>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Entities are decoded below, the five of XML and character references only: nothing expands.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: "#cdata",
});

const named: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function decode(text: string): string {
  return text.replaceAll(/&([^;\s&]{1,12});?/g, (whole, entity: string) => {
    if (!whole.endsWith(";")) throw new XmlError("bare ampersand");
    if (Object.hasOwn(named, entity)) return named[entity] as string;
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(entity);
    const point = number ? Number.parseInt(number[1] ?? number[2] ?? "", number[1] ? 16 : 10) : NaN;
    if (!(point > 0 && point <= 0x10ffff)) throw new XmlError(`unknown entity ${entity}`);
    return String.fromCodePoint(point);
  });
}

/**
 * Parses a document into elements by namespace. A document type, an entity of its own, broken nesting
 * and absurd depth are refused before anything is expanded.
 *
 * @throws {XmlError}
 */
export function parseXml(text: string): XmlNode {
  if (/<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)/i.test(text)) {
    throw new XmlError("For security reasons DTD is prohibited in this XML document.");
  }
  if (XMLValidator.validate(text) !== true) throw new XmlError("not well formed");
  let roots: Ordered[];
  try {
    roots = (parser.parse(text) as Ordered[]).filter((node) => !("#text" in node));
  } catch (cause) {
    throw new XmlError("not well formed", { cause });
  }
  const root = roots[0];
  if (!root || roots.length !== 1) throw new XmlError("one root element expected");
  return toNode(root, { "": "" }, 0);
}

function toNode(raw: Ordered, outer: Prefixes, depth: number): XmlNode {
  if (depth > maxDepth) throw new XmlError("nested too deeply");
  const tag = Object.keys(raw).find((key) => key !== ":@");
  if (tag === undefined) throw new XmlError("not well formed");
  const attributes = raw[":@"] ?? {};
  const prefixes: Record<string, string> = { ...outer };
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "xmlns") prefixes[""] = decode(value);
    else if (key.startsWith("xmlns:")) prefixes[key.slice(6)] = decode(value);
  }
  const split = (name: string): [namespace: string | undefined, local: string] => {
    const colon = name.indexOf(":");
    return [prefixes[colon < 0 ? "" : name.slice(0, colon)], name.slice(colon + 1)];
  };
  const [namespace, name] = split(tag);
  if (namespace === undefined) throw new XmlError(`undeclared prefix in ${tag}`);
  const xsi = (wanted: string) => {
    const found = Object.entries(attributes).find(([key]) => {
      const [space, local] = split(key);
      return local === wanted && space === xsiNamespace;
    });
    return found ? decode(found[1]) : null;
  };
  const node: XmlNode = {
    name,
    namespace,
    xsiType: xsi("type")?.split(":").at(-1) ?? null,
    isNil: xsi("nil") === "true",
    children: [],
    text: "",
  };
  for (const part of raw[tag] as Ordered[]) {
    if ("#text" in part) node.text += decode(String(part["#text"]));
    else if ("#cdata" in part) node.text += cdataText(part["#cdata"] as Ordered[]);
    else node.children.push(toNode(part, prefixes, depth + 1));
  }
  return node;
}

const cdataText = (parts: readonly Ordered[]): string =>
  parts.map((part) => String(part["#text"] ?? "")).join("");

export const child = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((one) => one.name === name);
export const childrenOf = (node: XmlNode | undefined, name: string): XmlNode[] =>
  node?.children.filter((one) => one.name === name) ?? [];
export const textOf = (node: XmlNode | undefined, name: string): string | undefined =>
  child(node, name)?.text.trim();
export const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === "true";

/** What goes out: a tag, its text or children, and whether it is nil. */
export type Out = { tag: string; xsiType?: string; content: string | readonly Out[] | null };

export const out = (tag: string, content: Out["content"], xsiType?: string): Out =>
  xsiType === undefined ? { tag, content } : { tag, content, xsiType };

/** XML 1.0 has no control characters, not even as references: they are dropped. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export function render({ tag, xsiType, content }: Out): string {
  const type = xsiType === undefined ? "" : ` xsi:type="${escapeXml(xsiType)}"`;
  if (content === null) return `<${tag}${type} xsi:nil="true" />`;
  const inner = typeof content === "string" ? escapeXml(content) : content.map(render).join("");
  return inner === "" ? `<${tag}${type} />` : `<${tag}${type}>${inner}</${tag}>`;
}

/** The prefix is literally `soap:`: the vendor's own client libraries look the string up. */
export function envelope(
  action: string,
  requestId: string,
  endpoint: string,
  body: string,
): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${soapNamespace}" xmlns:xsi="${xsiNamespace}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"><soap:Header><wsa:Action>${escapeXml(action)}</wsa:Action><wsa:MessageID>urn:uuid:${requestId}</wsa:MessageID><wsa:RelatesTo>urn:uuid:${requestId}</wsa:RelatesTo><wsa:To>${escapeXml(endpoint)}</wsa:To></soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

export function fault(code: string, text: string, actor: string): string {
  return `<soap:Fault xmlns:q0="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><faultcode>${code}</faultcode><faultstring>${escapeXml(text)}</faultstring><faultactor>${escapeXml(actor)}</faultactor></soap:Fault>`;
}
