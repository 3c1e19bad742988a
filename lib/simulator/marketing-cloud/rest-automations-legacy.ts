import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { automationStatuses, paused, scheduled, statusAt } from "./automation-state.ts";
import type { Automation } from "./data-types.ts";
import { bodyOf, optionalObject, optionalText, refuse, requiredText } from "./rest-body.ts";
import {
  notFound,
  nowOf,
  numberOf,
  type RestCall,
  type RestRoute,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";

/** The route behind the vendor's own pages: the only way to pause a schedule or to take it up again. */
function switchSchedule(call: RestCall): SimulatorResponse {
  const action = call.query.get("action")?.toLowerCase();
  if (action !== "schedule" && action !== "pauseschedule") {
    throw refuse(400, 10005, "action must be schedule or pauseSchedule.");
  }
  const body = bodyOf(call);
  const legacyId = requiredText(body, "id");
  const one = unitOf(call)
    .automations.all()
    .find((other) => other.legacyId === legacyId);
  if (!one) throw notFound();
  if (one.schedule === null) throw refuse(400, 30000, "The automation has no schedule.");
  const scheduleObject = optionalObject(body, "scheduleObject");
  const wanted = scheduleObject && optionalText(scheduleObject, "id");
  if (action === "schedule" && wanted !== one.schedule.id) {
    throw refuse(400, 10005, "scheduleObject.id is not the schedule of this automation.");
  }
  const isOn = action === "schedule";
  unitOf(call).automations.put({
    ...one,
    statusId: isOn ? scheduled : paused,
    schedule: { ...one.schedule, scheduleStatus: isOn ? "scheduled" : "paused" },
    modifiedAtMs: nowOf(call),
  });
  return json(200, { id: one.legacyId });
}

const toLegacy = (call: RestCall, one: Automation) => {
  const who = { id: "NzE3MzUzNDA1OjQ6MA", name: call.caller.tenant.company, email: "" };
  return {
    id: one.legacyId,
    key: one.key,
    createdDate: new Date(one.createdAtMs).toISOString(),
    name: one.name,
    description: one.description,
    clientId: one.mid,
    status: automationStatuses[statusAt(one, nowOf(call))],
    createdBy: who,
    modifiedDate: new Date(one.modifiedAtMs).toISOString(),
    modifiedBy: who,
    isPlatformObject: false,
    automationType: one.typeId === 2 ? "triggered" : "scheduled",
    ...(one.schedule === null ? {} : { scheduleObject: one.schedule }),
  };
};

/** The old families count pages from 0 and call their items entries. */
function listLegacy(call: RestCall): SimulatorResponse {
  const all = unitOf(call).automations.all();
  const pageSize = numberOf(call, "$top", 50, 50);
  const skip = call.query.get("$skip") ?? "0";
  if (!/^[0-9]{1,8}$/.test(skip)) throw refuse(400, 10001, "$skip must be a number.");
  const page = { page: Number(skip) + 1, pageSize };
  return json(200, {
    startIndex: Number(skip),
    itemsPerPage: pageSize,
    totalResults: all.length,
    entry: slice(all, page).map((one) => toLegacy(call, one)),
  });
}

function readLegacy(call: RestCall): SimulatorResponse {
  const found = unitOf(call)
    .automations.all()
    .find((one) => one.legacyId === call.parameters.id);
  if (!found) throw notFound();
  return json(200, toLegacy(call, found));
}

const legacy = "/legacy/v1/beta/bulk/automations/automation/definition";

/** Automations by the old route, with the ids that only it knows (contract 9). */
export const legacyAutomationRoutes: readonly RestRoute[] = [
  route("GET", legacy, "automations_read", listLegacy),
  route("POST", legacy, "automations_execute", switchSchedule),
  route("GET", `${legacy}/:id`, "automations_read", readLegacy),
];
