import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { asyncSeconds } from "./data-async.ts";
import type { AsyncRequest, DataExtension, GivenRow, RowAction } from "./data-types.ts";
import { bodyOf, optionalList, refuse, textsOf } from "./rest-body.ts";
import { isoMs } from "./rest-journeys.ts";
import {
  nowOf,
  pageOf,
  type RestCall,
  type RestRoute,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";

const operational = (resultCode: string, message: string) => [
  { resultType: "Operational", resultClass: "Error", resultCode, message },
];

function targetOf(call: RestCall): DataExtension | undefined {
  const { core, caller, parameters } = call;
  const wanted = parameters.id ?? "";
  return /^key:/i.test(wanted)
    ? core.data.findByKey(caller.tenant, caller.token.mid, wanted.slice(4))
    : unitOf(call).dataExtensions.get(wanted.toLowerCase());
}

/** Puts rows in the queue of what is written in the vendor's own time. */
export function writeLater(
  call: RestCall,
  {
    id,
    one,
    action,
    rows,
  }: { id: string; one: DataExtension; action: RowAction; rows: GivenRow[] },
): void {
  const request: AsyncRequest = {
    id,
    calledAtMs: nowOf(call),
    work: { dataExtensionId: one.id, action, rows },
    results: [],
  };
  unitOf(call).asyncRequests.put(request);
}

const write =
  (action: RowAction) =>
  (call: RestCall): SimulatorResponse => {
    const items = optionalList(bodyOf(call), "items");
    if (!items) throw refuse(400, 10002, "items is required.");
    const requestId = call.core.context.random.uuid();
    const one = targetOf(call);
    if (!one) {
      const message = "Unable to find data extension.";
      return json(200, {
        requestId,
        resultMessages: operational("CustomObjectNotFound", message),
      });
    }
    writeLater(call, { id: requestId, one, action, rows: items.map(textsOf) });
    return json(202, { requestId, resultMessages: [] });
  };

const requestOf = (call: RestCall) =>
  unitOf(call).asyncRequests.get((call.parameters.request ?? "").toLowerCase());

const unknownRequest = (call: RestCall) =>
  json(200, {
    requestId: call.parameters.request,
    resultMessages: operational("AsyncRequestStatusNotFound", "The request was not found."),
  });

function status(call: RestCall): SimulatorResponse {
  const request = requestOf(call);
  if (!request) return unknownRequest(call);
  const { id, calledAtMs, work, results } = request;
  const doneAtMs = calledAtMs + asyncSeconds * 1000;
  const isDone = work === null;
  const hasErrors = results.some((result) => result.status === "Error");
  return json(200, {
    status: {
      callDateTime: isoMs(calledAtMs),
      pickupDateTime: isoMs(calledAtMs),
      ...(isDone ? { completionDateTime: isoMs(doneAtMs) } : {}),
      requestStatus: isDone ? "Complete" : "Pending",
      resultStatus: isDone && hasErrors ? "Error" : "OK",
      hasErrors: isDone && hasErrors,
      requestId: id,
    },
    requestId: id,
    resultMessages: [],
  });
}

const resultPageSize = 50;
function results(call: RestCall): SimulatorResponse {
  const request = requestOf(call);
  if (!request) return unknownRequest(call);
  const page = pageOf(call, resultPageSize, resultPageSize);
  return json(200, {
    ...page,
    count: request.results.length,
    items: slice(request.results, page),
    requestId: request.id,
  });
}

const rows = "/data/v1/async/dataextensions/:id/rows";

/** Rows that the vendor writes in its own time (contract 7). */
export const dataAsyncRoutes: readonly RestRoute[] = [
  route("POST", rows, "data_extensions_write", write("insert")),
  route("PUT", rows, "data_extensions_write", write("upsert")),
  route("GET", "/data/v1/async/:request/status", "data_extensions_read", status),
  route("GET", "/data/v1/async/:request/results", "data_extensions_read", results),
];
