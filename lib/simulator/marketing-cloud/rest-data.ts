import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { restError } from "./core.ts";
import type { DataExtension, Field, Row } from "./data-types.ts";
import { refuse } from "./rest-body.ts";
import { fieldsIn } from "./rest-filter.ts";
import {
  filtered,
  notFound,
  numberOf,
  ordered,
  type Page,
  pageOf,
  type RestCall,
  type RestRoute,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";

const isoDate = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 19);

export function toDataExtension({ core, caller }: RestCall, one: DataExtension) {
  return {
    id: one.id,
    name: one.name,
    key: one.key,
    description: one.description,
    isActive: true,
    isSendable: one.isSendable,
    ...(one.sendableField
      ? { sendableCustomObjectField: one.sendableField, sendableSubscriberField: "_SubscriberKey" }
      : {}),
    isTestable: one.isTestable,
    categoryId: one.categoryId,
    ownerId: one.mid,
    ownerName: caller.tenant.company,
    isObjectDeletable: true,
    isFieldAdditionAllowed: true,
    isFieldModificationAllowed: true,
    createdDate: isoDate(one.createdAtMs),
    createdById: one.mid,
    createdByName: caller.tenant.company,
    modifiedDate: isoDate(one.modifiedAtMs),
    modifiedById: one.mid,
    modifiedByName: caller.tenant.company,
    partnerApiObjectTypeId: 310,
    partnerApiObjectTypeName: "DataExtension",
    rowCount: core.data.rowCount(one),
    fieldCount: one.fields.length,
    dataRetentionProperties: {
      isDeleteAtEndOfRetentionPeriod: one.retention?.isDeletedAtEnd ?? false,
      isRowBasedRetention: one.retention?.isRowBased ?? false,
      isResetRetentionPeriodOnImport: one.retention?.isResetOnImport ?? false,
      ...(one.retention
        ? {
            dataRetentionPeriodLength: one.retention.length,
            dataRetentionPeriodUnitOfMeasure: one.retention.unit,
          }
        : {}),
    },
  };
}

const toField = (field: Field) => ({
  id: field.id,
  name: field.name,
  type: field.type,
  ...(field.length === null ? {} : { length: field.length }),
  ...(field.scale === null ? {} : { scale: field.scale }),
  description: "",
  ordinal: field.ordinal,
  isNullable: !field.isRequired,
  isPrimaryKey: field.isPrimaryKey,
  isTemplateField: false,
  isInheritable: false,
  isOverridable: false,
  isHidden: false,
  isReadOnly: false,
  mustOverride: false,
  maskType: "None",
  storageType: "Plain",
  ...(field.defaultValue === null ? {} : { defaultValue: field.defaultValue }),
});

const searchPageSize = 25;
function listDataExtensions(call: RestCall, keep: (one: DataExtension) => boolean) {
  const all = [...unitOf(call).dataExtensions.values()].filter(keep);
  const items = ordered(all, call.query.get("$orderby"));
  const page = pageOf(call, searchPageSize, searchPageSize);
  return json(200, {
    count: items.length,
    ...page,
    links: {},
    items: slice(items, page).map((one) => toDataExtension(call, one)),
  });
}

/** A new data extension is found by its words after this time only. */
const indexingSeconds = 8;

function search(call: RestCall): SimulatorResponse {
  const words = call.query.get("$search");
  if (!words) return restError(400, 10002, "$search is a required parameter");
  const wanted = words.toLowerCase().replaceAll("%", "");
  const indexedUntilMs = call.core.context.clock.nowMs() - indexingSeconds * 1000;
  return listDataExtensions(
    call,
    (one) =>
      one.createdAtMs <= indexedUntilMs &&
      [one.name, one.key, one.description].some((text) => text.toLowerCase().includes(wanted)),
  );
}

export function byId(call: RestCall): DataExtension {
  const found = unitOf(call).dataExtensions.get((call.parameters.id ?? "").toLowerCase());
  if (!found) throw notFound();
  return found;
}

export function byKey(call: RestCall): DataExtension {
  const { core, caller, parameters } = call;
  const found = core.data.findByKey(caller.tenant, caller.token.mid, parameters.key ?? "");
  if (!found) throw notFound();
  return found;
}

const rowPageSize = 2500;
function firstRows(call: RestCall): SimulatorResponse {
  const one = byKey(call);
  const page = pageOf(call, rowPageSize, rowPageSize);
  requireColumns(call, one);
  const kept = filtered(call.core.data.rows(one), call.query.get("$filter"));
  const rows = selected(ordered(kept, call.query.get("$orderby")), call.query.get("$fields"));
  const cursor = call.core.cursors.open({
    kind: "rowset",
    tenant: call.caller.tenant.subdomain,
    mid: one.mid,
    dataExtensionId: one.id,
    rows,
    pageSize: page.pageSize,
  });
  return rowset(one, rows, page, { ...cursor, self: `key/${encodeURIComponent(one.key)}` });
}

/** Whatever the question names has to be a column. */
function requireColumns({ query }: RestCall, { fields }: DataExtension): void {
  const [column, direction = "asc", ...more] = query.get("$orderby")?.trim().split(/\s+/) ?? [];
  const named = [
    ...fieldsIn(query.get("$filter") ?? ""),
    ...(query.get("$fields")?.split(",") ?? []),
    ...(column ? [column] : []),
  ].map((name) => name.trim());
  const known = new Set(fields.map(({ name }) => name.toLowerCase()));
  const wrong = named.find((name) => !known.has(name.toLowerCase()));
  if (wrong !== undefined) throw refuse(400, 10005, `There is no column ${wrong}.`);
  if (!/^(?:asc|desc)$/i.test(direction) || more.length > 0) {
    throw refuse(400, 10005, "$orderBy takes a column and asc or desc.");
  }
}

function nextRows(call: RestCall): SimulatorResponse {
  const { core, caller, parameters } = call;
  const token = parameters.token ?? "";
  const cursor = core.cursors.find(token, caller.tenant.subdomain, caller.token.mid);
  if (cursor?.kind !== "rowset") throw notFound();
  const one = unitOf(call).dataExtensions.get(cursor.dataExtensionId);
  if (!one) throw notFound();
  const page = { page: numberOf(call, "$page", 1, 1e8), pageSize: cursor.pageSize };
  const link = { id: token, expiresAtMs: cursor.expiresAtMs, self: `token/${token}` };
  return rowset(one, cursor.rows, page, link);
}

function selected(rows: readonly Row[], fields: string | undefined): readonly Row[] {
  if (!fields) return rows;
  const wanted = new Set(fields.split(",").map((name) => name.trim().toLowerCase()));
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name.toLowerCase()))),
  );
}

/** Column names in lower case, all values text; without a primary key everything is in `values`. */
function toItem(one: DataExtension, row: Row) {
  const keys: Record<string, string> = {};
  const values: Record<string, string> = {};
  for (const field of one.fields) {
    const value = row[field.name];
    if (value === undefined) continue;
    (field.isPrimaryKey ? keys : values)[field.name.toLowerCase()] = value;
  }
  return { keys, values };
}

function rowset(
  one: DataExtension,
  rows: readonly Row[],
  page: Page,
  link: { id: string; expiresAtMs: number; self: string },
): SimulatorResponse {
  const hasMore = page.page * page.pageSize < rows.length;
  // The service prefix is missing in the links, as it is at the vendor: add `/data` to use them.
  const next = `/v1/customobjectdata/token/${link.id}/rowset?$page=${page.page + 1}`;
  const self = `/v1/customobjectdata/${link.self}/rowset?$page=${page.page}`;
  const items = slice(rows, page).map((row) => toItem(one, row));
  return json(200, {
    links: { self, ...(hasMore ? { next } : {}) },
    requestToken: link.id,
    tokenExpireDateUtc: isoDate(link.expiresAtMs),
    customObjectId: one.id,
    customObjectKey: one.key,
    pageSize: page.pageSize,
    page: page.page,
    count: rows.length,
    top: 0,
    ...(rows.length === 0 ? {} : { items }),
  });
}

const gone = () => restError(404, 404, "Not Found");
const keyedRows = "/data/v1/customobjectdata/key/:key/rowset";

export const dataRoutes: readonly RestRoute[] = [
  route("GET", "/data/v1/customobjects", "data_extensions_read", search),
  route("GET", "/data/v1/customobjects/category/:category", "data_extensions_read", (call) =>
    listDataExtensions(call, (one) => String(one.categoryId) === call.parameters.category),
  ),
  route("GET", "/data/v1/customobjects/:id", "data_extensions_read", (call) =>
    json(200, toDataExtension(call, byId(call))),
  ),
  route("GET", "/data/v1/customobjects/:id/fields", "data_extensions_read", (call) => {
    const { fields, id } = byId(call);
    return json(200, { id, fields: fields.map(toField), fieldCount: fields.length });
  }),
  route("GET", keyedRows, "data_extensions_read", firstRows),
  route("POST", keyedRows, "", gone),
  route("PUT", keyedRows, "", gone),
  route("GET", "/data/v1/customobjectdata/token/:token/rowset", "data_extensions_read", nextRows),
];
