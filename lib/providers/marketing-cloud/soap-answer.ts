import { XMLParser } from "fast-xml-parser";

const options = {
  removeNSPrefix: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  // Nothing expands here: `decoded` reads the five names of XML and character references.
  processEntities: false,
  maxNestedTags: 24,
  isArray: (name: string) => name === "Results",
} as const;
const parser = new XMLParser(options);
/** Values of rows keep the spaces around them. */
const spaceKeeping = new XMLParser({ ...options, trimValues: false });

/**
 * A SOAP answer as plain objects, names without their prefixes; a stranger's, for the caller's schema. One
 * with a document type or an entity of its own is none.
 *
 * @param options.keepsSpace - texts as they are written; without it spaces around them are gone
 * @returns null where it is no XML
 */
export function parseSoap(body: string, { keepsSpace = false } = {}): unknown {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(body)) return null;
  try {
    return (keepsSpace ? spaceKeeping : parser).parse(body);
  } catch {
    return null;
  }
}

const named: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

/** The text of an element, with references decoded once; an unknown one stays as it is written. */
export function decoded(raw: string): string {
  return raw.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));/g, (whole, ...found) => {
    const [decimal, hex, name] = found as [string?, string?, string?];
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
    const point = Number.parseInt(decimal ?? hex ?? "", decimal === undefined ? 16 : 10);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
  });
}
