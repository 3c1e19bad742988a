import { compareValues, isLike } from "./rest-filter.ts";
import { StatusProblem } from "./soap-call.ts";
import type { SoapItem } from "./soap-item.ts";
import { child, childrenOf, textOf, type XmlNode } from "./soap-xml.ts";

export type SoapPredicate = (item: SoapItem) => boolean;
type Compare = (left: string, values: readonly string[]) => boolean;

const by =
  (test: (order: number) => boolean): Compare =>
  (left, [right = ""]) =>
    test(compareValues(left, right));

const operators: Readonly<Record<string, Compare>> = {
  equals: by((order) => order === 0),
  notequals: by((order) => order !== 0),
  greaterthan: by((order) => order > 0),
  lessthan: by((order) => order < 0),
  greaterthanorequal: by((order) => order >= 0),
  lessthanorequal: by((order) => order <= 0),
  between: (left, [low = "", high = ""]) =>
    compareValues(left, low) >= 0 && compareValues(left, high) <= 0,
  in: (left, values) => values.some((value) => compareValues(left, value) === 0),
  like: (left, [pattern = ""]) => isLike(left, pattern),
};

/**
 * Turns a `Filter` element into a predicate.
 *
 * @param properties - what may be filtered by; names are compared without regard to case
 * @throws {StatusProblem} unknown property, operator or shape
 */
export function toPredicate(filter: XmlNode, properties: readonly string[]): SoapPredicate {
  if (filter.xsiType === "ComplexFilterPart" || child(filter, "LogicalOperator")) {
    const [left, right] = [child(filter, "LeftOperand"), child(filter, "RightOperand")];
    if (!left || !right) throw new StatusProblem("The filter needs two operands.");
    const [first, second] = [toPredicate(left, properties), toPredicate(right, properties)];
    const word = textOf(filter, "LogicalOperator")?.toUpperCase();
    if (word === "AND") return (item) => first(item) && second(item);
    if (word === "OR") return (item) => first(item) || second(item);
    throw new StatusProblem("The LogicalOperator must be AND or OR.");
  }
  const wanted = textOf(filter, "Property") ?? "";
  const property = properties.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (property === undefined)
    throw new StatusProblem(`The Filter Property ${wanted} is not valid.`);
  const operator = textOf(filter, "SimpleOperator")?.toLowerCase() ?? "";
  if (operator === "isnull") return (item) => !item[property];
  if (operator === "isnotnull") return (item) => Boolean(item[property]);
  const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!compare) throw new StatusProblem("The SimpleOperator is not valid.");
  const values = [...childrenOf(filter, "Value"), ...childrenOf(filter, "DateValue")].map(
    ({ text }) => text.trim(),
  );
  if (values.length === 0) throw new StatusProblem("The filter needs a value.");
  return (item) => {
    const left = item[property];
    return left !== null && left !== undefined && compare(left, values);
  };
}
