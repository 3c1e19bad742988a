import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import type { FieldValue, Row } from "#lib/simulator/salesforce/objects.ts";
import {
  lookedForBy,
  partOfDate,
  pathOf,
  type Scope,
} from "#lib/simulator/salesforce/query-fields.ts";
import { compile, type ReadOf } from "#lib/simulator/salesforce/query-where.ts";
import { aggregates, type Expression, type SoqlQuery } from "#lib/simulator/salesforce/soql.ts";
import { malformed } from "#lib/simulator/salesforce/soql-tokens.ts";

const mostGroups = 2000;

export const isGrouped = (query: SoqlQuery): boolean =>
  query.groupBy.length > 0 ||
  query.selected.some(({ kind, ...rest }) => {
    const fn = kind === "field" && "field" in rest ? rest.field.fn : null;
    return fn !== null && aggregates.has(fn);
  });

function aggregate(fn: string, values: readonly FieldValue[]): FieldValue {
  const known = values.filter((value) => value !== null);
  if (fn === "COUNT") return known.length;
  if (fn === "COUNT_DISTINCT") return new Set(known).size;
  if (known.length === 0) return null;
  const numbers = known as number[];
  if (fn === "MIN" || fn === "MAX") {
    return known.reduce((best, value) => (value < best === (fn === "MIN") ? value : best));
  }
  const sum = numbers.reduce((total, value) => total + value, 0);
  return fn === "SUM" ? sum : sum / numbers.length;
}

const textOf = ({ fn, path }: Expression) => `${fn ?? ""}(${path})`.toLowerCase();

/**
 * `GROUP BY`, with or without: a row for each group.
 *
 * @throws {RestRefusal} MALFORMED_QUERY: a field that is neither grouped nor aggregated
 */
export function groupedRows(
  scope: Scope,
  query: SoqlQuery,
  rows: readonly Row[],
  order: <Subject>(list: Subject[], readOf: ReadOf<Subject>) => Subject[],
): Record<string, unknown>[] {
  const keys = query.groupBy.map((expression) => {
    const { read } = lookedForBy(scope, expression, "grouped");
    const { fn } = expression;
    return fn === null ? read : (row: Row) => partOfDate(fn, read(row));
  });
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((read) => read(row)));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  // Without GROUP BY all rows are one group, were there none.
  if (keys.length === 0 && groups.size === 0) groups.set("[]", []);

  const grouped = new Map(query.groupBy.map((expression, at) => [textOf(expression), at]));
  const aliases = new Map(
    query.selected.flatMap((one) =>
      one.kind === "field" && one.alias ? [[one.alias.toLowerCase(), one.field] as const] : [],
    ),
  );
  const readOf: ReadOf<Row[]> = (given) => {
    const expression = (given.fn === null && aliases.get(given.path.toLowerCase())) || given;
    const { fn } = expression;
    if (fn !== null && aggregates.has(fn)) {
      if (expression.path === "") return (group) => group.length;
      const { read } = pathOf(scope, expression);
      return (group) => aggregate(fn, group.map(read));
    }
    pathOf(scope, expression);
    const at = grouped.get(textOf(expression));
    if (at === undefined) {
      throw malformed(
        scope.soql,
        expression.at,
        `Field must be grouped or aggregated: ${expression.path}`,
      );
    }
    return (group) => (group[0] ? (keys[at] as (row: Row) => FieldValue)(group[0]) : null);
  };

  let unnamed = 0;
  const columns = query.selected.map((one) => {
    if (one.kind === "children") {
      throw malformed(scope.soql, 0, "Grouped query cannot use child relationships");
    }
    const { field, alias } = one;
    const own = field.fn === null ? pathOf(scope, field).canonical.at(-1) : null;
    return { name: alias ?? own ?? `expr${unnamed++}`, read: readOf(field) };
  });
  const { having } = query;
  const noInner = () => {
    throw malformed(scope.soql, 0, "Nested queries are not supported in HAVING");
  };
  const isKept = having === null ? () => true : compile(scope, having, readOf, noInner);
  const kept = order([...groups.values()].filter(isKept), readOf).slice(
    query.offset,
    query.offset + (query.limit ?? Number.POSITIVE_INFINITY),
  );
  if (kept.length > mostGroups) {
    throw new RestRefusal(
      400,
      "EXCEEDED_ID_LIMIT",
      "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
    );
  }
  return kept.map((group) => ({
    attributes: { type: "AggregateResult" },
    ...Object.fromEntries(columns.map(({ name, read }) => [name, read(group)])),
  }));
}
