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
import type { RestCall } from "#lib/simulator/salesforce/rest.ts";
import { recordUrl, visibleObject } from "#lib/simulator/salesforce/rest-query.ts";
import { setupObjects } from "#lib/simulator/salesforce/setup-records.ts";

export const success = (id: string) => ({ id, success: true, errors: [] });

export const parseBody = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below in the words of the provider.
  }
  throw new RestRefusal(
    400,
    "JSON_PARSER_ERROR",
    "Unexpected character or end of input in the JSON body",
  );
};

const methodNotAllowed = (method: string, allowed: string) =>
  new RestRefusal(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${method}' not allowed. Allowed are ${allowed}`,
  );

/** @throws {RestRefusal} not of this kind, or not for this user */
function requireWritable(
  call: RestCall,
  spec: ObjectSpec,
  action: "create" | "update" | "delete",
): void {
  const isSetup =
    setupObjects.has(spec.name) || spec.name.startsWith("PermissionSet") || spec.name === "User";
  if (isSetup && !call.user.permissions.manageUsers) {
    throw new RestRefusal(
      403,
      "INSUFFICIENT_ACCESS_OR_READONLY",
      "insufficient access rights on object id",
    );
  }
  const isPossible =
    action === "update"
      ? spec.isUpdateable
      : spec.isWritable && !(action === "delete" && spec.name === "User");
  if (!isPossible) {
    throw new RestRefusal(
      400,
      "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
      `entity type ${spec.name} does not support ${action}`,
    );
  }
}

export function createRecord(
  call: RestCall,
  spec: ObjectSpec,
  values: Record<string, unknown>,
): Row {
  requireWritable(call, spec, "create");
  return call.store.insert(spec, values);
}

export function updateRecord(
  call: RestCall,
  spec: ObjectSpec,
  id: string,
  values: Record<string, unknown>,
): void {
  requireWritable(call, spec, "update");
  const { Id: _, ...rest } = values;
  call.store.update(spec, call.store.get(spec, id), rest);
}

export function deleteRecord(call: RestCall, spec: ObjectSpec, id: string): void {
  requireWritable(call, spec, "delete");
  call.store.remove(spec, call.store.get(spec, id));
}

const whole = (call: RestCall, spec: ObjectSpec, row: Row, fields: string | null) => {
  const names = fields
    ? fields.split(",").map((name) => {
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

function byExternalId(
  call: RestCall,
  spec: ObjectSpec,
  fieldName: string,
  value: string,
): SimulatorResponse {
  const field = findField(spec, fieldName);
  if (!field || !(field.isExternalId || field.type === "id")) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
  }
  const hits = call.store
    .rows(spec)
    .filter((row) => String(row[field.name]).toLowerCase() === value.toLowerCase());
  const { method } = call.request;
  if (hits.length > 1)
    return json(
      300,
      hits.map((row) => recordUrl(call, spec, row.Id)),
    );
  const hit = hits[0];
  if (method === "PATCH") {
    const values = parseBody(call.request.body.toString("utf8"));
    if (hit) updateRecord(call, spec, hit.Id, values);
    const row = hit ?? createRecord(call, spec, { ...values, [field.name]: value });
    // Before version 46 an update by external id had no body.
    if (hit && Number(call.version) < 46) return empty(204);
    return json(hit ? 200 : 201, { ...success(row.Id), created: !hit });
  }
  if (!hit) throw notFound();
  if (method === "GET") return json(200, whole(call, spec, hit, call.query.get("fields")));
  if (method !== "DELETE") throw methodNotAllowed(method, "GET, PATCH, DELETE, HEAD");
  deleteRecord(call, spec, hit.Id);
  return empty(204);
}

/** Everything below `sobjects`. @param path - the parts after it, decoded */
export function sobjects(call: RestCall, path: readonly string[]): SimulatorResponse {
  const { method } = call.request;
  const [name, second, third] = path;
  if (name === undefined) {
    const isVisible = (spec: ObjectSpec) =>
      spec.isTooling === call.isTooling &&
      (!setupObjects.has(spec.name) || call.user.permissions.viewSetup);
    const list = objectSpecs.filter(isVisible).map((spec) => describeShort(spec, call.version));
    return json(200, { encoding: "UTF-8", maxBatchSize: 200, sobjects: list });
  }
  const spec = findObject(name) && visibleObject(call, name, () => notFound());
  if (!spec) throw notFound();
  if (second === undefined) {
    if (method === "POST") {
      const row = createRecord(call, spec, parseBody(call.request.body.toString("utf8")));
      return json(201, success(row.Id), { location: recordUrl(call, spec, row.Id) });
    }
    if (method !== "GET") throw methodNotAllowed(method, "GET, POST, HEAD");
    return json(200, { objectDescribe: describeShort(spec, call.version), recentItems: [] });
  }
  if (second.toLowerCase() === "describe") {
    // Nothing here is ever redefined, so any date since is fresh.
    if (call.request.headers.has("if-modified-since")) return empty(304);
    return json(200, describeObject(spec, call.version), {
      "last-modified": "Mon, 06 Jan 2025 00:00:00 GMT",
    });
  }
  if (third !== undefined) return byExternalId(call, spec, second, third);
  if (method === "PATCH") {
    updateRecord(call, spec, second, parseBody(call.request.body.toString("utf8")));
    return empty(204);
  }
  if (method === "DELETE") {
    deleteRecord(call, spec, second);
    return empty(204);
  }
  if (method !== "GET" && method !== "HEAD")
    throw methodNotAllowed(method, "GET, PATCH, DELETE, HEAD");
  return json(200, whole(call, spec, call.store.get(spec, second), call.query.get("fields")));
}
