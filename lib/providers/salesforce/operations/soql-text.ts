const named: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
  "'": "\\'",
  '"': '\\"',
  "\\": "\\\\",
};

/**
 * A text as a SOQL literal, quotes and all. Whatever the text holds, nothing of it is read as query.
 *
 * @see SOQL and SOSL Reference, "Quoted String Escape Sequences"
 */
export const soqlText = (text: string): string =>
  `'${text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written as escapes
    /['"\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (sign) => named[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )}'`;

const day = /^\d{4}-\d\d-\d\d$/;
const plainNumber = /^-?\d{1,18}(?:\.\d{1,18})?$/;
const texts: ReadonlySet<string> = new Set([
  "string",
  "email",
  "phone",
  "url",
  "picklist",
  "combobox",
  "id",
  "reference",
  "textarea",
]);
const numbers: ReadonlySet<string> = new Set(["int", "long", "double", "currency", "percent"]);

/**
 * A value as a literal of the field's type; null where SOQL has none for it, or where it could be read as
 * something else than a value.
 */
export function soqlLiteral(type: string, value: string | number | boolean): string | null {
  if (texts.has(type)) return soqlText(String(value).trim());
  if (numbers.has(type)) return plainNumber.test(String(value)) ? String(value) : null;
  if (type === "boolean") return typeof value === "boolean" ? String(value) : null;
  if (type === "date") return day.test(String(value)) ? String(value) : null;
  if (type !== "datetime") return null;
  const at = typeof value === "string" ? Date.parse(value.replace(/\+0000$/, "Z")) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

// What a search reads as its own signs.
const searchSigns = /[?&|!{}[\]()^~:\\"'+-]/g;

/**
 * Words for the braces of `FIND {…}`: signs escaped, operators quoted, so that all of them are looked for;
 * a `*` stays a wildcard. What holds neither letter nor digit cannot be found and is left out.
 */
export const searchWords = (text: string): string =>
  text
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .map((word) =>
      /^(?:and|or|not)$/i.test(word) ? `"${word}"` : word.replaceAll(searchSigns, "\\$&"),
    )
    .join(" ");

/**
 * Whether enough is left to look for: two letters or digits. They are counted as a search takes them: what
 * is written as several signs and read as one, as Korean syllables can be, counts once.
 */
export const isSearchable = (text: string): boolean =>
  /[\p{L}\p{N}].*[\p{L}\p{N}]/su.test(searchWords(text).normalize("NFKC"));
