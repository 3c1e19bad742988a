/** No input of ours is nested nearly as deeply; whoever walks one does so by calling itself. */
const MAX_DEPTH = 128;
/** More values than any body of ours holds; a parser takes seconds for millions of them. */
const MAX_VALUES = 250_000;

const code = (sign: string) => sign.charCodeAt(0);
const [QUOTE, ESCAPE, COMMA] = [code('"'), code("\\"), code(",")];
const [OPEN_LIST, CLOSE_LIST] = [code("["), code("]")];
const [OPEN, CLOSE] = [code("{"), code("}")];

/**
 * Is this JSON shallow and small enough to be parsed and walked? Looks at its signs alone, before any value is
 * made of it, so that what is refused costs next to nothing (WEB-10). What is no JSON is not found out here.
 */
export function isModestJson(text: string): boolean {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfText(text, at);
    else if (sign === COMMA) values += 1;
    else if (sign === OPEN || sign === OPEN_LIST) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH) return false;
    } else if (sign === CLOSE || sign === CLOSE_LIST) depth -= 1;
    if (values > MAX_VALUES) return false;
  }
  return true;
}

/** Where a text ends that begins here; the end of all where it does not. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let signs = 0;
  while (text.charCodeAt(at - 1 - signs) === ESCAPE) signs += 1;
  return signs % 2 === 1;
}
