/** An element that is written: its text, or what stands inside it. */
export type Xml = {
  readonly name: string;
  /** `xsi:type` */
  readonly type?: string;
  readonly content: string | readonly Xml[];
};

export const el = (name: string, content: Xml["content"], type?: string): Xml =>
  type === undefined ? { name, content } : { name, content, type };

/** What XML 1.0 has no way to write, not even by reference. */
const unwritable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export const isWritable = (text: string): boolean => !unwritable.test(text);

const references: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  // Readers turn these into spaces, or into one line end, unless they come as references.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** @throws {TypeError} a character that XML cannot carry; callers ask `isWritable` of what is not theirs */
function escapedXml(text: string): string {
  if (!isWritable(text)) throw new TypeError("this text cannot stand in XML");
  return text.replaceAll(/[<>&"\t\n\r]/g, (sign) => references[sign] ?? "");
}

export function renderXml({ name, type, content }: Xml): string {
  const start = type === undefined ? name : `${name} xsi:type="${escapedXml(type)}"`;
  const inner = typeof content === "string" ? escapedXml(content) : content.map(renderXml).join("");
  return `<${start}>${inner}</${name}>`;
}
