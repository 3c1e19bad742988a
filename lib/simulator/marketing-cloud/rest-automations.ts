import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import {
  automationStatuses,
  paused,
  ready,
  running,
  started,
  startProblem,
  statusAt,
} from "./automation-state.ts";
import type { Automation, AutomationActivity, Loose } from "./data-types.ts";
import {
  type Body,
  bodyOf,
  isObject,
  optionalBodyOf,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import {
  listOf,
  notFound,
  nowOf,
  type RestCall,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";
import { folderId } from "./seed-folders.ts";
import { slug } from "./unit-seed.ts";

const isoDate = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 19);
const idOf = (one: Automation, ...path: number[]) =>
  `${one.id.slice(0, 24)}${path
    .map((part) => String(part).padStart(4, "0"))
    .join("")
    .padStart(12, "0")}`;

const toSteps = (call: RestCall, one: Automation) =>
  one.steps.map(({ name, activities }, at) => ({
    id: idOf(one, at + 1),
    name,
    step: at + 1,
    activities: activities.map((activity, index) => ({
      id: idOf(one, at + 1, index + 1),
      ...activity,
      displayOrder: index + 1,
      ...targets(call, activity),
    })),
  }));

/** Queries and imports name the data extension they fill. */
function targets(call: RestCall, { name, objectTypeId }: AutomationActivity) {
  if (objectTypeId !== 300) return {};
  const query = unitOf(call)
    .queries.all()
    .find((one) => one.name === name);
  const { core, caller } = call;
  const target = query && core.data.findByKey(caller.tenant, caller.token.mid, query.targetKey);
  if (!target) return {};
  const { id, key, description } = target;
  const rowCount = core.data.rowCount(target);
  return { targetDataExtensions: [{ id, name: target.name, key, description, rowCount }] };
}

function toAutomation(call: RestCall, one: Automation, isFull: boolean) {
  const statusId = statusAt(one, nowOf(call));
  return {
    id: one.id,
    name: one.name,
    description: one.description,
    key: one.key,
    typeId: one.typeId,
    type: one.typeId === 2 ? "triggered" : "scheduled",
    statusId,
    status: automationStatuses[statusId],
    categoryId: one.categoryId,
    ...(one.lastRunAtMs === null
      ? {}
      : { lastRunTime: isoDate(one.lastRunAtMs), lastRunInstanceId: one.lastRunInstanceId }),
    ...(isFull
      ? {
          ...(one.schedule === null ? {} : { schedule: one.schedule }),
          steps: toSteps(call, one),
        }
      : {}),
  };
}

function automationOf(call: RestCall): Automation {
  const wanted = call.parameters.id ?? "";
  const unit = unitOf(call);
  const found = /^key:/i.test(wanted)
    ? unit.automations.all().find(({ key }) => key.toLowerCase() === wanted.slice(4).toLowerCase())
    : unit.automations.get(wanted.toLowerCase());
  if (!found) throw notFound();
  return found;
}

function runAllOnce(call: RestCall): SimulatorResponse {
  const one = automationOf(call);
  const nowMs = nowOf(call);
  const problem = startProblem(one, nowMs);
  if (problem) throw refuse(409, 30002, problem);
  const instanceId = call.core.context.random.uuid();
  unitOf(call).automations.put(started(one, instanceId, nowMs));
  return json(200, { id: one.id, instanceId, statusId: running, status: "Running" });
}

/** It exists and wants its steps named; who means all of it takes `runallonce`. */
function start(call: RestCall): SimulatorResponse {
  const one = automationOf(call);
  const steps = optionalList(optionalBodyOf(call), "Steps");
  if (!steps || steps.length === 0) throw refuse(400, 10002, "Steps is required.");
  const nowMs = nowOf(call);
  const problem = startProblem(one, nowMs);
  if (problem) throw refuse(409, 30002, problem);
  const instanceId = call.core.context.random.uuid();
  unitOf(call).automations.put(started(one, instanceId, nowMs));
  return json(200, { id: one.id, instanceId, statusId: running, status: "Running" });
}

function stepsOf(body: Body): Automation["steps"] | undefined {
  return optionalList(body, "steps")?.map((step) => ({
    name: optionalText(step, "name") ?? optionalText(step, "annotation") ?? "",
    activities: (optionalList(step, "activities") ?? []).map((activity) => {
      const objectTypeId = optionalNumber(activity, "objectTypeId");
      if (objectTypeId === undefined) throw refuse(400, 10002, "objectTypeId is required.");
      return {
        name: requiredText(activity, "name", 200),
        objectTypeId,
        activityObjectId: requiredText(activity, "activityObjectId", 36),
      };
    }),
  }));
}

type Start = { typeId: number; schedule: Loose | null };

/** A malformed schedule is taken without a word, as at the vendor. */
function startOf(call: RestCall, body: Body): Start | undefined {
  const source = optionalObject(body, "startSource");
  if (!source) return undefined;
  const given = valueIn(source, "schedule");
  const schedule = isObject(given)
    ? { id: call.core.context.random.uuid(), ...given, scheduleStatus: "paused" }
    : null;
  return { typeId: optionalNumber(source, "typeId") ?? 1, schedule };
}

/** What create and change answer: another shape than a read, with `legacyId`. */
const toSaved = (call: RestCall, one: Automation) => ({
  id: one.id,
  legacyId: one.legacyId,
  name: one.name,
  description: one.description,
  key: one.key,
  categoryId: one.categoryId,
  statusId: statusAt(one, nowOf(call)),
  lastSavedDate: isoDate(one.modifiedAtMs),
  lastSavedByName: call.caller.user?.name ?? call.caller.made.name,
  createdDate: isoDate(one.createdAtMs),
  createdByName: call.caller.user?.name ?? call.caller.made.name,
  updateInProgress: false,
  startSource: { typeId: one.typeId, ...(one.schedule ? { schedule: one.schedule } : {}) },
  steps: one.steps.map(({ name, activities }, at) => ({
    annotation: name,
    stepNumber: at,
    activities: activities.map((activity, index) => ({
      id: idOf(one, at + 1, index + 1),
      ...activity,
      displayOrder: index + 1,
    })),
  })),
});

/** Names and keys are taken once in a business unit. */
function refuseTaken(call: RestCall, one: Pick<Automation, "id" | "key" | "name">): void {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  for (const other of unitOf(call).automations.all()) {
    if (other.id === one.id) continue;
    if (same(other.key, one.key)) throw refuse(409, 30004, `The key ${one.key} is already in use.`);
    if (same(other.name, one.name)) {
      throw refuse(409, 30004, `The name ${one.name} is already in use.`);
    }
  }
}

function create(call: RestCall): SimulatorResponse {
  const { random } = call.core.context;
  const body = bodyOf(call);
  const name = requiredText(body, "name", 200);
  const nowMs = nowOf(call);
  const begin = startOf(call, body);
  const made: Automation = {
    id: random.uuid(),
    legacyId: random.token(34),
    mid: call.caller.token.mid,
    key: optionalText(body, "key", 200) ?? slug(name),
    name,
    description: optionalText(body, "description") ?? "",
    typeId: begin?.typeId ?? 1,
    // With a schedule it waits for somebody to switch that on.
    statusId: begin?.schedule ? paused : ready,
    categoryId:
      optionalNumber(body, "categoryId") ?? folderId(unitOf(call).folders.all(), "automations"),
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    lastRunAtMs: null,
    lastRunInstanceId: null,
    runUntilMs: 0,
    schedule: begin?.schedule ?? null,
    steps: stepsOf(body) ?? [],
  };
  refuseTaken(call, made);
  unitOf(call).automations.put(made);
  return json(201, toSaved(call, made));
}

function change(call: RestCall): SimulatorResponse {
  const one = automationOf(call);
  const body = bodyOf(call);
  if (statusAt(one, nowOf(call)) === running) {
    throw refuse(409, 30002, "The automation is running and cannot be changed.");
  }
  const begin = startOf(call, body);
  const changed: Automation = {
    ...one,
    key: optionalText(body, "key", 200) ?? one.key,
    name: optionalText(body, "name", 200) ?? one.name,
    description: optionalText(body, "description") ?? one.description,
    categoryId: optionalNumber(body, "categoryId") ?? one.categoryId,
    steps: stepsOf(body) ?? one.steps,
    modifiedAtMs: nowOf(call),
    ...(begin
      ? {
          typeId: begin.typeId,
          schedule: begin.schedule,
          statusId: begin.schedule ? paused : ready,
        }
      : {}),
  };
  refuseTaken(call, changed);
  unitOf(call).automations.put(changed);
  return json(200, toSaved(call, changed));
}

function remove(call: RestCall): SimulatorResponse {
  const one = automationOf(call);
  if (statusAt(one, nowOf(call)) === running) {
    throw refuse(409, 30002, "The automation is running and cannot be deleted.");
  }
  unitOf(call).automations.remove(one.id);
  return json(200, {});
}

const automations = "/automation/v1/automations";

/** Automations (contract 9). */
export const automationRoutes: readonly RestRoute[] = [
  route("GET", automations, "automations_read", (call) =>
    listOf(
      call,
      unitOf(call)
        .automations.all()
        .map((one) => toAutomation(call, one, false)),
    ),
  ),
  route("POST", automations, "automations_write", create),
  route("GET", `${automations}/:id`, "automations_read", (call) =>
    json(200, toAutomation(call, automationOf(call), true)),
  ),
  route("PATCH", `${automations}/:id`, "automations_write", change),
  route("DELETE", `${automations}/:id`, "automations_write", remove),
  route("POST", `${automations}/:id/actions/runallonce`, "automations_execute", runAllOnce),
  route("POST", `${automations}/:id/actions/start`, "automations_execute", start),
];
