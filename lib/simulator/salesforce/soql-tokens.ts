import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";

/** `raw` of a string is the text between its quotes as it was written. */
export type Token = { text: string; raw: string; at: number; isString: boolean };

const pattern =
  /\s+|'((?:[^'\\]|\\.)*)'|(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*(?::\d+)?)|(<=|>=|!=|<>|[=<>(),])/gsy;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  "'": "'",
  '"': '"',
  "\\": "\\",
  // Of use to LIKE only, where they stand for themselves.
  "%": "%",
  _: "_",
};

/** @throws {RestRefusal} MALFORMED_QUERY: no token, or an escape that is none */
export function tokensOf(soql: string): Token[] {
  const found: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < soql.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(soql);
    if (!match) throw malformed(soql, at, `unexpected token: '${soql[at]}'`);
    const raw = match[1];
    if (raw !== undefined) {
      found.push({ text: unescapeText(soql, at, raw), raw, at, isString: true });
    } else if (match[0].trim()) {
      found.push({ text: match[0], raw: match[0], at, isString: false });
    }
  }
  return found;
}

const unescapeText = (soql: string, at: number, raw: string): string =>
  raw.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, hex: string | undefined, letter: string) => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    const plain = escapes[/[nrtbf]/i.test(letter) ? letter.toLowerCase() : letter];
    if (plain === undefined) {
      throw malformed(soql, at, `Illegal escape sequence '\\${letter}' in string '${raw}'`);
    }
    return plain;
  });

/** The query, a caret below the place, and where that is: as Salesforce words it. */
export function malformed(
  soql: string,
  at: number,
  message: string,
  code = "MALFORMED_QUERY",
): RestRefusal {
  const line = soql.replaceAll(/\s/g, " ");
  const from = Math.max(0, at - 40);
  const caret = `${" ".repeat(at - from)}^`;
  return new RestRefusal(
    400,
    code,
    `\n${line.slice(from, at + 40)}\n${caret}\nERROR at Row:1:Column:${at + 1}\n${message}`,
  );
}

/** Reads tokens one after the other; every refusal names the place. */
export function createReader(soql: string) {
  const list = tokensOf(soql);
  let next = 0;
  const peek = (ahead = 0): Token | undefined => list[next + ahead];
  const fail = (token: Token | undefined = peek()): never => {
    throw malformed(
      soql,
      token?.at ?? soql.length,
      token ? `unexpected token: '${token.text}'` : "unexpected end of query",
    );
  };
  const take = (): Token => {
    const token = peek();
    if (!token) return fail();
    next += 1;
    return token;
  };
  const isWord = (word: string, ahead = 0): boolean => {
    const token = peek(ahead);
    return token !== undefined && !token.isString && token.text.toLowerCase() === word;
  };
  const accept = (word: string): boolean => {
    if (!isWord(word)) return false;
    next += 1;
    return true;
  };
  return {
    peek,
    take,
    fail,
    isWord,
    accept,
    expect: (word: string): void => {
      if (!accept(word)) fail();
    },
    /** A name, with dots between its parts. */
    name: (): Token => {
      const token = take();
      return token.isString || !/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(token.text)
        ? fail(token)
        : token;
    },
    whole: (): number => {
      const token = take();
      return token.isString || !/^\d+$/.test(token.text) ? fail(token) : Number(token.text);
    },
  };
}

export type Reader = ReturnType<typeof createReader>;
