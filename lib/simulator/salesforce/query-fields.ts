import { isFilterable } from "#lib/simulator/salesforce/describe.ts";
import type { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  type FieldSpec,
  type FieldValue,
  findField,
  findObject,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import { fromStamp } from "#lib/simulator/salesforce/records.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { setupObjects } from "#lib/simulator/salesforce/setup-records.ts";
import type { Expression, SoqlQuery } from "#lib/simulator/salesforce/soql.ts";
import { malformed } from "#lib/simulator/salesforce/soql-tokens.ts";

/** What a query is about: whose rows, and the words it was written in. */
export type Scope = { call: RestCall; soql: string; spec: ObjectSpec; alias: string | null };

/** A way from a row to a value, over relationships where the path has dots. */
export type Path = {
  /** In the spelling of the org: `["Account", "Owner", "Name"]`. */
  canonical: readonly string[];
  field: FieldSpec;
  read(row: Row): FieldValue;
  /** The rows on the way, the first one's parent first; `undefined` from the first that is missing. */
  parents(row: Row): readonly (Row | undefined)[];
  parentSpecs: readonly ObjectSpec[];
};

/** Whether this caller may know of an object at all. */
export const isVisibleObject = (
  call: Pick<RestCall, "org" | "user" | "isTooling">,
  spec: ObjectSpec,
): boolean =>
  (!spec.isTooling || call.isTooling) &&
  (spec.company === null || spec.company === call.org.company) &&
  (!setupObjects.has(spec.name) || call.user.permissions.viewSetup);

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
  if (!spec || !isVisibleObject(call, spec)) {
    throw refuse(
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  return spec;
}

export const recordUrl = (call: Pick<RestCall, "version">, spec: ObjectSpec, id: string): string =>
  `/services/data/v${call.version}/${spec.isTooling ? "tooling/" : ""}sobjects/${spec.name}/${id}`;

function walk(call: RestCall, spec: ObjectSpec, path: string): Path | null {
  const direct = findField(spec, path);
  if (direct) {
    return {
      canonical: direct.name.split("."),
      field: direct,
      read: (row) => row[direct.name] ?? null,
      parents: () => [],
      parentSpecs: [],
    };
  }
  const at = path.indexOf(".");
  if (at < 0) return null;
  const first = path.slice(0, at).toLowerCase();
  const link = spec.fields.find((field) => field.relationshipName?.toLowerCase() === first);
  const target = link?.referenceTo ? findObject(link.referenceTo) : undefined;
  const rest = target && walk(call, target, path.slice(at + 1));
  if (!link || !target || !rest) return null;
  const parent = (row: Row): Row | undefined => {
    const id = row[link.name];
    return typeof id === "string" ? call.store.find(target.name, id) : undefined;
  };
  return {
    canonical: [link.relationshipName as string, ...rest.canonical],
    field: rest.field,
    read: (row) => {
      const found = parent(row);
      return found ? rest.read(found) : null;
    },
    parents: (row) => {
      const found = parent(row);
      return found ? [found, ...rest.parents(found)] : [undefined];
    },
    parentSpecs: [target, ...rest.parentSpecs],
  };
}

/** @returns null where the path leads nowhere */
function findPath({ call, spec, alias }: Scope, path: string): Path | null {
  const found = walk(call, spec, path);
  if (found) return found;
  // The object's own name or alias may stand in front.
  const at = path.indexOf(".");
  const head = path.slice(0, at).toLowerCase();
  const isOwn = at > 0 && (head === alias?.toLowerCase() || head === spec.name.toLowerCase());
  return isOwn ? walk(call, spec, path.slice(at + 1)) : null;
}

/** @throws {RestRefusal} INVALID_FIELD */
export function pathOf(scope: Scope, { path, at }: Pick<Expression, "path" | "at">): Path {
  const found = findPath(scope, path);
  if (found) return found;
  const message = `No such column '${path}' on entity '${scope.spec.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
  throw malformed(scope.soql, at, message, "INVALID_FIELD");
}

/** @throws {RestRefusal} INVALID_FIELD: not there, or a long text, by which nothing can be looked for */
export function lookedForBy(scope: Scope, expression: Expression, clause: string): Path {
  const found = pathOf(scope, expression);
  if (isFilterable(found.field)) return found;
  throw malformed(
    scope.soql,
    expression.at,
    `field '${expression.path}' can not be ${clause} in a query call`,
    "INVALID_FIELD",
  );
}

/** The value of a part of a date. */
export function partOfDate(fn: string, value: FieldValue): FieldValue {
  if (value === null) return null;
  const date = new Date(fromStamp(value));
  switch (fn) {
    case "CALENDAR_YEAR":
      return date.getUTCFullYear();
    case "CALENDAR_QUARTER":
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case "CALENDAR_MONTH":
      return date.getUTCMonth() + 1;
    case "DAY_IN_MONTH":
      return date.getUTCDate();
    default:
      return date.toISOString().slice(0, 10);
  }
}

/** The fields that a query asks for, `FIELDS(…)` spelt out. */
export function fieldsOf(spec: ObjectSpec, query: SoqlQuery): Expression[] {
  return query.selected.flatMap((selected) => {
    if (selected.kind === "children") return [];
    const { fn, path, at } = selected.field;
    if (fn !== "FIELDS") return [selected.field];
    const which = path.toUpperCase();
    return spec.fields
      .filter(({ name }) => which === "ALL" || name.endsWith("__c") === (which === "CUSTOM"))
      .map(({ name }) => ({ fn: null, path: name, at }));
  });
}
