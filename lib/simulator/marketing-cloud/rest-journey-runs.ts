import { empty, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { restError, scopeOf } from "./core.ts";
import type { Journey, JourneyJob, Loose } from "./data-types.ts";
import { cancelSends, mailOffsetsMs, settleJourneys } from "./journey-state.ts";
import {
  bodyOf,
  optionalBodyOf,
  optionalFlag,
  optionalNumber,
  optionalObject,
  optionalText,
  refuse,
  requiredText,
} from "./rest-body.ts";
import { journeysOf, versionNumberOf, versionOf, versionsOf } from "./rest-journeys.ts";
import {
  notFound,
  nowOf,
  type RestCall,
  RestProblem,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";
import { recordSend } from "./sends.ts";
import { journeyKey } from "./stock.ts";
import { findSubscriber, saveContact } from "./subscribers.ts";
import { readSwitch } from "./switches.ts";
import { dayMs } from "./unit-seed.ts";
import { subjectOf } from "./whoami.ts";

/** Publishing and validating: a job that goes on by itself. */
const begin =
  (kind: JourneyJob["kind"]) =>
  (call: RestCall): SimulatorResponse => {
    const journey = versionOf(call);
    if (kind === "publish" && journey.status !== "Draft") {
      throw refuse(
        409,
        30002,
        `An interaction in the status ${journey.status} cannot be published.`,
      );
    }
    const { core } = call;
    const id = core.context.random.uuid();
    unitOf(call).journeyJobs.put({
      id,
      kind,
      journeyId: journey.id,
      version: journey.version,
      startedAtMs: nowOf(call),
      polls: 0,
      errors: null,
    });
    return json(200, {
      statusUrl: `/interaction/v1/interactions/${kind}Status/${id}`,
      statusId: id,
    });
  };

const word = { publish: "Publish", validate: "Validate" } as const;

const statusOf =
  (kind: JourneyJob["kind"]) =>
  (call: RestCall): SimulatorResponse => {
    const unit = unitOf(call);
    const id = (call.parameters.id ?? "").toLowerCase();
    const held = unit.journeyJobs.get(id);
    if (held?.kind !== kind) throw notFound();
    if (held.errors === null) unit.journeyJobs.put({ ...held, polls: held.polls + 1 });
    settleJourneys(unit, nowOf(call));
    const errors = unit.journeyJobs.get(id)?.errors ?? null;
    const state = errors === null ? "InProcess" : "Completed";
    return json(200, {
      status: errors !== null && errors.length > 0 ? "Error" : `${word[kind]}${state}`,
      errors: errors ?? [],
      warnings: [],
    });
  };

function stop(call: RestCall): SimulatorResponse {
  if (versionNumberOf(call) === undefined) {
    throw refuse(400, 10002, "versionNumber is a required parameter");
  }
  const journey = versionOf(call);
  if (journey.status !== "Published" && journey.status !== "Paused") {
    throw refuse(400, 10000, `An interaction in the status ${journey.status} cannot be stopped.`);
  }
  const nowMs = nowOf(call);
  unitOf(call).journeys.put({
    ...journey,
    status: "Stopped",
    currentPopulation: 0,
    pause: null,
    modifiedAtMs: nowMs,
  });
  cancelSends(unitOf(call), journey, nowMs);
  return empty(200);
}

/** The versions that a pause or resume names; one of two parameters has to be there. */
function namedVersions(call: RestCall): readonly Journey[] {
  if (call.query.get("allversions")?.toLowerCase() === "true") return versionsOf(call);
  if (versionNumberOf(call) !== undefined) return [versionOf(call)];
  versionsOf(call);
  // Seen with 202 although it refuses.
  const { core, caller } = call;
  const convention = readSwitch(
    core.context.faults,
    "convention",
    scopeOf(call, subjectOf(caller)),
  );
  throw new RestProblem(
    restError(
      convention === "observed" ? 202 : 400,
      10005,
      "AllVersions=true or VersionNumber required.",
      {},
      { documentation: "" },
    ),
  );
}

const maxPausedDays = 14;
function pause(call: RestCall): SimulatorResponse {
  const body = optionalBodyOf(call);
  const days = optionalNumber(body, "PausedDays") ?? maxPausedDays;
  if (!Number.isInteger(days) || days < 1 || days > maxPausedDays) {
    throw refuse(400, 10005, `PausedDays must be a number from 1 to ${maxPausedDays}.`);
  }
  for (const flag of [
    "ExtendWaitEndDates",
    "ProcessWaitUntilEvents",
    "RetainContactInjectionWhileJourneyPaused",
  ]) {
    optionalFlag(body, flag);
  }
  const action = optionalText(body, "GuardrailAction")?.toLowerCase() ?? "resume";
  if (action !== "stop" && action !== "resume") {
    throw refuse(400, 10005, "GuardrailAction must be Stop or Resume.");
  }
  const running = namedVersions(call).filter(({ status }) => status === "Published");
  if (running.length === 0) throw refuse(400, 10000, "The journey is not running.");
  const untilMs = nowOf(call) + days * dayMs;
  for (const one of running) {
    unitOf(call).journeys.put({
      ...one,
      status: "Paused",
      modifiedAtMs: nowOf(call),
      pause: { untilMs, guardrail: action === "stop" ? "Stop" : "Resume" },
    });
  }
  return json(202, { status: "Accepted" });
}

function resume(call: RestCall): SimulatorResponse {
  const paused = namedVersions(call).filter(({ status }) => status === "Paused");
  if (paused.length === 0) throw refuse(400, 10000, "The journey is not paused.");
  for (const one of paused) {
    unitOf(call).journeys.put({
      ...one,
      status: "Published",
      modifiedAtMs: nowOf(call),
      pause: null,
    });
  }
  return json(202, { status: "Accepted" });
}

const eventKeyOf = (trigger: Loose): string =>
  String((trigger.metaData as Loose | undefined)?.eventDefinitionKey ?? "").toLowerCase();

/** Lets a contact in: into every running version that this event starts. */
function fireEvent(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const contactKey = requiredText(body, "ContactKey", 254);
  const eventKey = requiredText(body, "EventDefinitionKey", 254).toLowerCase();
  const data = optionalObject(body, "Data") ?? {};
  const listening = journeysOf(call).filter((one) =>
    one.triggers.some((trigger) => eventKeyOf(trigger) === eventKey),
  );
  if (listening.length === 0) throw notFound("EventDefinition not found.");
  const eventInstanceId = call.core.context.random.uuid();
  for (const journey of listening) enter(call, journey, contactKey, data);
  return json(201, { eventInstanceId });
}

function enter(call: RestCall, journey: Journey, contactKey: string, data: Loose): void {
  const unit = unitOf(call);
  if (journey.status !== "Published") return;
  const isOnceOnly =
    journey.entryMode === "SingleEntryAcrossAllVersions" || journey.entryMode === "OnceAndDone";
  const isAgain = unit.journeyEntries
    .all()
    .some(
      (entry) =>
        entry.journeyId === journey.id &&
        entry.contactKey.toLowerCase() === contactKey.toLowerCase() &&
        (journey.entryMode !== "OnceAndDone" || entry.version === journey.version),
    );
  if (isOnceOnly && isAgain) return;
  const nowMs = nowOf(call);
  const address = Object.entries(data).find(([name]) => /^e-?mail(address)?$/i.test(name))?.[1];
  const to = typeof address === "string" ? address : contactKey;
  const contact =
    findSubscriber(unit, contactKey) ??
    saveContact(call, { key: contactKey, email: to.includes("@") ? to : null });
  unit.journeyEntries.put({
    id: call.core.context.random.uuid(),
    journeyId: journey.id,
    version: journey.version,
    contactKey,
    atMs: nowMs,
  });
  unit.journeys.put({
    ...journey,
    currentPopulation: journey.currentPopulation + 1,
    cumulativePopulation: journey.cumulativePopulation + 1,
  });
  for (const offsetMs of mailOffsetsMs(journey)) {
    recordSend(call, {
      subscriberKey: contactKey,
      to: contact.email ?? to,
      atMs: nowMs + offsetMs,
      definitionId: journey.definitionId,
      journey: journeyKey(journey.id, journey.version),
      isSent: contact.status === "Active" && contact.email !== null,
    });
  }
}

const interactions = "/interaction/v1/interactions";
const execute = "journeys_read journeys_execute";

/** What runs journeys (contract 8): publish, validate, stop, pause, resume, and events that let contacts in. */
export const journeyRunRoutes: readonly RestRoute[] = [
  route("POST", `${interactions}/publishAsync/:id`, execute, begin("publish")),
  route("GET", `${interactions}/publishStatus/:id`, "journeys_read", statusOf("publish")),
  route("POST", `${interactions}/validateAsync/:id`, "journeys_read", begin("validate")),
  route("GET", `${interactions}/validateStatus/:id`, "journeys_read", statusOf("validate")),
  route("POST", `${interactions}/stop/:id`, execute, stop),
  route("POST", `${interactions}/pause/:id`, execute, pause),
  route("POST", `${interactions}/resume/:id`, execute, resume),
  route("POST", "/interaction/v1/events", "journeys_read list_and_subscribers_read", fireEvent),
];
