import { isModestJson } from "#lib/core/json-depth.ts";

const maxDepth = 64;

/**
 * Parses JSON that another program will read too: what two parsers could understand differently is
 * refused. That is a name given twice in one object, also where only letter case or escapes differ, and
 * nesting deeper than 64; and more values than are taken apart at once (WEB-10).
 *
 * @returns `undefined` where it is refused or no JSON
 */
export function parseStrictJson(text: string): unknown {
  if (!isModestJson(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return hasOneMeaning(text) ? value : undefined;
}

/** Walks text that is known to be JSON. */
function hasOneMeaning(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let at = 0;
  let name: string | null = null;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      name = text.slice(at, end);
      at = end;
      continue;
    }
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : null);
      if (open.length > maxDepth) return false;
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === ":") {
      const names = open.at(-1);
      const key = name === null ? "" : String(JSON.parse(name)).toLowerCase();
      if (!names || names.has(key)) return false;
      names.add(key);
    }
    at += 1;
  }
  return true;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}
