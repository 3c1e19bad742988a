import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  type FieldValue,
  findField,
  findObject,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest.ts";
import { setupObjects } from "#lib/simulator/salesforce/setup-records.ts";
import {
  type Condition,
  type Literal,
  malformed,
  parseSoql,
} from "#lib/simulator/salesforce/soql.ts";

const dayMs = 86_400_000;
const locatorLifetimeMs = 2 * dayMs;

/** The pages that were not asked for yet, by locator. */
export type Locators = Map<
  string,
  { orgId: string; records: unknown[]; from: number; atMs: number; batchSize: number }
>;

/**
 * An object that this caller may see.
 *
 * @throws {RestRefusal} INVALID_TYPE: unknown, of the other API, or kept from this user
 */
export function visibleObject(
  call: RestCall,
  name: string,
  refuse: (message: string) => RestRefusal,
): ObjectSpec {
  const spec = findObject(name);
  const isHidden =
    !spec ||
    (spec.isTooling && !call.isTooling) ||
    (setupObjects.has(spec.name) && !call.user.permissions.viewSetup);
  if (isHidden) {
    throw refuse(
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  return spec;
}

/** Where a dotted path leads: `Account.Owner.Name` over two relationships. */
function resolve(
  call: RestCall,
  spec: ObjectSpec,
  row: Row | undefined,
  path: string,
): { canonical: string[]; value: FieldValue; type: string } | null {
  const direct = findField(spec, path);
  if (direct) {
    return {
      canonical: direct.name.split("."),
      value: row?.[direct.name] ?? null,
      type: direct.type,
    };
  }
  const at = path.indexOf(".");
  if (at < 0) return null;
  const link = spec.fields.find(
    (field) => field.relationshipName?.toLowerCase() === path.slice(0, at).toLowerCase(),
  );
  const target = link?.referenceTo ? findObject(link.referenceTo) : undefined;
  if (!link || !target) return null;
  const id = row?.[link.name];
  const found = typeof id === "string" ? call.store.find(target.name, id) : undefined;
  const rest = resolve(call, target, found, path.slice(at + 1));
  return rest && { ...rest, canonical: [link.relationshipName as string, ...rest.canonical] };
}

function relativeDay(
  nowMs: number,
  { name, count }: { name: string; count: number },
): [number, number] {
  const now = new Date(nowMs);
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const month = (delta: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + delta, 1);
  const year = (delta: number) => Date.UTC(now.getUTCFullYear() + delta, 0, 1);
  const weekStart = today - now.getUTCDay() * dayMs;
  const ranges: Record<string, [number, number]> = {
    TODAY: [today, today + dayMs],
    YESTERDAY: [today - dayMs, today],
    TOMORROW: [today + dayMs, today + 2 * dayMs],
    THIS_WEEK: [weekStart, weekStart + 7 * dayMs],
    THIS_MONTH: [month(0), month(1)],
    LAST_MONTH: [month(-1), month(0)],
    THIS_YEAR: [year(0), year(1)],
    LAST_YEAR: [year(-1), year(0)],
    LAST_N_DAYS: [today - count * dayMs, today + dayMs],
    NEXT_N_DAYS: [today + dayMs, today + (count + 1) * dayMs],
  };
  return ranges[name] as [number, number];
}

function compareOne(value: FieldValue, operator: string, literal: Literal, nowMs: number): boolean {
  if (literal.kind === "relative" || literal.kind === "date") {
    if (value === null) return operator === "!=";
    const time = Date.parse(String(value).replace(/\+0000$/, "Z"));
    const isDay = literal.kind === "date" && literal.value.length === 10;
    const at = literal.kind === "date" ? Date.parse(literal.value) : 0;
    const [from, to] =
      literal.kind === "relative" ? relativeDay(nowMs, literal) : [at, at + (isDay ? dayMs : 1)];
    const within = time >= from && time < to;
    return (
      {
        "=": within,
        "!=": !within,
        "<": time < from,
        ">": time >= to,
        "<=": time < to,
        ">=": time >= from,
      }[operator] ?? false
    );
  }
  const wanted = literal.value;
  const fold = (text: FieldValue) => (typeof text === "string" ? text.toLowerCase() : text);
  const isId =
    typeof value === "string" &&
    typeof wanted === "string" &&
    /^\w{15}$/.test(wanted) &&
    value.length === 18;
  const isSame = isId ? value.startsWith(wanted) : fold(value) === fold(wanted);
  if (operator === "=") return isSame;
  if (operator === "!=") return !isSame;
  if (value === null || wanted === null) return false;
  if (operator === "LIKE") {
    const source = String(wanted)
      .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      .replaceAll("%", ".*")
      .replaceAll("_", ".");
    return new RegExp(`^${source}$`, "is").test(String(value));
  }
  const [left, right] = [fold(value), fold(wanted)] as [string | number, string | number];
  return (
    { "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right }[operator] ??
    false
  );
}

function matches(call: RestCall, spec: ObjectSpec, row: Row, condition: Condition): boolean {
  if (condition.kind === "not") return !matches(call, spec, row, condition.part);
  if (condition.kind !== "compare") {
    const holds = (part: Condition) => matches(call, spec, row, part);
    return condition.kind === "and" ? condition.parts.every(holds) : condition.parts.some(holds);
  }
  const value = resolve(call, spec, row, condition.field)?.value ?? null;
  const { operator, values } = condition;
  const nowMs = call.core.context.clock.nowMs();
  if (operator === "IN" || operator === "NOT IN") {
    return values.some((literal) => compareOne(value, "=", literal, nowMs)) === (operator === "IN");
  }
  return compareOne(value, operator, values[0] as Literal, nowMs);
}

const conditionFields = (condition: Condition | null): string[] =>
  condition === null
    ? []
    : condition.kind === "compare"
      ? [condition.field]
      : condition.kind === "not"
        ? conditionFields(condition.part)
        : condition.parts.flatMap(conditionFields);

export const recordUrl = (call: RestCall, spec: ObjectSpec, id: string): string =>
  `/services/data/v${call.version}/${spec.isTooling ? "tooling/" : ""}sobjects/${spec.name}/${id}`;

/** A row as JSON: the asked fields in the asked order, relationships as objects of their own. */
function project(call: RestCall, spec: ObjectSpec, row: Row, fields: readonly string[]): unknown {
  const made: Record<string, unknown> = {
    attributes: { type: spec.name, url: recordUrl(call, spec, row.Id) },
  };
  for (const path of fields) {
    const found = resolve(call, spec, row, path);
    if (!found) continue;
    let at = made;
    let type: ObjectSpec | undefined = spec;
    for (const step of found.canonical.slice(0, -1)) {
      const link: string | null | undefined = type?.fields.find(
        (field) => field.relationshipName === step,
      )?.referenceTo;
      type = link ? findObject(link) : undefined;
      at[step] ??= { attributes: { type: type?.name ?? step } };
      at = at[step] as Record<string, unknown>;
    }
    at[found.canonical.at(-1) as string] = found.value;
  }
  return made;
}

export function expandFields(spec: ObjectSpec, fields: readonly string[]): string[] {
  return fields.flatMap((field) =>
    /^FIELDS\((ALL|STANDARD|CUSTOM)\)$/.test(field)
      ? spec.fields
          .map(({ name }) => name)
          .filter(
            (name) =>
              field === "FIELDS(ALL)" || name.endsWith("__c") === (field === "FIELDS(CUSTOM)"),
          )
      : [field],
  );
}

/**
 * Answers `query?q=`.
 *
 * @throws {RestRefusal} MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE
 */
export function runQuery(call: RestCall, soql: string, locators: Locators): unknown {
  const query = parseSoql(soql);
  const at = (word: string) => Math.max(0, soql.toLowerCase().indexOf(word.toLowerCase()));
  const spec = visibleObject(call, query.from, (message) =>
    malformed(soql, at(query.from), message, "INVALID_TYPE"),
  );
  const fields = expandFields(spec, query.fields);
  for (const field of [
    ...fields,
    ...conditionFields(query.where),
    ...query.orderBy.map((by) => by.field),
  ]) {
    if (resolve(call, spec, undefined, field)) continue;
    const message = `No such column '${field}' on entity '${spec.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
    throw malformed(soql, at(field), message, "INVALID_FIELD");
  }
  if (query.fields.includes("FIELDS(ALL)") && (query.limit ?? 201) > 200) {
    throw new RestRefusal(
      400,
      "MALFORMED_QUERY",
      "The SOQL FIELDS function must have a LIMIT of at most 200",
    );
  }
  const { where } = query;
  const rows = call.store
    .rows(spec)
    .filter((row) => where === null || matches(call, spec, row, where));
  if (query.isCount)
    return {
      totalSize: Math.min(rows.length, query.limit ?? Number.POSITIVE_INFINITY),
      done: true,
      records: [],
    };
  const sorted = [...rows].sort((left, right) => {
    for (const { field, isDescending, nullsLast } of query.orderBy) {
      const [a, b] = [left, right].map((row) => resolve(call, spec, row, field)?.value ?? null) as [
        FieldValue,
        FieldValue,
      ];
      if (a === b) continue;
      if (a === null || b === null) return (a === null) === nullsLast ? 1 : -1;
      return (a < b ? -1 : 1) * (isDescending ? -1 : 1);
    }
    return 0;
  });
  const page = sorted.slice(query.offset, query.offset + (query.limit ?? sorted.length));
  const records = page.map((row) => project(call, spec, row, fields));
  const asked = /batchSize\s*=\s*(\d+)/i.exec(
    call.request.headers.get("sforce-query-options") ?? "",
  );
  const batchSize = Math.min(
    asked ? Math.max(200, Number(asked[1])) : 2000,
    call.core.settings.queryBatchSize,
  );
  const locator = `01g${call.core.context.random.token(15)}`;
  locators.set(locator, {
    orgId: call.org.id,
    records,
    from: 0,
    atMs: call.core.context.clock.nowMs(),
    batchSize,
  });
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
  const spec = visibleObject(call, query.from, (message) =>
    malformed(soql, 0, message, "INVALID_TYPE"),
  );
  const column = (path: string): unknown => {
    const found = resolve(call, spec, undefined, path);
    const name = found?.canonical.at(-1) ?? path;
    const type = found?.type ?? "string";
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
    return (found?.canonical ?? []).slice(0, -1).reduceRight<unknown>(
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
  return {
    columnMetadata: expandFields(spec, query.fields).map(column),
    entityName: spec.name,
    groupBy: false,
    idSelected: query.fields.some((field) => field.toLowerCase() === "id"),
    keyPrefix: spec.keyPrefix,
  };
}
