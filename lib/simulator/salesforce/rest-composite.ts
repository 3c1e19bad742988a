import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { findObject, objectSpecs } from "#lib/simulator/salesforce/objects.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest.ts";
import {
  createRecord,
  deleteRecord,
  parseBody,
  success,
  updateRecord,
} from "#lib/simulator/salesforce/rest-records.ts";

type Sub = {
  method?: string;
  url?: string;
  body?: unknown;
  referenceId?: string;
  richInput?: unknown;
};
type Dispatch = (call: RestCall, method: string, url: string, body: unknown) => SimulatorResponse;

const listOf = (value: unknown, most: number): Record<string, unknown>[] => {
  if (!Array.isArray(value) || value.length > most) {
    throw new RestRefusal(400, "INVALID_INPUT", `a list of at most ${most} is expected`);
  }
  return value as Record<string, unknown>[];
};

const bodyOf = (answer: SimulatorResponse): unknown =>
  answer.body.length ? JSON.parse(String(answer.body)) : null;

/** `@{ref.field.field}` in a later request stands for what an earlier one answered. */
function fillIn(value: unknown, answers: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/@\{(\w+)\.([\w.[\]]+)\}/g, (_, name: string, path: string) => {
      const found = path
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>(
          (at, step) => (at as Record<string, unknown> | null)?.[step],
          answers.get(name),
        );
      if (found === undefined)
        throw new RestRefusal(
          400,
          "PROCESSING_HALTED",
          `Invalid reference specified: ${name}.${path}`,
        );
      return String(found);
    });
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, answers));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillIn(item, answers)]),
  );
}

function composite(call: RestCall, dispatch: Dispatch): SimulatorResponse {
  const body = parseBody(call.request.body.toString("utf8"));
  const answers = new Map<string, unknown>();
  const responses: {
    body: unknown;
    httpHeaders: object;
    httpStatusCode: number;
    referenceId: string;
  }[] = [];
  let isHalted = false;
  for (const sub of listOf(body.compositeRequest, 25) as Sub[]) {
    const referenceId = sub.referenceId ?? "";
    const put = (httpStatusCode: number, answer: unknown) =>
      responses.push({ body: answer, httpHeaders: {}, httpStatusCode, referenceId });
    try {
      if (isHalted && body.allOrNone === true) {
        throw new RestRefusal(
          400,
          "PROCESSING_HALTED",
          "The transaction was rolled back since another operation in the same transaction failed.",
        );
      }
      const answer = dispatch(
        call,
        sub.method ?? "GET",
        String(fillIn(sub.url, answers)),
        fillIn(sub.body, answers),
      );
      answers.set(referenceId, bodyOf(answer));
      put(answer.status, bodyOf(answer));
      isHalted ||= answer.status >= 400;
    } catch (error) {
      if (!(error instanceof RestRefusal)) throw error;
      isHalted = true;
      put(error.status, error.toBody());
    }
  }
  return json(200, { compositeResponse: responses });
}

function batch(call: RestCall, dispatch: Dispatch): SimulatorResponse {
  const body = parseBody(call.request.body.toString("utf8"));
  const results = (listOf(body.batchRequests, 25) as Sub[]).map((sub) => {
    try {
      const url = String(sub.url).replace(/^\/?(?=v\d)/, "/services/data/");
      const answer = dispatch(call, sub.method ?? "GET", url, sub.richInput);
      return { statusCode: answer.status, result: bodyOf(answer) };
    } catch (error) {
      if (!(error instanceof RestRefusal)) throw error;
      return { statusCode: error.status, result: error.toBody() };
    }
  });
  return json(200, { hasErrors: results.some(({ statusCode }) => statusCode >= 400), results });
}

const failure = (error: unknown, id?: string) => {
  if (!(error instanceof RestRefusal)) throw error;
  const told = { statusCode: error.errorCode, message: error.message, fields: error.fields ?? [] };
  return { ...(id ? { id } : {}), success: false, errors: [told] };
};

function collection(call: RestCall): SimulatorResponse {
  const { method } = call.request;
  if (method === "DELETE") {
    const ids = (call.query.get("ids") ?? "").split(",").filter(Boolean);
    return json(
      200,
      ids.map((id) => {
        try {
          const spec = objectSpecs.find(({ keyPrefix }) => keyPrefix === id.slice(0, 3));
          if (!spec) throw notFound();
          deleteRecord(call, spec, id);
          return success(id);
        } catch (error) {
          return failure(error, id);
        }
      }),
    );
  }
  if (method !== "POST" && method !== "PATCH") {
    throw new RestRefusal(
      405,
      "METHOD_NOT_ALLOWED",
      `HTTP Method '${method}' not allowed. Allowed are POST, PATCH, DELETE`,
    );
  }
  const records = listOf(parseBody(call.request.body.toString("utf8")).records, 200);
  return json(
    200,
    records.map((record) => {
      try {
        const type = (record.attributes as { type?: string } | undefined)?.type ?? "";
        const spec = findObject(type);
        if (!spec)
          throw new RestRefusal(400, "INVALID_TYPE", `sObject type '${type}' is not supported.`);
        if (method === "POST") return success(createRecord(call, spec, record).Id);
        const id = String(record.Id ?? record.id ?? "");
        const { id: _, ...values } = record;
        updateRecord(call, spec, id, values);
        return success(id);
      } catch (error) {
        return failure(error);
      }
    }),
  );
}

function tree(call: RestCall, name: string): SimulatorResponse {
  const spec = findObject(name);
  if (!spec) throw notFound();
  const records = listOf(parseBody(call.request.body.toString("utf8")).records, 200);
  const results = records.map((record) => {
    const { attributes, ...values } = record;
    const { referenceId } = attributes as { referenceId: string };
    return { referenceId, id: createRecord(call, spec, values).Id };
  });
  return json(201, { hasErrors: false, results });
}

/** Everything below `composite`. */
export function compositeResource(
  call: RestCall,
  path: readonly string[],
  dispatch: Dispatch,
): SimulatorResponse {
  const [name, object] = path.map((part) => part.toLowerCase());
  if (name === "sobjects") return collection(call);
  if (call.request.method !== "POST") {
    throw new RestRefusal(
      405,
      "METHOD_NOT_ALLOWED",
      `HTTP Method '${call.request.method}' not allowed. Allowed are POST`,
    );
  }
  if (name === undefined) return composite(call, dispatch);
  if (name === "batch") return batch(call, dispatch);
  if (name === "tree" && object) return tree(call, object);
  throw notFound();
}
