import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { isRunning, startedQuery } from "./automation-state.ts";
import type { Query } from "./data-types.ts";
import { refuse } from "./rest-body.ts";
import {
  listOf,
  notFound,
  pageOf,
  type RestCall,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { folderId } from "./seed-folders.ts";

const seeded = new Date(seededUntilMs).toISOString().slice(0, 19);
const maxPageSize = 25;

function toQuery(call: RestCall, one: Query) {
  const { core, caller } = call;
  const target = core.data.findByKey(caller.tenant, one.mid, one.targetKey);
  return {
    queryDefinitionId: one.id,
    name: one.name,
    key: one.key,
    description: "",
    queryText: one.text,
    targetName: target?.name ?? one.targetKey,
    targetKey: one.targetKey,
    targetId: target?.id ?? "",
    targetUpdateTypeId: 0,
    targetUpdateTypeName: "Overwrite",
    categoryId: folderId(unitOf(call).folders.all(), "queryactivity"),
    isFrozen: false,
    createdDate: seeded,
    modifiedDate: seeded,
  };
}

function queryOf(call: RestCall): Query {
  const found = unitOf(call).queries.get((call.parameters.id ?? "").toLowerCase());
  if (!found) throw notFound();
  return found;
}

function start(call: RestCall): SimulatorResponse {
  const one = queryOf(call);
  const nowMs = call.core.context.clock.nowMs();
  if (isRunning(one, nowMs)) throw refuse(409, 30002, "The query is already running.");
  unitOf(call).queries.put(startedQuery(one, nowMs));
  return json(200, "OK");
}

const queries = "/automation/v1/queries";

/** SQL queries (contract 9). */
export const queryRoutes: readonly RestRoute[] = [
  route("GET", queries, "automations_read", (call) =>
    listOf(
      call,
      unitOf(call)
        .queries.all()
        .map((one) => toQuery(call, one)),
      pageOf(call, maxPageSize, maxPageSize),
    ),
  ),
  route("GET", `${queries}/:id`, "automations_read", (call) =>
    json(200, toQuery(call, queryOf(call))),
  ),
  route("POST", `${queries}/:id/actions/start`, "automations_execute", start),
  route("GET", `${queries}/:id/actions/isrunning`, "automations_read", (call) => {
    const one = queryOf(call);
    const isOn = isRunning(one, call.core.context.clock.nowMs());
    return json(200, { queryDefinitionId: one.id, isRunning: isOn });
  }),
];
