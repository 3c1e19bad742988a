import type { FieldValue, Row } from "#lib/simulator/salesforce/objects.ts";
import { lookedForBy, partOfDate, type Scope } from "#lib/simulator/salesforce/query-fields.ts";
import { compareOne, likePattern } from "#lib/simulator/salesforce/query-filter.ts";
import type { Condition, Expression, Literal, SoqlQuery } from "#lib/simulator/salesforce/soql.ts";
import { malformed } from "#lib/simulator/salesforce/soql-tokens.ts";

/** Gives the value of an expression for what is judged: a row, or a group of rows. */
export type ReadOf<Subject> = (expression: Expression) => (subject: Subject) => FieldValue;

const numeric = /^(?:int|double|currency|percent)$/;

/** @throws {RestRefusal} INVALID_FIELD: quotes where none belong, or none where they do */
function requireFitting(scope: Scope, field: Expression, type: string, literal: Literal): void {
  const refuse = (message: string) => {
    throw malformed(scope.soql, field.at, message, "INVALID_FIELD");
  };
  const head = `value of filter criterion for field '${field.path}' must be of type ${type}`;
  const isMoment = type === "date" || type === "datetime";
  if (literal.kind !== "value") {
    if (!isMoment) refuse(head);
    return;
  }
  if (literal.value === null) return;
  const isText = typeof literal.value === "string";
  if (isText && (isMoment || numeric.test(type) || type === "boolean")) {
    refuse(`${head} and should not be enclosed in quotes`);
  }
  if (!isText && !numeric.test(type) && type !== "boolean") {
    refuse(isMoment ? head : `${head} and should be enclosed in quotes`);
  }
  if (!isText && (typeof literal.value === "boolean") !== (type === "boolean")) refuse(head);
}

export const readRow =
  (scope: Scope): ReadOf<Row> =>
  (expression) => {
    const { read } = lookedForBy(scope, expression, "filtered");
    const { fn } = expression;
    return fn === null ? read : (row) => partOfDate(fn, read(row));
  };

/**
 * A condition made ready: judged once against the object, then run over its rows.
 *
 * @param within - the values that an inner query gives
 * @throws {RestRefusal} INVALID_FIELD
 */
export function compile<Subject>(
  scope: Scope,
  condition: Condition,
  readOf: ReadOf<Subject>,
  within: (query: SoqlQuery) => ReadonlySet<FieldValue>,
): (subject: Subject) => boolean {
  if ("parts" in condition) {
    const parts = condition.parts.map((part) => compile(scope, part, readOf, within));
    return condition.kind === "and"
      ? (subject) => parts.every((part) => part(subject))
      : (subject) => parts.some((part) => part(subject));
  }
  if (condition.kind === "not") {
    const part = compile(scope, condition.part, readOf, within);
    return (subject) => !part(subject);
  }
  const { field } = condition;
  const read = readOf(field);
  if (condition.kind === "within") {
    const values = within(condition.query);
    return (subject) => {
      const value = read(subject);
      return value !== null && values.has(value) !== condition.isNot;
    };
  }
  const { operator, values } = condition;
  if (field.fn === null) {
    const { type } = lookedForBy(scope, field, "filtered").field;
    for (const literal of values) requireFitting(scope, field, type, literal);
  }
  const nowMs = scope.call.core.context.clock.nowMs();
  if (operator === "IN" || operator === "NOT IN") {
    const isIn = operator === "IN";
    return (subject) => {
      const value = read(subject);
      return values.some((literal) => compareOne(value, "=", literal, nowMs)) === isIn;
    };
  }
  const literal = values[0] as Literal;
  if (operator === "LIKE" && literal.kind === "value") {
    const pattern = likePattern(literal.raw);
    return (subject) => {
      const value = read(subject);
      return value !== null && pattern.test(String(value));
    };
  }
  return (subject) => compareOne(read(subject), operator, literal, nowMs);
}
