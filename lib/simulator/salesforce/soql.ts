import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";

export type Literal =
  | { kind: "value"; value: string | number | boolean | null }
  /** A moment or a day, in the spelling of the query. */
  | { kind: "date"; value: string }
  | { kind: "relative"; name: string; count: number };

export type Condition =
  | { kind: "and" | "or"; parts: Condition[] }
  | { kind: "not"; part: Condition }
  | {
      kind: "compare";
      field: string;
      operator: "=" | "!=" | "<" | ">" | "<=" | ">=" | "LIKE" | "IN" | "NOT IN";
      values: Literal[];
    };

export type SoqlQuery = {
  fields: string[];
  /** `COUNT()`: no rows, only their number. */
  isCount: boolean;
  from: string;
  where: Condition | null;
  orderBy: { field: string; isDescending: boolean; nullsLast: boolean }[];
  limit: number | null;
  offset: number;
};

type Token = { text: string; at: number; isString: boolean };

const pattern =
  /\s+|'((?:[^'\\]|\\.)*)'|(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*(?::\d+)?)|(<=|>=|!=|<>|[=<>(),])/gy;

function tokens(soql: string): Token[] {
  const found: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < soql.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(soql);
    if (!match) throw malformed(soql, at, `unexpected token: '${soql[at]}'`);
    if (match[1] !== undefined) {
      const text = match[1].replace(
        /\\(.)/g,
        (_, letter: string) => ({ n: "\n", t: "\t" })[letter] ?? letter,
      );
      found.push({ text, at, isString: true });
    } else if (match[0].trim()) found.push({ text: match[0], at, isString: false });
  }
  return found;
}

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

const reserved = /^(from|where|order|limit|offset|group|having|with|for|all|using)$/i;
const relativeDates =
  /^(TODAY|YESTERDAY|TOMORROW|THIS_WEEK|THIS_MONTH|THIS_YEAR|LAST_N_DAYS:\d+|NEXT_N_DAYS:\d+|LAST_MONTH|LAST_YEAR)$/i;

/**
 * The part of SOQL that clients of the simulator use; the rest is refused as malformed.
 *
 * @throws {RestRefusal} MALFORMED_QUERY
 */
export function parseSoql(soql: string): SoqlQuery {
  const list = tokens(soql);
  let next = 0;
  const peek = () => list[next];
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
  const isWord = (word: string) => {
    const token = peek();
    return (
      token !== undefined && !token.isString && token.text.toLowerCase() === word.toLowerCase()
    );
  };
  const accept = (word: string): boolean => {
    if (!isWord(word)) return false;
    next += 1;
    return true;
  };
  const expect = (word: string) => (accept(word) ? undefined : fail());
  const name = (): string => {
    const token = take();
    if (token.isString || !/^[A-Za-z_][\w.]*$/.test(token.text)) fail(token);
    return token.text;
  };
  const whole = (): number => {
    const token = take();
    if (!/^\d+$/.test(token.text)) fail(token);
    return Number(token.text);
  };
  const literal = (): Literal => {
    const token = take();
    if (token.isString) return { kind: "value", value: token.text };
    if (/^true$|^false$/i.test(token.text))
      return { kind: "value", value: /^true$/i.test(token.text) };
    if (/^null$/i.test(token.text)) return { kind: "value", value: null };
    if (/^\d{4}-/.test(token.text)) return { kind: "date", value: token.text };
    if (/^-?\d/.test(token.text)) return { kind: "value", value: Number(token.text) };
    if (!relativeDates.test(token.text)) fail(token);
    const [word = "", count = "0"] = token.text.split(":");
    return { kind: "relative", name: word.toUpperCase(), count: Number(count) };
  };
  const comparison = (): Condition => {
    const field = name();
    const isNot = accept("not");
    if (isNot || isWord("in")) {
      expect("in");
      expect("(");
      const values = [literal()];
      while (accept(",")) values.push(literal());
      expect(")");
      return { kind: "compare", field, operator: isNot ? "NOT IN" : "IN", values };
    }
    const token = take();
    const operator = token.text === "<>" ? "!=" : token.text.toUpperCase();
    if (token.isString || !/^(=|!=|<|>|<=|>=|LIKE)$/.test(operator)) fail(token);
    return { kind: "compare", field, operator: operator as "=", values: [literal()] };
  };
  const unary = (): Condition => {
    if (accept("not")) return { kind: "not", part: unary() };
    if (!accept("(")) return comparison();
    const inner = condition();
    expect(")");
    return inner;
  };
  const condition = (): Condition => {
    const parts = [unary()];
    const kind = isWord("or") ? "or" : "and";
    while (accept(kind)) parts.push(unary());
    // Salesforce wants brackets where AND and OR meet.
    if (isWord(kind === "or" ? "and" : "or")) fail();
    return parts.length === 1 ? (parts[0] as Condition) : { kind, parts };
  };

  expect("select");
  const fields: string[] = [];
  let isCount = false;
  do {
    const token = peek();
    if (token && reserved.test(token.text)) fail();
    const word = name();
    if (/^count$/i.test(word) && accept("(")) {
      expect(")");
      isCount = true;
    } else if (/^fields$/i.test(word) && accept("(")) {
      fields.push(`FIELDS(${name().toUpperCase()})`);
      expect(")");
    } else fields.push(word);
  } while (accept(","));
  expect("from");
  const from = name();
  if (peek() && !reserved.test(peek()?.text ?? "")) name();
  const where = accept("where") ? condition() : null;
  const orderBy: SoqlQuery["orderBy"] = [];
  if (accept("order")) {
    expect("by");
    do {
      const field = name();
      const isDescending = accept("desc");
      if (!isDescending) accept("asc");
      let nullsLast = false;
      if (accept("nulls")) {
        nullsLast = accept("last");
        if (!nullsLast) expect("first");
      }
      orderBy.push({ field, isDescending, nullsLast });
    } while (accept(","));
  }
  const limit = accept("limit") ? whole() : null;
  const offset = accept("offset") ? whole() : 0;
  if (accept("all")) expect("rows");
  if (peek() || (isCount && fields.length > 0)) fail();
  return { fields, isCount, from, where, orderBy, limit, offset };
}
