import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { id15 } from "#lib/simulator/salesforce/ids.ts";
import { findObject, type ObjectSpec, objectSpecs } from "#lib/simulator/salesforce/objects.ts";
import { isVisibleObject } from "#lib/simulator/salesforce/query-fields.ts";
import {
  createRecord,
  deleteRecord,
  updateRecord,
  upsertRecord,
} from "#lib/simulator/salesforce/record-writes.ts";
import {
  bodyOf,
  failure,
  isTrue,
  listOf,
  methodNotAllowed,
  success,
} from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { wholeRecord } from "#lib/simulator/salesforce/rest-records.ts";

const mostWritten = 200;
const mostReadByAddress = 800;
const mostReadByBody = 2000;

type Outcome = { id?: string; success: boolean };

const rolledBack = {
  statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
  message:
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
  fields: [],
};

/** One after the other; with `allOrNone` nothing stays when one fails, and the others say so. */
function each<Item>(
  call: RestCall,
  items: readonly Item[],
  allOrNone: boolean,
  work: (item: Item) => Outcome,
  idOf: (item: Item) => string | undefined,
): SimulatorResponse {
  const outcomes = call.store.atomically(
    () =>
      items.map((item): Outcome => {
        try {
          return work(item);
        } catch (error) {
          return failure(error, idOf(item));
        }
      }),
    (all) => !allOrNone || all.every((outcome) => outcome.success),
  );
  const isUndone = allOrNone && outcomes.some((outcome) => !outcome.success);
  return json(
    200,
    outcomes.map((outcome, at) => {
      if (!isUndone || !outcome.success) return outcome;
      const id = idOf(items[at] as Item);
      return { ...(id ? { id } : {}), success: false, errors: [rolledBack] };
    }),
  );
}

function specOf(call: RestCall, name: unknown): ObjectSpec {
  const spec = typeof name === "string" ? findObject(name) : undefined;
  if (spec && isVisibleObject(call, spec)) return spec;
  throw new RestRefusal(400, "INVALID_TYPE", `sObject type '${name}' is not supported.`);
}

const typeOf = (record: Record<string, unknown>) =>
  (record.attributes as { type?: unknown } | undefined)?.type;

/** The id of a record in a body, in either spelling, and the rest of it. */
function withoutId(record: Record<string, unknown>) {
  const { Id, id, ...values } = record;
  return { id: String(Id ?? id ?? ""), values };
}

function writeTyped(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const records = listOf(body.records, mostWritten);
  const isCreate = call.request.method === "POST";
  return each(
    call,
    records,
    isTrue(body.allOrNone),
    (record) => {
      const spec = specOf(call, typeOf(record));
      if (isCreate) return success(createRecord(call, spec, record).Id);
      const { id, values } = withoutId(record);
      if (!id) throw new RestRefusal(400, "MISSING_ARGUMENT", "Id not specified in an update call");
      updateRecord(call, spec, id, values);
      return success(id);
    },
    () => undefined,
  );
}

function upsertTyped(call: RestCall, object: string, fieldName: string): SimulatorResponse {
  const body = bodyOf(call);
  const spec = specOf(call, object);
  return each(
    call,
    listOf(body.records, mostWritten),
    isTrue(body.allOrNone),
    (record) => {
      if (specOf(call, typeOf(record)) !== spec) {
        throw new RestRefusal(
          400,
          "INVALID_TYPE",
          "all records must be of the type of the address",
        );
      }
      const name = Object.keys(record).find((key) => key.toLowerCase() === fieldName.toLowerCase());
      const value = name === undefined ? undefined : record[name];
      if (name === undefined || value == null) {
        throw new RestRefusal(400, "MISSING_ARGUMENT", `${fieldName} not specified`, [fieldName]);
      }
      const { [name]: _, ...values } = record;
      const { row, isCreated } = upsertRecord(call, spec, fieldName, String(value), values);
      return { ...success(row.Id), created: isCreated };
    },
    () => undefined,
  );
}

function deleteByIds(call: RestCall): SimulatorResponse {
  const ids = (call.query.get("ids") ?? "").split(",").filter(Boolean);
  if (ids.length === 0 || ids.length > mostWritten) {
    throw new RestRefusal(400, "INVALID_INPUT", `1 to ${mostWritten} ids are expected`);
  }
  return each(
    call,
    ids,
    isTrue(call.query.get("allOrNone")),
    (id) => {
      const spec = objectSpecs.find(({ keyPrefix }) => keyPrefix === id15(id).slice(0, 3));
      if (!spec) throw new RestRefusal(400, "MALFORMED_ID", `malformed id ${id}`);
      deleteRecord(call, spec, id);
      return success(id);
    },
    (id) => id,
  );
}

function readByIds(call: RestCall, object: string): SimulatorResponse {
  const spec = findObject(object);
  if (!spec || !isVisibleObject(call, spec)) throw notFound();
  const isPost = call.request.method === "POST";
  const body = isPost ? bodyOf(call) : null;
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : null);
  const ids = body ? list(body.ids) : call.query.get("ids")?.split(",");
  const fields = body ? list(body.fields) : call.query.get("fields")?.split(",");
  if (!ids?.length || !fields?.length) {
    throw new RestRefusal(400, "MISSING_ARGUMENT", "ids and fields are required");
  }
  if (ids.length > (isPost ? mostReadByBody : mostReadByAddress)) {
    throw new RestRefusal(400, "EXCEEDED_ID_LIMIT", "too many ids");
  }
  return json(
    200,
    ids.map((id) => {
      const row = call.store.find(spec.name, id);
      return row ? wholeRecord(call, spec, row, fields) : null;
    }),
  );
}

/** `composite/sobjects` and what is below it. @param path - decoded */
export function collections(call: RestCall, path: readonly string[]): SimulatorResponse {
  const { method } = call.request;
  const [object, field] = path;
  if (object === undefined) {
    if (method === "DELETE") return deleteByIds(call);
    if (method === "POST" || method === "PATCH") return writeTyped(call);
    throw methodNotAllowed(method, "POST, PATCH, DELETE");
  }
  if (field !== undefined) {
    if (method === "PATCH") return upsertTyped(call, object, field);
    throw methodNotAllowed(method, "PATCH");
  }
  if (method === "GET" || method === "POST") return readByIds(call, object);
  throw methodNotAllowed(method, "GET, POST");
}
