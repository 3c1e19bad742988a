import { empty, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Journey, Loose } from "./data-types.ts";
import { isLive, settleJourneys } from "./journey-state.ts";
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
  full,
  journeysOf,
  toJourney,
  versionNumberOf,
  versionOf,
  versionsOf,
} from "./rest-journeys.ts";
import { notFound, nowOf, type RestCall, type RestRoute, route, unitOf } from "./rest-route.ts";
import { folderId } from "./seed-folders.ts";
import { journeyKey } from "./stock.ts";

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

/** Journeys (contract 8): drafted, replaced, deleted. */
export const journeyDraftRoutes: readonly RestRoute[] = [
  route("POST", interactions, "journeys_read journeys_write", create),
  route("PUT", interactions, "journeys_read journeys_write", replace),
  route("DELETE", `${interactions}/:id`, "journeys_read journeys_delete", remove),
];
