import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { type RowAction, writeRows } from "./data-rows.ts";
import type { AsyncRequest, DataExtension } from "./data-types.ts";
import { bodyOf, optionalList, refuse } from "./rest-body.ts";
import { textsOf } from "./rest-data-write.ts";
import { isoMs } from "./rest-journeys.ts";
import { pageOf, type RestCall, type RestRoute, route, slice, unitOf } from "./rest-route.ts";

/** The status says Pending for so long; the rows are there at once. */
const pendingSeconds = 5;

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

const write =
  (action: RowAction) =>
  (call: RestCall): SimulatorResponse => {
    const { core, caller } = call;
    const items = optionalList(bodyOf(call), "items");
    if (!items) throw refuse(400, 10002, "items is required.");
    const requestId = core.context.random.uuid();
    const one = targetOf(call);
    if (!one) {
      const message = "Unable to find data extension.";
      return json(200, {
        requestId,
        resultMessages: operational("CustomObjectNotFound", message),
      });
    }
    const given = items.map(textsOf);
    const { rows, problems } = writeRows(one, core.data.rows(one), given, action);
    const nowMs = core.context.clock.nowMs();
    core.data.save(caller.tenant, { ...one, modifiedAtMs: nowMs }, rows);
    const request: AsyncRequest = {
      id: requestId,
      calledAtMs: nowMs,
      results: problems.map((problem) => ({
        errorCode: problem === null ? "" : "InvalidRow",
        message: problem ?? "",
        status: problem === null ? "OK" : "Error",
      })),
    };
    unitOf(call).asyncRequests.put(request);
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
  const { id, calledAtMs, results } = request;
  const doneAtMs = calledAtMs + pendingSeconds * 1000;
  const isDone = call.core.context.clock.nowMs() >= doneAtMs;
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
