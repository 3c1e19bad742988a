import { empty, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Journey, Loose } from "./data-types.ts";
import { isLive, settleJourneys, statusWords } from "./journey-state.ts";
import {
  type Body,
  bodyOf,
  optionalList,
  optionalObject,
  optionalText,
  optionalTexts,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import {
  listOf,
  notFound,
  numberOf,
  type RestCall,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";
import { folderId } from "./seed-folders.ts";
import { journeyKey } from "./stock.ts";

const never = "0001-01-01T00:00:00";
export const isoMs = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 23);
const nowOf = ({ core }: RestCall) => core.context.clock.nowMs();

type Extras = { activities: boolean; outcomes: boolean };

const toJourney = (one: Journey, extras: Extras) => ({
  id: one.id,
  key: one.key,
  name: one.name,
  lastPublishedDate: one.publishedAtMs === null ? never : isoMs(one.publishedAtMs),
  description: one.description,
  version: one.version,
  workflowApiVersion: 1,
  createdDate: isoMs(one.createdAtMs),
  modifiedDate: isoMs(one.modifiedAtMs),
  goals: [],
  exits: [],
  notifiers: [],
  defaults: {},
  metaData: {},
  ...one.settings,
  stats: {
    currentPopulation: one.currentPopulation,
    cumulativePopulation: one.cumulativePopulation,
    metGoal: one.metGoal,
    metExitCriteria: 0,
    goalPerformance:
      one.cumulativePopulation === 0
        ? 0
        : Math.round((one.metGoal / one.cumulativePopulation) * 1000) / 10,
  },
  entryMode: one.entryMode,
  definitionType: one.definitionType,
  channel: one.channel,
  definitionId: one.definitionId,
  executionMode: "Production",
  categoryId: one.categoryId,
  status: one.status,
  scheduledStatus: one.status === "ScheduledToPublish" ? "Scheduled" : "NoSchedule",
  ...(extras.activities
    ? {
        triggers: one.triggers,
        activities: extras.outcomes
          ? one.activities
          : one.activities.map(({ outcomes: _, ...activity }) => activity),
        tags: one.tags,
      }
    : {}),
});

const full: Extras = { activities: true, outcomes: true };

/** All versions that are there, after what the clock has brought; deleted ones only when asked for. */
export function journeysOf(call: RestCall): Journey[] {
  const unit = unitOf(call);
  settleJourneys(unit, nowOf(call));
  return unit.journeys.all().filter(({ status }) => status !== "Deleted");
}

/** The versions of one journey by `id` or `key:…`, newest first; at least one. */
export function versionsOf(call: RestCall): [Journey, ...Journey[]] {
  const wanted = call.parameters.id ?? "";
  const key = /^key:/i.test(wanted) ? wanted.slice(4).toLowerCase() : undefined;
  const [newest, ...older] = journeysOf(call)
    .filter((one) =>
      key === undefined ? one.id === wanted.toLowerCase() : one.key.toLowerCase() === key,
    )
    .sort((a, b) => b.version - a.version);
  if (!newest) throw notFound("Interaction matching key not found.");
  return [newest, ...older];
}

export const versionNumberOf = (call: RestCall): number | undefined =>
  call.query.has("versionnumber") ? numberOf(call, "versionnumber", 1, 1e8) : undefined;

/** The version that the request names, or the newest. */
export function versionOf(call: RestCall): Journey {
  const versions = versionsOf(call);
  const wanted = versionNumberOf(call);
  const found =
    wanted === undefined ? versions[0] : versions.find(({ version }) => version === wanted);
  if (!found) throw notFound("Interaction matching key not found.");
  return found;
}

const extraWords = ["all", "activities", "outcome", "stats"];
function extrasOf(call: RestCall): Extras {
  const words = (call.query.get("extras") ?? "")
    .toLowerCase()
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const unknown = words.find((word) => !extraWords.includes(word));
  if (unknown !== undefined) throw refuse(400, 10005, `extras has no value ${unknown}.`);
  const isAll = words.includes("all");
  return {
    activities: isAll || words.includes("activities") || words.includes("outcome"),
    outcomes: isAll || words.includes("outcome"),
  };
}

function list(call: RestCall): SimulatorResponse {
  const { query } = call;
  const status = query.get("status")?.toLowerCase();
  if (status !== undefined && !statusWords.some((word) => word.toLowerCase() === status)) {
    throw refuse(400, 10005, `status has no value ${status}.`);
  }
  const words = query.get("nameordescription")?.toLowerCase();
  const type = query.get("definitiontype")?.toLowerCase();
  const tag = query.get("tag")?.toLowerCase();
  const id = query.get("id")?.toLowerCase();
  const version = versionNumberOf(call);
  const isNewestOnly =
    version === undefined && query.get("mostrecentversiononly")?.toLowerCase() !== "false";
  const present = journeysOf(call);
  const all =
    status === "deleted"
      ? unitOf(call)
          .journeys.all()
          .filter((one) => one.status === "Deleted")
      : present;
  const newest = new Map<string, number>();
  for (const one of all) newest.set(one.id, Math.max(one.version, newest.get(one.id) ?? 0));
  const found = all.filter(
    (one) =>
      (!isNewestOnly || newest.get(one.id) === one.version) &&
      (version === undefined || one.version === version) &&
      (status === undefined || one.status.toLowerCase() === status) &&
      (id === undefined || one.id === id) &&
      (type === undefined || one.definitionType.toLowerCase() === type) &&
      (tag === undefined || one.tags.some((word) => word.toLowerCase() === tag)) &&
      (words === undefined || `${one.name} ${one.description ?? ""}`.toLowerCase().includes(words)),
  );
  const extras = extrasOf(call);
  const order = query.get("$orderby") ?? "ModifiedDate DESC";
  return listOf(
    { ...call, query: new Map(query).set("$orderby", order) },
    found.map((one) => toJourney(one, extras)),
  );
}

const settingNames = ["goals", "exits", "notifiers", "defaults", "metaData"] as const;
const definitionTypes = ["Multistep", "Quicksend", "Transactional"];
const entryModes = ["NotSet", "OnceAndDone", "SingleEntryAcrossAllVersions", "MultipleEntries"];

function oneOf(body: Body, name: string, words: readonly string[], fallback: string): string {
  const given = optionalText(body, name);
  if (given === undefined) return fallback;
  const found = words.find((word) => word.toLowerCase() === given.toLowerCase());
  if (found === undefined) throw refuse(400, 10005, `${name} has no value ${given}.`);
  return found;
}

/** What a create and a replace both say. */
function definedBy(call: RestCall, body: Body) {
  const api = valueIn(body, "workflowApiVersion");
  if (api === undefined || api === null) {
    throw refuse(400, 10002, "workflowApiVersion is required.");
  }
  if (Number(api) !== 1) throw refuse(400, 10005, "workflowApiVersion must be 1.0.");
  optionalObject(body, "defaults");
  optionalObject(body, "metaData");
  for (const name of ["goals", "exits", "notifiers"]) optionalList(body, name);
  const settings: Loose = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = valueIn(body, name);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
  return {
    key: requiredText(body, "key", 200),
    name: requiredText(body, "name", 200),
    description: optionalText(body, "description") ?? "",
    definitionType: oneOf(body, "definitionType", definitionTypes, "Multistep"),
    channel: optionalText(body, "channel") ?? "",
    entryMode: oneOf(body, "entryMode", entryModes, "NotSet"),
    categoryId:
      Number(valueIn(body, "categoryId")) || folderId(unitOf(call).folders.all(), "journey"),
    tags: optionalTexts(body, "tags") ?? [],
    triggers: optionalList(body, "triggers") ?? [],
    activities: optionalList(body, "activities") ?? [],
    settings,
  };
}

/** A new journey, or the next version of the one with this key; always a draft. */
function create(call: RestCall): SimulatorResponse {
  const { random } = call.core.context;
  const given = definedBy(call, bodyOf(call));
  const unit = unitOf(call);
  const versions = journeysOf(call).filter(
    (one) => one.key.toLowerCase() === given.key.toLowerCase(),
  );
  if (versions.some(({ status }) => status === "Draft")) {
    throw refuse(409, 30004, `An interaction with key ${given.key} already exists as a draft.`);
  }
  const nowMs = nowOf(call);
  const made: Journey = {
    ...given,
    id: versions[0]?.id ?? random.uuid(),
    definitionId: random.uuid(),
    mid: call.caller.token.mid,
    version: Math.max(0, ...versions.map(({ version }) => version)) + 1,
    status: "Draft",
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    publishedAtMs: null,
    currentPopulation: 0,
    cumulativePopulation: 0,
    metGoal: 0,
    pause: null,
    publishProblem: null,
  };
  unit.journeys.put(made);
  return json(200, toJourney(made, full));
}

/** The whole of a draft, by whoever has seen its last state: id, version and modifiedDate say so. */
function replace(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const id = requiredText(body, "id").toLowerCase();
  const version = Number(requiredText(body, "version"));
  const seen = requiredText(body, "modifiedDate");
  const given = definedBy(call, body);
  const unit = unitOf(call);
  settleJourneys(unit, nowOf(call));
  const held = unit.journeys.get(journeyKey(id, version));
  if (!held || held.status === "Deleted") throw notFound("Interaction matching key not found.");
  if (Date.parse(`${seen.replace(/Z$/i, "")}Z`) !== held.modifiedAtMs) {
    throw refuse(
      409,
      30002,
      "The interaction was modified since it was read. Read it again and repeat the change.",
    );
  }
  if (held.status !== "Draft") {
    throw refuse(
      409,
      30002,
      `An interaction in the status ${held.status} cannot be changed; make a new version.`,
    );
  }
  const isTaken = journeysOf(call).some(
    (one) => one.id !== id && one.key.toLowerCase() === given.key.toLowerCase(),
  );
  if (isTaken) throw refuse(409, 30004, `An interaction with key ${given.key} already exists.`);
  // A date that differs from the one before, however fast two changes follow each other.
  const changed = {
    ...held,
    ...given,
    modifiedAtMs: Math.max(nowOf(call), held.modifiedAtMs + 1),
    publishProblem: null,
  };
  unit.journeys.put(changed);
  return json(200, toJourney(changed, full));
}

function remove(call: RestCall): SimulatorResponse {
  const wanted = versionNumberOf(call);
  const versions = wanted === undefined ? versionsOf(call) : [versionOf(call)];
  const live = versions.find(isLive);
  if (live) {
    throw refuse(
      409,
      30002,
      `Version ${live.version} is in the status ${live.status}; stop it before it is deleted.`,
    );
  }
  const modifiedAtMs = nowOf(call);
  for (const one of versions) {
    unitOf(call).journeys.put({ ...one, status: "Deleted", modifiedAtMs });
  }
  return empty(200);
}

const interactions = "/interaction/v1/interactions";

/** Journeys (contract 8): list, read, draft, replace, delete. */
export const journeyRoutes: readonly RestRoute[] = [
  route("GET", interactions, "journeys_read", list),
  route("POST", interactions, "journeys_read journeys_write", create),
  route("PUT", interactions, "journeys_read journeys_write", replace),
  route("GET", `${interactions}/:id`, "journeys_read", (call) =>
    json(200, toJourney(versionOf(call), full)),
  ),
  route("DELETE", `${interactions}/:id`, "journeys_read journeys_delete", remove),
];
