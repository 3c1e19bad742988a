import { empty, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { describeObject, describeShort } from "#lib/simulator/salesforce/describe.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  findField,
  findObject,
  type ObjectSpec,
  objectSpecs,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import { isVisibleObject, recordUrl } from "#lib/simulator/salesforce/query-fields.ts";
import {
  createRecord,
  deleteRecord,
  rowsByExternalId,
  updateRecord,
  upsertRecord,
} from "#lib/simulator/salesforce/record-writes.ts";
import { fromStamp } from "#lib/simulator/salesforce/records.ts";
import { bodyOf, methodNotAllowed, success } from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";

/** Nothing here is ever redefined. */
const definedAt = "Mon, 06 Jan 2025 00:00:00 GMT";

/** @param fields - names between commas; null: all. @throws {RestRefusal} INVALID_FIELD */
export const wholeRecord = (
  call: RestCall,
  spec: ObjectSpec,
  row: Row,
  fields: readonly string[] | null,
) => {
  const names = fields
    ? fields.map((name) => {
        const field = findField(spec, name.trim());
        if (field) return field.name;
        throw new RestRefusal(
          400,
          "INVALID_FIELD",
          `No such column '${name}' on entity '${spec.name}'`,
        );
      })
    : spec.fields.map(({ name }) => name);
  return {
    attributes: { type: spec.name, url: recordUrl(call, spec, row.Id) },
    ...Object.fromEntries([...new Set(["Id", ...names])].map((name) => [name, row[name] ?? null])),
  };
};

/** Seconds since the epoch, as HTTP dates have them. */
const secondsOf = (text: string | null): number | null => {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : Math.floor(at / 1000);
};

/** Whether the condition of a request holds; `unmet` where it does not, `unchanged` for a 304. */
function conditionOf(call: RestCall, changedMs: number): "met" | "unmet" | "unchanged" {
  const changed = Math.floor(changedMs / 1000);
  const unmodified = secondsOf(call.request.headers.get("if-unmodified-since"));
  if (unmodified !== null && changed > unmodified) return "unmet";
  const modified = secondsOf(call.request.headers.get("if-modified-since"));
  const isRead = call.request.method === "GET" || call.request.method === "HEAD";
  return isRead && modified !== null && changed <= modified ? "unchanged" : "met";
}

/** @throws {RestRefusal} 412 */
function requireCondition(call: RestCall, row: Row): "met" | "unchanged" {
  const stamp = row.SystemModstamp ?? row.LastModifiedDate;
  const condition = typeof stamp === "string" ? conditionOf(call, fromStamp(stamp)) : "met";
  if (condition !== "unmet") return condition;
  throw new RestRefusal(
    412,
    "PRECONDITION_FAILED",
    "One or more conditions given in the request header fields evaluated to false",
  );
}

const fieldsAsked = (call: RestCall) => call.query.get("fields")?.split(",") ?? null;

function oneRecord(call: RestCall, spec: ObjectSpec, row: Row): SimulatorResponse {
  const { method } = call.request;
  if (requireCondition(call, row) === "unchanged") return empty(304);
  if (method === "PATCH") {
    const values = bodyOf(call);
    if (Object.keys(values).some((name) => name.toLowerCase() === "id")) {
      const message = "The Id field should not be specified in the sobject data.";
      throw new RestRefusal(400, "INVALID_FIELD", message);
    }
    updateRecord(call, spec, row.Id, values);
    return empty(204);
  }
  if (method === "DELETE") {
    deleteRecord(call, spec, row.Id);
    return empty(204);
  }
  if (method !== "GET" && method !== "HEAD") {
    throw methodNotAllowed(method, "GET, PATCH, DELETE, HEAD");
  }
  const stamp = row.SystemModstamp;
  const changed = typeof stamp === "string" ? new Date(fromStamp(stamp)).toUTCString() : definedAt;
  return json(200, wholeRecord(call, spec, row, fieldsAsked(call)), { "last-modified": changed });
}

function byExternalId(
  call: RestCall,
  spec: ObjectSpec,
  fieldName: string,
  value: string,
): SimulatorResponse {
  const hits = rowsByExternalId(call, spec, fieldName, value);
  if (hits.length > 1) {
    return json(
      300,
      hits.map((row) => recordUrl(call, spec, row.Id)),
    );
  }
  const [hit] = hits;
  if (call.request.method === "PATCH") {
    if (hit) requireCondition(call, hit);
    const { row, isCreated } = upsertRecord(call, spec, fieldName, value, bodyOf(call));
    // Before version 46 an update by external id had no body.
    if (!isCreated && Number(call.version) < 46) return empty(204);
    return json(isCreated ? 201 : 200, { ...success(row.Id), created: isCreated });
  }
  if (!hit) throw notFound();
  if (!/^(?:GET|DELETE|HEAD)$/.test(call.request.method)) {
    throw methodNotAllowed(call.request.method, "GET, PATCH, DELETE, HEAD");
  }
  return oneRecord(call, spec, hit);
}

function described(call: RestCall, spec: ObjectSpec): SimulatorResponse {
  const { method } = call.request;
  if (method !== "GET" && method !== "HEAD") throw methodNotAllowed(method, "GET, HEAD");
  if (conditionOf(call, Date.parse(definedAt)) === "unchanged") return empty(304);
  const types = findObject("RecordType");
  const own = types ? call.store.rows(types).filter((row) => row.SobjectType === spec.name) : [];
  const body = describeObject(spec, call.version, own, (child) => isVisibleObject(call, child));
  return json(200, body, { "last-modified": definedAt });
}

/** Everything below `sobjects`. @param path - the parts after it, decoded */
export function sobjects(call: RestCall, path: readonly string[]): SimulatorResponse {
  const { method } = call.request;
  const [name, second, third] = path;
  if (name === undefined) {
    if (method !== "GET" && method !== "HEAD") throw methodNotAllowed(method, "GET, HEAD");
    const list = objectSpecs
      .filter((spec) => spec.isTooling === call.isTooling && isVisibleObject(call, spec))
      .map((spec) => describeShort(spec, call.version));
    return json(200, { encoding: "UTF-8", maxBatchSize: 200, sobjects: list });
  }
  const spec = findObject(name);
  if (!spec || !isVisibleObject(call, spec)) throw notFound();
  if (second === undefined) {
    if (method === "POST") {
      const row = createRecord(call, spec, bodyOf(call));
      return json(201, success(row.Id), { location: recordUrl(call, spec, row.Id) });
    }
    if (method !== "GET") throw methodNotAllowed(method, "GET, POST, HEAD");
    return json(200, { objectDescribe: describeShort(spec, call.version), recentItems: [] });
  }
  if (second.toLowerCase() === "describe") return described(call, spec);
  if (third !== undefined) return byExternalId(call, spec, second, third);
  return oneRecord(call, spec, call.store.get(spec, second));
}
