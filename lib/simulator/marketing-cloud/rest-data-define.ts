import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { DataExtension, Field, Retention } from "./data-types.ts";
import {
  type Body,
  bodyOf,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  refuse,
  requiredText,
} from "./rest-body.ts";
import { byId, toDataExtension } from "./rest-data.ts";
import { nowOf, type RestCall, type RestRoute, route, unitOf } from "./rest-route.ts";
import type { FieldType } from "./seed-columns.ts";

export const fieldTypes: readonly FieldType[] = [
  "Text",
  "Number",
  "Decimal",
  "Date",
  "Boolean",
  "EmailAddress",
  "Phone",
  "Locale",
];

function fieldOf(call: RestCall, body: Body, ordinal: number): Field {
  const name = requiredText(body, "name", 50);
  const typeName = optionalText(body, "type") ?? "Text";
  const type = fieldTypes.find((known) => known.toLowerCase() === typeName.toLowerCase());
  if (!type) throw refuse(400, 10005, `${typeName} is not a type of a field.`);
  const isPrimaryKey = optionalFlag(body, "isPrimaryKey") ?? false;
  const isNullable = optionalFlag(body, "isNullable") ?? !isPrimaryKey;
  if (isPrimaryKey && isNullable) {
    throw refuse(400, 10005, `The primary key ${name} cannot be nullable.`);
  }
  return {
    id: call.core.context.random.uuid(),
    name,
    type,
    length: optionalNumber(body, "length") ?? null,
    scale: optionalNumber(body, "scale") ?? null,
    ordinal,
    isPrimaryKey,
    isRequired: !isNullable,
    defaultValue: optionalText(body, "defaultValue") ?? null,
  };
}

function fieldsOf(call: RestCall, body: Body, held: readonly Field[]): Field[] {
  const fields = [...held];
  for (const given of optionalList(body, "fields") ?? []) {
    const field = fieldOf(call, given, fields.length);
    if (fields.some(({ name }) => name.toLowerCase() === field.name.toLowerCase())) {
      throw refuse(400, 30004, `The field ${field.name} is there twice.`);
    }
    fields.push(field);
  }
  return fields;
}

function retentionOf(body: Body): Retention | undefined {
  const given = optionalObject(body, "dataRetentionProperties");
  if (!given) return undefined;
  const unit = optionalNumber(given, "dataRetentionPeriodUnitOfMeasure");
  if (unit !== undefined && ![3, 4, 5, 6].includes(unit)) {
    throw refuse(400, 10005, "dataRetentionPeriodUnitOfMeasure must be 3, 4, 5 or 6.");
  }
  return {
    length: optionalNumber(given, "dataRetentionPeriodLength") ?? null,
    unit: unit ?? null,
    isRowBased: optionalFlag(given, "isRowBasedRetention") ?? false,
    isDeletedAtEnd: optionalFlag(given, "isDeleteAtEndOfRetentionPeriod") ?? false,
    isResetOnImport: optionalFlag(given, "isResetRetentionPeriodOnImport") ?? false,
  };
}

function categoryOf(call: RestCall, body: Body): number | undefined {
  const id = optionalNumber(body, "categoryId");
  if (id === undefined) return undefined;
  const folder = unitOf(call).folders.get(String(id));
  if (folder?.contentType !== "dataextension") {
    throw refuse(400, 10005, "categoryId is not a folder of data extensions.");
  }
  return id;
}

/** Keys and names are taken once, and who is sent to has to be a field. */
function check(call: RestCall, one: DataExtension): void {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  for (const other of unitOf(call).dataExtensions.values()) {
    if (other.id === one.id) continue;
    if (same(other.key, one.key)) throw refuse(409, 30004, `The key ${one.key} already exists.`);
    if (same(other.name, one.name)) {
      throw refuse(409, 30004, `The name ${one.name} already exists.`);
    }
  }
  if (!one.isSendable) return;
  const field = one.sendableField;
  if (field === null || !one.fields.some(({ name }) => same(name, field))) {
    throw refuse(400, 10002, "sendableCustomObjectField must name a field.");
  }
}

function create(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const { core, caller } = call;
  const id = core.context.random.uuid();
  const name = requiredText(body, "name", 128);
  const categoryId = categoryOf(call, body);
  if (categoryId === undefined) throw refuse(400, 10002, "categoryId is required.");
  const made: DataExtension = {
    id,
    mid: caller.token.mid,
    key: optionalText(body, "key", 200) ?? id.toUpperCase(),
    name,
    description: optionalText(body, "description") ?? "",
    categoryId,
    fields: fieldsOf(call, body, []),
    isSendable: optionalFlag(body, "isSendable") ?? false,
    isTestable: optionalFlag(body, "isTestable") ?? false,
    sendableField: optionalText(body, "sendableCustomObjectField") ?? null,
    retention: retentionOf(body) ?? null,
    createdAtMs: nowOf(call),
    modifiedAtMs: nowOf(call),
  };
  if (made.fields.length === 0) throw refuse(400, 10002, "fields is required.");
  check(call, made);
  core.data.save(caller.tenant, made, []);
  return json(201, toDataExtension(call, made));
}

function change(call: RestCall): SimulatorResponse {
  const one = byId(call);
  const body = bodyOf(call);
  const changed: DataExtension = {
    ...one,
    name: optionalText(body, "name", 128) ?? one.name,
    description: optionalText(body, "description") ?? one.description,
    categoryId: categoryOf(call, body) ?? one.categoryId,
    isSendable: optionalFlag(body, "isSendable") ?? one.isSendable,
    isTestable: optionalFlag(body, "isTestable") ?? one.isTestable,
    sendableField: optionalText(body, "sendableCustomObjectField") ?? one.sendableField,
    retention: retentionOf(body) ?? one.retention,
    modifiedAtMs: nowOf(call),
  };
  check(call, changed);
  call.core.data.save(call.caller.tenant, changed);
  return json(200, toDataExtension(call, changed));
}

function addFields(call: RestCall): SimulatorResponse {
  const one = byId(call);
  const fields = fieldsOf(call, bodyOf(call), one.fields);
  if (fields.length === one.fields.length) throw refuse(400, 10002, "fields is required.");
  if (fields.slice(one.fields.length).some(({ isPrimaryKey }) => isPrimaryKey)) {
    throw refuse(400, 30000, "A primary key cannot be added later.");
  }
  call.core.data.save(call.caller.tenant, { ...one, fields, modifiedAtMs: nowOf(call) });
  return json(202, { requestId: call.core.context.random.uuid(), resultMessages: [] });
}

const objects = "/data/v1/customobjects";
const write = "data_extensions_write";

/** Data extensions made and changed by REST (contract 7). */
export const dataDefineRoutes: readonly RestRoute[] = [
  route("POST", objects, write, create),
  route("PATCH", `${objects}/:id`, write, change),
  route("DELETE", `${objects}/:id`, write, (call) => {
    call.core.data.remove(call.caller.tenant, byId(call));
    return json(200, {});
  }),
  route("POST", `${objects}/:id/cleardata`, write, (call) => {
    const one = { ...byId(call), modifiedAtMs: nowOf(call) };
    call.core.data.save(call.caller.tenant, one, []);
    return json(202, { requestId: call.core.context.random.uuid(), resultMessages: [] });
  }),
  route("POST", "/data/v1/customobjectsasync/:id/fields", write, addFields),
];
