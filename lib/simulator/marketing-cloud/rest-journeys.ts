import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Journey } from "./data-types.ts";
import { settleJourneys, statusWords } from "./journey-state.ts";
import { refuse } from "./rest-body.ts";
import {
  listOf,
  notFound,
  nowOf,
  numberOf,
  type RestCall,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";

const never = "0001-01-01T00:00:00";
export const isoMs = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 23);
type Extras = { activities: boolean; outcomes: boolean };

export const toJourney = (one: Journey, extras: Extras) => ({
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

export const full: Extras = { activities: true, outcomes: true };

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

const interactions = "/interaction/v1/interactions";

/** Journeys (contract 8): list and read. */
export const journeyRoutes: readonly RestRoute[] = [
  route("GET", interactions, "journeys_read", list),
  route("GET", `${interactions}/:id`, "journeys_read", (call) =>
    json(200, toJourney(versionOf(call), full)),
  ),
];
