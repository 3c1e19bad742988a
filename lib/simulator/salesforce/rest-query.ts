import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  childrenOf,
  type FieldValue,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import {
  fieldsOf,
  isVisibleObject,
  lookedForBy,
  type Path,
  partOfDate,
  pathOf,
  recordUrl,
  type Scope,
  visibleObject,
} from "#lib/simulator/salesforce/query-fields.ts";
import { groupedRows, isGrouped } from "#lib/simulator/salesforce/query-group.ts";
import { compile, type ReadOf, readRow } from "#lib/simulator/salesforce/query-where.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { type OrderBy, parseSoql, type SoqlQuery } from "#lib/simulator/salesforce/soql.ts";
import { malformed } from "#lib/simulator/salesforce/soql-tokens.ts";

const locatorLifetimeMs = 2 * 86_400_000;
const mostLocators = 200;

/** The results that have more than one page, by locator. */
export type Locators = Map<
  string,
  { orgId: string; records: unknown[]; atMs: number; batchSize: number }
>;

/** The rows as a query wants them sorted; text without regard to letter case. */
export function ordered<Subject>(
  list: readonly Subject[],
  orderBy: readonly OrderBy[],
  readOf: ReadOf<Subject>,
): Subject[] {
  const fold = (value: FieldValue) => (typeof value === "string" ? value.toLowerCase() : value);
  const keys = orderBy.map(({ field, isDescending, nullsLast }) => {
    const read = readOf(field);
    return { read: (one: Subject) => fold(read(one)), isDescending, nullsLast };
  });
  if (keys.length === 0) return [...list];
  const decorated = list.map((one) => ({ one, values: keys.map(({ read }) => read(one)) }));
  decorated.sort((left, right) => {
    for (const [at, { isDescending, nullsLast }] of keys.entries()) {
      const [a, b] = [left.values[at] ?? null, right.values[at] ?? null];
      if (a === b) continue;
      if (a === null || b === null) return (a === null) === nullsLast ? 1 : -1;
      return (a < b ? -1 : 1) * (isDescending ? -1 : 1);
    }
    return 0;
  });
  return decorated.map(({ one }) => one);
}

/** The values of the one field that an inner query asks for. */
function innerValues(outer: Scope, query: SoqlQuery): ReadonlySet<FieldValue> {
  const scope = scopeOf(outer.call, outer.soql, query);
  const [only, ...more] = fieldsOf(scope.spec, query);
  if (!only || more.length) throw malformed(outer.soql, query.fromAt, "Nested query takes a field");
  const { read } = pathOf(scope, only);
  return new Set(filtered(scope, query, outer.call.store.rows(scope.spec)).map(read));
}

export function filtered(
  scope: Scope,
  { where }: Pick<SoqlQuery, "where">,
  rows: readonly Row[],
): readonly Row[] {
  if (where === null) return rows;
  return rows.filter(compile(scope, where, readRow(scope), (query) => innerValues(scope, query)));
}

function scopeOf(call: RestCall, soql: string, query: SoqlQuery): Scope {
  const spec = visibleObject(call, query.from, (message) =>
    malformed(soql, query.fromAt, message, "INVALID_TYPE"),
  );
  return { call, soql, spec, alias: query.alias };
}

const plainOrder = (scope: Scope, query: Pick<SoqlQuery, "orderBy">, rows: readonly Row[]) =>
  ordered(rows, query.orderBy, (expression) => {
    const { read } = lookedForBy(scope, expression, "sorted");
    const { fn } = expression;
    return fn === null ? read : (row) => partOfDate(fn, read(row));
  });

/** Filtered, sorted and cut: the rows that a query or a part of a search means. */
export const chosenRows = (
  scope: Scope,
  query: Pick<SoqlQuery, "where" | "orderBy" | "limit" | "offset">,
  rows: readonly Row[],
): Row[] => {
  const sorted = plainOrder(scope, query, filtered(scope, query, rows));
  return sorted.slice(query.offset, query.offset + (query.limit ?? sorted.length));
};

/** How a row becomes JSON: the asked fields in the asked order, relationships as objects of their own. */
export function projection(
  scope: Scope,
  paths: readonly Path[],
): (row: Row) => Record<string, unknown> {
  const { call, spec } = scope;
  const attributes = (of: ObjectSpec, row: Row) => ({
    type: of.name,
    url: recordUrl(call, of, row.Id),
  });
  return (row) => {
    const made: Record<string, unknown> = { attributes: attributes(spec, row) };
    for (const { canonical, read, parents, parentSpecs } of paths) {
      const rows = parents(row);
      let at = made;
      let isMissing = false;
      canonical.slice(0, -1).forEach((step, depth) => {
        if (isMissing) return;
        const [of, parent] = [parentSpecs[depth], rows[depth]];
        if (of && !parent) {
          at[step] ??= null;
          isMissing = true;
          return;
        }
        // A field with a dot in its name has no row of its own behind it.
        at[step] ??= { attributes: of && parent ? attributes(of, parent) : { type: step } };
        at = at[step] as Record<string, unknown>;
      });
      if (!isMissing) at[canonical.at(-1) as string] = read(row);
    }
    return made;
  };
}

/** Rows of another object that point here, under the name of the relationship. */
function childColumn(scope: Scope, query: SoqlQuery) {
  const { call, soql, spec } = scope;
  const child = childrenOf(spec).find(
    ({ name, spec: of }) =>
      name?.toLowerCase() === query.from.toLowerCase() && isVisibleObject(call, of),
  );
  if (!child) {
    throw malformed(
      soql,
      query.fromAt,
      `Didn't understand relationship '${query.from}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
      "INVALID_TYPE",
    );
  }
  const inner: Scope = { call, soql, spec: child.spec, alias: query.alias };
  const toJson = projection(
    inner,
    fieldsOf(child.spec, query).map((field) => pathOf(inner, field)),
  );
  const chosen = plainOrder(inner, query, filtered(inner, query, call.store.rows(child.spec)));
  const byParent = Map.groupBy(chosen, (row) => row[child.field.name]);
  return (row: Row): [string, unknown] => {
    const own = (byParent.get(row.Id) ?? []).slice(
      query.offset,
      query.offset + (query.limit ?? Number.POSITIVE_INFINITY),
    );
    const records = own.map(toJson);
    const value = records.length ? { totalSize: records.length, done: true, records } : null;
    return [child.name as string, value];
  };
}

/**
 * Answers `query?q=` and, with the deleted rows, `queryAll?q=`.
 *
 * @throws {RestRefusal} MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE
 */
export function runQuery(
  call: RestCall,
  soql: string,
  locators: Locators,
  isAll: boolean,
): unknown {
  const query = parseSoql(soql);
  const scope = scopeOf(call, soql, query);
  const { spec } = scope;
  const usesFields = query.selected.some(
    (one) => one.kind === "field" && one.field.fn === "FIELDS",
  );
  const isCustomOnly = query.selected.every(
    (one) => one.kind === "field" && /^standard$/i.test(one.field.path),
  );
  if (usesFields && !isCustomOnly && (query.limit ?? 201) > 200) {
    throw new RestRefusal(
      400,
      "MALFORMED_QUERY",
      "The SOQL FIELDS function must have a LIMIT of at most 200",
    );
  }
  const alive = call.store.rows(spec);
  const rows = isAll || query.isAllRows ? [...alive, ...call.store.binned(spec)] : alive;
  if (query.isCount) {
    const { length } = filtered(scope, query, rows);
    const totalSize = Math.min(length, query.limit ?? Number.POSITIVE_INFINITY);
    return { totalSize, done: true, records: [] };
  }
  if (isGrouped(query)) {
    const records = groupedRows(scope, query, filtered(scope, query, rows), (list, readOf) =>
      ordered(list, query.orderBy, readOf),
    );
    return { totalSize: records.length, done: true, records };
  }
  const toJson = projection(
    scope,
    fieldsOf(spec, query).map((field) => pathOf(scope, field)),
  );
  const columns = query.selected.flatMap((one) =>
    one.kind === "children" ? [childColumn(scope, one.query)] : [],
  );
  const records = chosenRows(scope, query, rows).map((row) => ({
    ...toJson(row),
    ...Object.fromEntries(columns.map((column) => column(row))),
  }));
  return paged(call, locators, records);
}

/** The first page of a result; what does not fit waits under a locator. */
function paged(call: RestCall, locators: Locators, records: unknown[]): unknown {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(
    call.request.headers.get("sforce-query-options") ?? "",
  );
  const batchSize = Math.min(
    asked ? Math.min(2000, Math.max(200, Number(asked[1]))) : 2000,
    call.core.settings.queryBatchSize,
  );
  if (records.length <= batchSize) return { totalSize: records.length, done: true, records };
  const atMs = call.core.context.clock.nowMs();
  for (const [name, old] of locators) {
    if (locators.size >= mostLocators || atMs >= old.atMs + locatorLifetimeMs)
      locators.delete(name);
  }
  const locator = `01g${call.core.context.random.token(15)}`;
  locators.set(locator, { orgId: call.org.id, records, atMs, batchSize });
  return pageAt(call, locators, locator, 0);
}

function pageAt(call: RestCall, locators: Locators, locator: string, from: number): unknown {
  const cursor = locators.get(locator);
  const isGone =
    !cursor ||
    cursor.orgId !== call.org.id ||
    call.core.context.clock.nowMs() >= cursor.atMs + locatorLifetimeMs;
  if (isGone) throw new RestRefusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  const end = from + cursor.batchSize;
  const isDone = end >= cursor.records.length;
  const tooling = call.isTooling ? "tooling/" : "";
  return {
    totalSize: cursor.records.length,
    done: isDone,
    ...(isDone
      ? {}
      : { nextRecordsUrl: `/services/data/v${call.version}/${tooling}query/${locator}-${end}` }),
    records: cursor.records.slice(from, end),
  };
}

/** `query/{locator}-{from}` */
export function nextPage(call: RestCall, locators: Locators, name: string): unknown {
  const [locator = "", from = "0"] = name.split("-");
  return pageAt(call, locators, locator, Number(from) || 0);
}

const columnTypes = {
  number: /^(int|double|currency|percent)$/,
  text: /^(string|textarea|email|phone|url|picklist|id|reference)$/,
};

/** `columns=true`: what the columns of a query are, for `sf data query`. */
export function queryColumns(call: RestCall, soql: string): unknown {
  const query = parseSoql(soql);
  const scope = scopeOf(call, soql, query);
  const column = ({ canonical, field: { type } }: Path): unknown => {
    const name = canonical.at(-1) as string;
    const leaf = {
      aggregate: false,
      apexType:
        type === "boolean" ? "Boolean" : columnTypes.number.test(type) ? "Double" : "String",
      booleanType: type === "boolean",
      columnName: name,
      custom: name.endsWith("__c"),
      displayName: name,
      foreignKeyName: null,
      insertable: true,
      joinColumns: [] as unknown[],
      numberType: columnTypes.number.test(type),
      textType: columnTypes.text.test(type),
      updatable: true,
    };
    return canonical.slice(0, -1).reduceRight<unknown>(
      (inner, step) => ({
        ...leaf,
        columnName: step,
        displayName: step,
        foreignKeyName: `${step}Id`,
        joinColumns: [inner],
      }),
      leaf,
    );
  };
  const fields = fieldsOf(scope.spec, query).filter(({ path }) => path !== "");
  return {
    columnMetadata: fields.map((field) => column(pathOf(scope, field))),
    entityName: scope.spec.name,
    groupBy: query.groupBy.length > 0,
    idSelected: fields.some(({ path }) => path.toLowerCase() === "id"),
    keyPrefix: scope.spec.keyPrefix,
  };
}
