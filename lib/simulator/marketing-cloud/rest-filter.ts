import { clockMs } from "./cell-values.ts";

/** `$filter` of the REST routes: `Name eq 'x' and (Total gt 5 or …)`. */
export type Predicate = (read: (field: string) => string | undefined) => boolean;

export class FilterError extends Error {}

const maxTokens = 200;

function tokenize(text: string): string[] {
  const form = /'(?:[^']|'')*'|[()]|[^\s()']+/g;
  const tokens = text.match(form) ?? [];
  if (text.replaceAll(form, "").trim() !== "") throw new FilterError("A quote is not closed.");
  if (tokens.length > maxTokens) throw new FilterError("The filter is too long.");
  return tokens;
}

const isNumber = (value: string) => /^-?\d+(\.\d+)?$/.test(value);

/** Numbers as numbers, dates as times, all else as text without regard to case. */
export function compareValues(left: string, right: string): number {
  if (isNumber(left) && isNumber(right)) return Number(left) - Number(right);
  const [leftMs, rightMs] = [clockMs(left), clockMs(right)];
  if (leftMs !== undefined && rightMs !== undefined) return leftMs - rightMs;
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `%` stands for anything; without it the text may be anywhere. */
export function isLike(value: string, pattern: string): boolean {
  const parts = (pattern.includes("%") ? pattern : `%${pattern}%`).toLowerCase().split("%");
  let rest = value.toLowerCase();
  const first = parts.shift() ?? "";
  const last = parts.pop() ?? "";
  if (!rest.startsWith(first)) return false;
  rest = rest.slice(first.length);
  for (const part of parts) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return rest.endsWith(last);
}

const operators: Record<string, (left: string, right: string) => boolean> = {
  eq: (left, right) => compareValues(left, right) === 0,
  neq: (left, right) => compareValues(left, right) !== 0,
  lt: (left, right) => compareValues(left, right) < 0,
  lte: (left, right) => compareValues(left, right) <= 0,
  gt: (left, right) => compareValues(left, right) > 0,
  gte: (left, right) => compareValues(left, right) >= 0,
  like: isLike,
};

/** The fields that a filter names, as they are written. @throws {FilterError} */
export function fieldsIn(text: string): string[] {
  const named: string[] = [];
  if (text !== "") parseFilter(text, (field) => named.push(field));
  return named;
}

/**
 * @param note - told of every field that is named
 * @throws {FilterError}
 */
export function parseFilter(
  text: string,
  note: (field: string) => void = () => undefined,
): Predicate {
  const tokens = tokenize(text);
  let at = 0;
  const take = () => {
    const token = tokens[at++];
    if (token === undefined) throw new FilterError("The filter ends too early.");
    return token;
  };
  const isNext = (word: string) => tokens[at]?.toLowerCase() === word;

  const single = (): Predicate => {
    if (isNext("(")) {
      at++;
      const inner = either();
      if (take() !== ")") throw new FilterError("A bracket is not closed.");
      return inner;
    }
    const field = take();
    note(field);
    const name = take().toLowerCase();
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (!operator) throw new FilterError("The filter has an unknown operator.");
    const raw = take();
    const value = raw.startsWith("'") ? raw.slice(1, -1).replaceAll("''", "'") : raw;
    return (read) => {
      const left = read(field);
      return left !== undefined && operator(left, value);
    };
  };
  const both = (): Predicate => {
    let left = single();
    while (isNext("and")) {
      at++;
      const [first, second] = [left, single()];
      left = (read) => first(read) && second(read);
    }
    return left;
  };
  const either = (): Predicate => {
    let left = both();
    while (isNext("or")) {
      at++;
      const [first, second] = [left, both()];
      left = (read) => first(read) || second(read);
    }
    return left;
  };
  const predicate = either();
  if (at < tokens.length) throw new FilterError("The filter has something left over.");
  return predicate;
}
