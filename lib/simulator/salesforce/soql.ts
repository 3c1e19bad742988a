import { createReader, malformed, type Reader } from "#lib/simulator/salesforce/soql-tokens.ts";

export type Literal =
  /** `raw` of a text keeps its escapes, which LIKE reads in its own way. */
  | { kind: "value"; value: string | number | boolean | null; raw: string }
  /** A moment or a day, in the spelling of the query. */
  | { kind: "date"; value: string }
  | { kind: "relative"; name: string; count: number };

/** A field, or a function of one: `Amount`, `Account.Name`, `SUM(Amount)`, `COUNT()`. */
export type Expression = { fn: string | null; path: string; at: number };

export type Operator = "=" | "!=" | "<" | ">" | "<=" | ">=" | "LIKE" | "IN" | "NOT IN";
export type Condition =
  | { kind: "and" | "or"; parts: Condition[] }
  | { kind: "not"; part: Condition }
  | { kind: "compare"; field: Expression; operator: Operator; values: Literal[] }
  | { kind: "within"; field: Expression; isNot: boolean; query: SoqlQuery };

export type Selected =
  | { kind: "field"; field: Expression; alias: string | null }
  | { kind: "children"; query: SoqlQuery };

export type OrderBy = { field: Expression; isDescending: boolean; nullsLast: boolean };

export type SoqlQuery = {
  selected: Selected[];
  /** `COUNT()`: no rows, only their number. */
  isCount: boolean;
  from: string;
  fromAt: number;
  alias: string | null;
  where: Condition | null;
  groupBy: Expression[];
  having: Condition | null;
  orderBy: OrderBy[];
  limit: number | null;
  offset: number;
  /** `ALL ROWS`: the deleted ones too. */
  isAllRows: boolean;
};

export const aggregates: ReadonlySet<string> = new Set([
  "COUNT",
  "COUNT_DISTINCT",
  "SUM",
  "AVG",
  "MIN",
  "MAX",
]);
const dateParts: ReadonlySet<string> = new Set([
  "CALENDAR_YEAR",
  "CALENDAR_QUARTER",
  "CALENDAR_MONTH",
  "DAY_IN_MONTH",
  "DAY_ONLY",
]);
const reserved =
  /^(select|from|where|order|limit|offset|group|having|with|for|all|using|and|or|not|in|like|asc|desc|nulls)$/i;
const relativeDates =
  /^(?:TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR)|(?:LAST|NEXT)_90_DAYS|(?:LAST|NEXT)_N_(?:DAYS|WEEKS|MONTHS|YEARS):\d+)$/i;
const longestSoql = 100_000;
const largestOffset = 2000;

/**
 * SOQL as far as clients use it; the rest is refused as malformed.
 *
 * @throws {RestRefusal} MALFORMED_QUERY, NUMBER_OUTSIDE_VALID_RANGE
 */
export function parseSoql(soql: string): SoqlQuery {
  if (soql.length > longestSoql) {
    throw malformed(soql.slice(0, 80), 0, "SOQL statement is too long", "QUERY_TOO_COMPLICATED");
  }
  const reader = createReader(soql);
  const query = readQuery(reader, 0);
  if (reader.peek()) reader.fail();
  if (query.offset > largestOffset) {
    throw malformed(
      soql,
      0,
      `Maximum SOQL offset allowed is ${largestOffset}`,
      "NUMBER_OUTSIDE_VALID_RANGE",
    );
  }
  return query;
}

/** The condition, order and limit that a search takes behind the fields of an object. */
export function readTail(
  reader: Reader,
): Pick<SoqlQuery, "where" | "orderBy" | "limit" | "offset"> {
  return {
    where: reader.accept("where") ? condition(reader, 0) : null,
    orderBy: orderBy(reader),
    limit: reader.accept("limit") ? reader.whole() : null,
    offset: reader.accept("offset") ? reader.whole() : 0,
  };
}

function readQuery(reader: Reader, depth: number): SoqlQuery {
  const { accept, expect, fail, isWord, name, peek, whole } = reader;
  expect("select");
  const selected: Selected[] = [];
  do {
    const token = peek();
    if (token && !token.isString && reserved.test(token.text)) fail();
    if (isWord("(") && depth === 0) {
      expect("(");
      selected.push({ kind: "children", query: readQuery(reader, depth + 1) });
      expect(")");
      continue;
    }
    const field = expression(reader);
    const after = peek();
    const hasAlias = after && !after.isString && /^[A-Za-z]\w*$/.test(after.text);
    const alias = hasAlias && !reserved.test(after.text) ? name().text : null;
    selected.push({ kind: "field", field, alias });
  } while (accept(","));
  expect("from");
  const { text: from, at: fromAt } = name();
  accept("as");
  const word = peek();
  const alias = word && !word.isString && /^[A-Za-z]/.test(word.text) && !reserved.test(word.text);
  const aliasName = alias ? name().text : null;
  if (accept("using")) {
    expect("scope");
    name();
  }
  const where = accept("where") ? condition(reader, depth) : null;
  while (accept("with")) if (!accept("security_enforced") && !accept("user_mode")) fail();
  const groupBy: Expression[] = [];
  if (accept("group")) {
    expect("by");
    do groupBy.push(expression(reader));
    while (accept(","));
  }
  const having = accept("having") ? condition(reader, depth) : null;
  const order = orderBy(reader);
  const limit = accept("limit") ? whole() : null;
  const offset = accept("offset") ? whole() : 0;
  while (accept("for")) {
    if (!accept("view") && !accept("reference") && !accept("update")) fail();
  }
  const isAllRows = accept("all");
  if (isAllRows) expect("rows");
  const [only] = selected;
  const isCount =
    only?.kind === "field" &&
    only.field.fn === "COUNT" &&
    only.field.path === "" &&
    !groupBy.length;
  if (isCount && selected.length > 1) fail();
  return {
    selected,
    isCount,
    from,
    fromAt,
    alias: aliasName,
    where,
    groupBy,
    having,
    orderBy: order,
    limit,
    offset,
    isAllRows,
  };
}

function expression(reader: Reader): Expression {
  const { text, at } = reader.name();
  if (!reader.accept("(")) return { fn: null, path: text, at };
  const fn = text.toUpperCase();
  const isKnown = aggregates.has(fn) || dateParts.has(fn) || fn === "FIELDS" || fn === "TOLABEL";
  if (!isKnown) reader.fail();
  const path = fn === "COUNT" && reader.isWord(")") ? "" : reader.name().text;
  reader.expect(")");
  return { fn: fn === "TOLABEL" ? null : fn, path, at };
}

function orderBy(reader: Reader): OrderBy[] {
  const list: OrderBy[] = [];
  if (!reader.accept("order")) return list;
  reader.expect("by");
  do {
    const field = expression(reader);
    const isDescending = reader.accept("desc");
    if (!isDescending) reader.accept("asc");
    let nullsLast = false;
    if (reader.accept("nulls")) {
      nullsLast = reader.accept("last");
      if (!nullsLast) reader.expect("first");
    }
    list.push({ field, isDescending, nullsLast });
  } while (reader.accept(","));
  return list;
}

function literal(reader: Reader): Literal {
  const token = reader.take();
  const { text, raw } = token;
  if (token.isString) return { kind: "value", value: text, raw };
  if (/^(?:true|false)$/i.test(text)) return { kind: "value", value: /^true$/i.test(text), raw };
  if (/^null$/i.test(text)) return { kind: "value", value: null, raw };
  if (/^\d{4}-/.test(text)) return { kind: "date", value: text };
  if (/^-?\d/.test(text)) return { kind: "value", value: Number(text), raw };
  if (!relativeDates.test(text)) reader.fail(token);
  const [word = "", count = "0"] = text.split(":");
  return { kind: "relative", name: word.toUpperCase(), count: Number(count) };
}

function comparison(reader: Reader, depth: number): Condition {
  const field = expression(reader);
  const isNot = reader.accept("not");
  if (isNot || reader.isWord("in")) {
    reader.expect("in");
    reader.expect("(");
    if (reader.isWord("select")) {
      const query = readQuery(reader, depth + 1);
      reader.expect(")");
      return { kind: "within", field, isNot, query };
    }
    const values = [literal(reader)];
    while (reader.accept(",")) values.push(literal(reader));
    reader.expect(")");
    return { kind: "compare", field, operator: isNot ? "NOT IN" : "IN", values };
  }
  const token = reader.take();
  const operator = token.text === "<>" ? "!=" : token.text.toUpperCase();
  if (token.isString || !/^(?:=|!=|<|>|<=|>=|LIKE)$/.test(operator)) reader.fail(token);
  return { kind: "compare", field, operator: operator as Operator, values: [literal(reader)] };
}

function unary(reader: Reader, depth: number): Condition {
  if (reader.accept("not")) return { kind: "not", part: unary(reader, depth) };
  if (!reader.accept("(")) return comparison(reader, depth);
  const inner = condition(reader, depth);
  reader.expect(")");
  return inner;
}

function condition(reader: Reader, depth: number): Condition {
  const parts = [unary(reader, depth)];
  const kind = reader.isWord("or") ? "or" : "and";
  while (reader.accept(kind)) parts.push(unary(reader, depth));
  // Salesforce wants brackets where AND and OR meet.
  if (reader.isWord(kind === "or" ? "and" : "or")) reader.fail();
  return parts.length === 1 ? (parts[0] as Condition) : { kind, parts };
}
