import {
  type Body,
  isObject,
  optionalList,
  optionalText,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import { compareValues, isLike } from "./rest-filter.ts";

export type AssetPredicate = (read: (property: string) => string | undefined) => boolean;
type Compare = (left: string, values: readonly string[]) => boolean;

const order =
  (test: (compared: number) => boolean): Compare =>
  (left, [right = ""]) =>
    test(compareValues(left, right));
const holds: Compare = (left, [right = ""]) => left.toLowerCase().includes(right.toLowerCase());

/** The operators of a content query, in lower case. */
const operators: Readonly<Record<string, Compare>> = {
  equal: order((compared) => compared === 0),
  notequal: order((compared) => compared !== 0),
  lessthan: order((compared) => compared < 0),
  greaterthan: order((compared) => compared > 0),
  like: (left, [pattern = ""]) => isLike(left, pattern),
  contains: holds,
  mustcontain: holds,
  startswith: (left, [right = ""]) => left.toLowerCase().startsWith(right.toLowerCase()),
  in: (left, values) => values.some((value) => compareValues(left, value) === 0),
};
const maxDepth = 20;

/**
 * Turns `query` of a content query into a predicate: one property, or two operands and AND or OR.
 *
 * @throws {RestProblem} 400 for what it does not know
 */
export function toAssetPredicate(query: Body, depth = 0): AssetPredicate {
  if (depth > maxDepth) throw refuse(400, 10005, "The query is nested too deeply.");
  const left = valueIn(query, "leftOperand");
  if (left !== undefined) {
    const right = valueIn(query, "rightOperand");
    if (!isObject(left) || !isObject(right)) {
      throw refuse(400, 10002, "leftOperand and rightOperand are required.");
    }
    const [first, second] = [toAssetPredicate(left, depth + 1), toAssetPredicate(right, depth + 1)];
    const word = requiredText(query, "logicalOperator").toUpperCase();
    if (word === "AND") return (read) => first(read) && second(read);
    if (word === "OR") return (read) => first(read) || second(read);
    throw refuse(400, 10005, "logicalOperator must be AND or OR.");
  }
  const property = requiredText(query, "property", 200);
  const operator = requiredText(query, "simpleOperator").toLowerCase();
  if (operator === "isnull") return (read) => read(property) === undefined;
  if (operator === "isnotnull") return (read) => read(property) !== undefined;
  const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!compare) throw refuse(400, 10005, `simpleOperator has no value ${operator}.`);
  const given = valueIn(query, "value");
  if (given === undefined || given === null) throw refuse(400, 10002, "value is required.");
  const values = [given].flat().map(String);
  return (read) => {
    const value = read(property);
    return value !== undefined && compare(value, values);
  };
}

/** `sort` of a content query as one order after the other. */
export function toAssetOrder(body: Body): { property: string; sign: 1 | -1 }[] {
  return (optionalList(body, "sort") ?? []).map((part) => {
    const direction = optionalText(part, "direction")?.toUpperCase() ?? "ASC";
    if (direction !== "ASC" && direction !== "DESC") {
      throw refuse(400, 10005, "direction must be ASC or DESC.");
    }
    return { property: requiredText(part, "property", 200), sign: direction === "ASC" ? 1 : -1 };
  });
}
