import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";

/** Whether a text holds what is looked for. */
export type Finds = (text: string) => boolean;

const refuse = (message: string): never => {
  throw new RestRefusal(400, "MALFORMED_SEARCH", message);
};

// Scripts that put no blanks between words.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const separators = /[^\p{L}\p{N}\p{M}*?]+/u;

const wordsOf = (text: string): string[] =>
  text.normalize("NFKC").toLowerCase().split(separators).filter(Boolean);

/** @throws {RestRefusal} MALFORMED_SEARCH: nothing, or a single character */
export function requireLongEnough(text: string): void {
  if (wordsOf(text).join("").replaceAll(/[*?]/g, "").length < 2) {
    refuse(`search term must be longer than one character: ${text}`);
  }
}

/** Words one after the other; `*` stands for the rest of a word, `?` for a letter. */
export function phrase(text: string): Finds {
  const wanted = wordsOf(text);
  if (unspaced.test(text)) {
    const plain = wanted.join(" ").replaceAll("*", "");
    return (candidate) => candidate.normalize("NFKC").toLowerCase().includes(plain);
  }
  const patterns = wanted.map(
    (word) => new RegExp(`^${word.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su"),
  );
  return (candidate) => {
    const words = wordsOf(candidate);
    return words.some((_, at) =>
      patterns.every((pattern, ahead) => pattern.test(words[at + ahead] ?? "\n")),
    );
  };
}

const piece = /\s+|"((?:[^"\\]|\\.)*)"|([()])|((?:[^\s"()\\]|\\.)+)/gsy;
const bare = /^(?:[^?&|!{}[\]^~:'+\\-]|\\.|(?<=.)[?'-])+$/su;

/**
 * The text between the braces of `FIND {…}`: words, "phrases", AND, OR, AND NOT, brackets.
 *
 * @throws {RestRefusal} MALFORMED_SEARCH
 */
export function parseFind(text: string): Finds {
  requireLongEnough(unescaped(text));
  const list: { text: string; isQuoted: boolean }[] = [];
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const match = piece.exec(text);
    if (!match) return refuse(`No search term found. The search term must be enclosed in braces.`);
    const [whole, quoted, bracket, word] = match;
    if (quoted !== undefined) list.push({ text: unescaped(quoted), isQuoted: true });
    else if (bracket) list.push({ text: bracket, isQuoted: false });
    else if (word) {
      if (!bare.test(word)) refuse(`line 1:0 unexpected character in search term: ${word}`);
      list.push({ text: unescaped(word), isQuoted: false });
    } else if (whole.trim()) refuse("unexpected search term");
  }
  let next = 0;
  const is = (word: string) => {
    const token = list[next];
    return token !== undefined && !token.isQuoted && token.text.toUpperCase() === word;
  };
  const one = (): Finds => {
    const token = list[next];
    if (!token || is(")") || is("AND") || is("OR")) return refuse("unexpected end of search term");
    next += 1;
    if (token.isQuoted || token.text !== "(") return phrase(token.text);
    const inner = any();
    if (!is(")")) refuse("missing closing bracket in search term");
    next += 1;
    return inner;
  };
  const every = (): Finds => {
    let found = one();
    while (next < list.length && !is("OR") && !is(")")) {
      if (is("AND")) next += 1;
      const isNot = is("NOT");
      if (isNot) next += 1;
      const [before, more] = [found, one()];
      found = (candidate) => before(candidate) && more(candidate) !== isNot;
    }
    return found;
  };
  const any = (): Finds => {
    let found = every();
    while (is("OR")) {
      next += 1;
      const [before, more] = [found, every()];
      found = (candidate) => before(candidate) || more(candidate);
    }
    return found;
  };
  const found = any();
  if (next < list.length) refuse(`unexpected token in search term: ${list[next]?.text}`);
  return found;
}

const unescaped = (text: string) => text.replaceAll(/\\(.)/gs, "$1");
