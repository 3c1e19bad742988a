/** Longest path and query that are taken; Salesforce itself stops at about 16 kB for both. */
const maxPathLength = 4_096;
const maxQueryLength = 16_000;

/** Names that say what a call does or as whom: given twice, it would depend on who reads them. */
const steeringNames: ReadonlySet<string> = new Set([
  "_httpmethod",
  "q",
  "query",
  "explain",
  "ids",
  "type",
  "action",
  "format",
  "allornone",
  "updatetracking",
  "updateviewstat",
  "cloneid",
  "versionnumber",
  "allversions",
  "view",
]);

/** A token in an address is written into logs on both sides; ours would be the agent's own key. */
const tokenNames: ReadonlySet<string> = new Set([
  "access_token",
  "oauth_token",
  "sid",
  "session_id",
  "sessionid",
  "un",
  "pw",
]);

export type TargetRefusal =
  | "too_long"
  | "not_a_path"
  | "bad_encoding"
  | "dot_segment"
  | "hidden_delimiter"
  | "bad_character"
  | "repeated_parameter"
  | "token_in_address";

export type CallTarget =
  | { kind: "taken"; path: string; query: string }
  | { kind: "refused"; reason: TargetRefusal };

/**
 * The one normalisation of a provider's path and query (BRK-4). Doubled slashes become one, letter case
 * and one trailing slash stay, escapes are upper case. Whatever two servers could read differently is
 * refused, not repaired: dot segments, encoded slashes, backslashes, percents, query and fragment signs,
 * controls, path parameters, letters in disguise, characters outside ASCII unless they are encoded
 * letters, marks or digits. Normalising the result again gives the same.
 *
 * @param rawPath - behind the mount, as it came over the wire; empty means `/`
 * @param rawQuery - behind the `?`, as it came; goes on unchanged
 */
export function normalizeTarget(rawPath: string, rawQuery: string): CallTarget {
  if (rawPath.length > maxPathLength || rawQuery.length > maxQueryLength)
    return refused("too_long");
  const path = normalizePath(rawPath);
  if (path.kind === "refused") return path;
  const flaw = flawOfQuery(rawQuery);
  return flaw ? refused(flaw) : { kind: "taken", path: path.path, query: rawQuery };
}

const refused = (reason: TargetRefusal) => ({ kind: "refused", reason }) as const;

const escapes = /%[0-9A-Fa-f]{2}/g;
// RFC 3986 pchar without `;`, and the slash.
const pathCharacters = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
const badEscape = /%(?![0-9A-Fa-f]{2})/;

function normalizePath(raw: string): ReturnType<typeof refused> | { kind: "taken"; path: string } {
  if (raw === "") return { kind: "taken", path: "/" };
  if (!raw.startsWith("/")) return refused("not_a_path");
  if (badEscape.test(raw)) return refused("bad_encoding");
  if (raw.includes(";") || raw.includes("\\")) return refused("hidden_delimiter");
  if (!pathCharacters.test(raw)) return refused("bad_character");
  if (raw.includes("%")) {
    const flaw = flawOfEscapes(raw);
    if (flaw) return refused(flaw);
  }
  const path = raw
    .replaceAll(/\/{2,}/g, "/")
    .replaceAll(escapes, (written) => written.toUpperCase());
  if (/\/\.+(?:\/|$)/.test(path)) return refused("dot_segment");
  return { kind: "taken", path };
}

const isLetterMarkOrDigit = /^[\p{L}\p{M}\p{N}]$/u;

/** Of a path whose escapes are well formed. */
function flawOfEscapes(path: string): TargetRefusal | null {
  for (const [written] of path.matchAll(escapes)) {
    const byte = Number.parseInt(written.slice(1), 16);
    if (byte < 0x20 || byte === 0x7f) return "bad_character";
    const character = byte < 0x80 ? String.fromCharCode(byte) : "";
    if (character === ".") return "dot_segment";
    if (character !== "" && "/\\%?#;".includes(character)) return "hidden_delimiter";
    // A letter that need not be written so hides from whoever compares.
    if (/[A-Za-z0-9\-_]/.test(character)) return "bad_encoding";
  }
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return "bad_encoding";
  }
  for (const character of decoded) {
    if ((character.codePointAt(0) ?? 0) < 0x80) continue;
    if (!isLetterMarkOrDigit.test(character)) return "bad_character";
  }
  // Wide, circled or composed twins of other letters would be told apart here and not there.
  return decoded.normalize("NFKC") === decoded ? null : "bad_character";
}

// What WHATWG URL and the HTTP clients leave in a query; `;` parts it for some servers.
const queryCharacters = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/?[\]{}|^`]|%[0-9A-Fa-f]{2})*$/;

function flawOfQuery(raw: string): TargetRefusal | null {
  if (raw === "") return null;
  if (badEscape.test(raw)) return "bad_encoding";
  if (raw.includes(";")) return "hidden_delimiter";
  if (!queryCharacters.test(raw)) return "bad_character";
  const seen = new Set<string>();
  for (const pair of raw.split("&")) {
    const decoded = decodedPair(pair);
    if (!decoded) return "bad_encoding";
    // Tabs and line ends occur in queries that people wrote over several lines.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(decoded.name + decoded.value)) {
      return "bad_character";
    }
    const name = decoded.name.trim().toLowerCase();
    if (/[^\x21-\x7e]/.test(name)) return "bad_character";
    if (tokenNames.has(name)) return "token_in_address";
    if (steeringNames.has(name) && seen.has(name)) return "repeated_parameter";
    seen.add(name);
  }
  return null;
}

function decodedPair(pair: string): { name: string; value: string } | null {
  const at = pair.indexOf("=");
  const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  try {
    return { name: decodedOnce(name), value: decodedOnce(value) };
  } catch {
    return null;
  }
}

const decodedOnce = (text: string) =>
  text.includes("%") || text.includes("+") ? decodeURIComponent(text.replaceAll("+", " ")) : text;

/** Parameters of a screened query, decoded once: names in lower case, the first of a name. */
export function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  if (query === "") return parameters;
  for (const pair of query.split("&")) {
    const decoded = decodedPair(pair);
    if (!decoded) continue;
    const name = decoded.name.trim().toLowerCase();
    if (!parameters.has(name)) parameters.set(name, decoded.value);
  }
  return parameters;
}
