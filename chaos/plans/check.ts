import type { PlanState, StepState } from "#lib/plans/schema.ts";
import type { Violation } from "../check-history.ts";
import type { Deed, PlanHistory, StepVersion, Write } from "./history.ts";

/** A step that was begun leaves within two seconds or never; the rest is the way, on a busy machine. */
const leavesWithinMs = 5_000;
/** In which an instance hears what another one committed, and tells whoever waits there. */
const heardWithinMs = 10_000;
/** How long a step whose instance is gone may be looked for: the provider may still be at it (PLN-5). */
export const settlesWithinMs = 150_000;
/** Commit times are exact to the microsecond, times of calls to the millisecond. */
const clockSlackMs = 1;
/** Within which the provider sees that whoever asked is dead. */
const killShowsMs = 1_000;

/** Answers with which a provider says that it has done nothing: the same request may come again. */
const refusals: ReadonlySet<number> = new Set([401, 429]);

/**
 * Holds what became of a run's plans against what must never happen, whatever broke in it. Pure: the same
 * history gives the same violations.
 */
export function checkPlans(history: PlanHistory): Violation[] {
  const index = indexOf(history);
  return rules.flatMap(([rule, check]) => check(history, index).map((what) => ({ rule, what })));
}

type Index = ReturnType<typeof indexOf>;

function indexOf({ writes, plans, steps, stored }: PlanHistory) {
  return {
    writesOf: Map.groupBy(writes, ({ mark }) => mark),
    plansOf: Map.groupBy(plans, ({ planId }) => planId),
    stepsOf: Map.groupBy(steps, ({ mark }) => mark),
    planOf: (mark: string) => stored.get(mark)?.planId,
  };
}

const rules: readonly (readonly [string, (history: PlanHistory, index: Index) => string[]])[] = [
  ["a step's request arrives once", arrivesOnce],
  ["what arrives is what was stored and approved", asApproved],
  ["nothing arrives without its intent", intentFirst],
  ["a step is what its provider did", asDone],
  ["nothing arrives after its end", nothingAfterEnd],
  ["a confirmed yes is kept", approvalsKept],
  ["states only go forward", onlyForward],
  ["one instance has a plan at a time", oneHolder],
  ["every effect has its event", effectsHaveEvents],
  ["who waits hears the end", endIsHeard],
  ["every plan that was begun comes to an end", everythingEnds],
  ["the inbox tells what there is", inboxIsRight],
  ["the trail's chains hold", ({ brokenChains }) => [...brokenChains]],
];

const didIt = ({ status }: Write): boolean => status !== null && status >= 200 && status < 300;
const story = (writes: readonly Write[]): string =>
  writes
    .map(({ instance, atMs, status, answer }) => `${instance} ${atMs} ${status}, ${answer}`)
    .join("; ");

/** Whether an answer can have come to whoever asked: of a killed instance, only what is known to have. */
const mayHaveArrived = ({ kills }: PlanHistory, { instance, atMs, endedAtMs, answer }: Write) =>
  answer === "whole" ||
  (answer === "unknown" &&
    endedAtMs !== null &&
    !kills.some(
      (kill) =>
        kill.instance === instance && kill.atMs >= atMs && kill.atMs <= endedAtMs + killShowsMs,
    ));

function arrivesOnce(history: PlanHistory, { writesOf }: Index): string[] {
  const found: string[] = [];
  for (const [mark, writes] of writesOf) {
    const again = writes.slice(0, -1).find((write) => {
      const isRefused =
        refusals.has(write.status ?? refusedUnseen) && mayHaveArrived(history, write);
      return !isRefused || write.endedAtMs === null;
    });
    if (again) found.push(`${mark} arrived ${writes.length} times: ${story(writes)}`);
  }
  return found;
}
const refusedUnseen = 0;

function asApproved({ writes, stored, approvals }: PlanHistory): string[] {
  return writes.flatMap(({ mark, method, path, body, atMs }) => {
    const wanted = stored.get(mark);
    if (!wanted) return [`${mark} is of no plan`];
    if (wanted.body !== body || wanted.method !== method || !path.startsWith(wanted.path)) {
      return [`${mark}: ${method} ${path} ${body} came for ${JSON.stringify(wanted)}`];
    }
    const isApproved = approvals.some(
      ({ planId, committedAtMs }) =>
        planId === wanted.planId && committedAtMs <= atMs + clockSlackMs,
    );
    return isApproved ? [] : [`${mark} arrived at ${atMs} and nobody had approved it`];
  });
}

function intentFirst({ writes }: PlanHistory, { stepsOf }: Index): string[] {
  return writes.flatMap(({ mark, atMs }) => {
    const steps = stepsOf.get(mark) ?? [];
    const before = steps.filter(({ committedAtMs }) => committedAtMs <= atMs + clockSlackMs);
    if (before.some(({ state }) => state === "sending")) return [];
    return [`${mark} arrived at ${atMs}; its intent: ${told(steps)}`];
  });
}
const told = (steps: readonly StepVersion[]): string =>
  steps
    .map(({ state, settledBy, committedAtMs }) => `${state}/${settledBy} ${committedAtMs}`)
    .join(", ");

/** Of which the studio says that nothing was done. */
const undoneStates: ReadonlySet<StepState> = new Set(["failed", "pending", "skipped", "drifted"]);

/** What the studio says of a step against what the provider knows of it (PLN-5). */
function asDone(history: PlanHistory, { stepsOf, writesOf }: Index): string[] {
  const found: string[] = [];
  for (const [mark, steps] of stepsOf) {
    const last = steps.at(-1);
    const writes = writesOf.get(mark) ?? [];
    const isDone = writes.some(didIt);
    const say = (what: string) => found.push(`${mark} ${what}: ${told(steps)}; ${story(writes)}`);
    const isUndone = last !== undefined && undoneStates.has(last.state);
    if (isUndone && isDone) say("has not happened, and the provider has done it");
    if (last?.state === "applied" && !isDone) say("is applied, and the provider has not done it");
    const answered = steps.find(({ settledBy }) => settledBy === "answer");
    if (answered && !writes.some((write) => mayHaveArrived(history, write))) {
      say("was settled by an answer, and none arrived");
    }
  }
  return found;
}

const endedStates: ReadonlySet<PlanState> = new Set([
  "applied",
  "stopped",
  "rejected",
  "cancelled",
  "expired",
]);

function nothingAfterEnd(history: PlanHistory, { plansOf, stepsOf, planOf }: Index): string[] {
  const found: string[] = [];
  // In the database to the microsecond: no intent behind an end.
  for (const [mark, steps] of stepsOf) {
    const versions = plansOf.get(planOf(mark) ?? "") ?? [];
    for (const { committedAtMs } of steps.filter(({ state }) => state === "sending")) {
      const now = versions.findLast((version) => version.committedAtMs <= committedAtMs);
      if (now?.state !== "applying") {
        found.push(`${mark} was begun at ${committedAtMs}, when its plan was ${now?.state}`);
      }
    }
  }
  for (const write of history.writes) {
    const planId = planOf(write.mark) ?? "";
    for (const deed of history.deeds) {
      if (!ends(history, deed, planId)) continue;
      const untilMs = "untilMs" in deed ? (deed.untilMs ?? write.atMs) : write.atMs;
      if (write.atMs <= graceOf(history, write.instance, deed.atMs) || write.atMs > untilMs) {
        continue;
      }
      // Approved only after the grant, or the agent, was there again.
      if ((begunOf(history, planId) ?? 0) > deed.atMs) continue;
      found.push(`${write.mark} arrived ${write.atMs - deed.atMs} ms after: ${deed.did}`);
    }
  }
  return found;
}

const begunOf = ({ plans }: PlanHistory, id: string): number | undefined =>
  plans.find(({ planId, state }) => planId === id && state === "applying")?.committedAtMs;

function ends({ owners }: PlanHistory, deed: Deed, planId: string): boolean {
  const of = owners.get(planId);
  switch (deed.did) {
    case "cancel":
    case "reject":
      return deed.planId === planId;
    case "end key":
      return of?.keyId === deed.id;
    case "end agent":
      return of?.agentId === deed.id;
    case "end grant":
      return of?.connectionIds.includes(deed.connectionId) ?? false;
    default:
      return false;
  }
}

/** Until when an instance may send what it had begun: it does nothing while it is paused. */
function graceOf({ troubles }: PlanHistory, instance: string, atMs: number): number {
  let grace = atMs + leavesWithinMs;
  for (const { fromMs, toMs } of troubles
    .filter((trouble) => trouble.instance === instance && trouble.toMs > atMs)
    .sort((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs <= grace) grace = Math.max(grace, toMs + leavesWithinMs);
  }
  return grace;
}

function approvalsKept({ deeds, approvals, approvalsKept, events }: PlanHistory): string[] {
  const found: string[] = [];
  for (const deed of deeds) {
    if (deed.did !== "approve") continue;
    const { planId, hash, atMs } = deed;
    const given = approvals.find((one) => one.planId === planId && one.hash === hash);
    if (!given) found.push(`${planId}: a yes was confirmed at ${atMs} and never stored`);
    else if (!approvalsKept.has(given.id)) found.push(`${planId}: a yes is not there any more`);
  }
  for (const { planId } of approvals) {
    const told = events.filter(
      (event) => event.planId === planId && event.action === "plan.approved",
    );
    if (told.length !== 1) found.push(`${planId}: one yes, ${told.length} events`);
  }
  return found;
}

const planMoves: Readonly<Partial<Record<PlanState, readonly PlanState[]>>> = {
  proposed: ["approved", "stopped", "rejected", "cancelled", "expired", "applying"],
  approved: ["applying", "stopped", "rejected", "cancelled", "expired"],
  applying: ["applied", "stopped", "cancelled"],
  // A person said what became of its step, and let it go on, or that was the last word about it.
  stopped: ["applying", "applied"],
};
const stepMoves: Readonly<Partial<Record<StepState, readonly StepState[]>>> = {
  pending: ["sending", "skipped", "drifted", "failed"],
  sending: ["applied", "failed", "unknown", "pending"],
  unknown: ["applied", "failed"],
};

function onlyForward(_: PlanHistory, { plansOf, stepsOf }: Index): string[] {
  const found: string[] = [];
  for (const [planId, versions] of plansOf) {
    versions.forEach((version, at) => {
      const before = versions[at - 1];
      if (!before) return;
      const isMove = before.state !== version.state;
      if (version.fence < before.fence || version.version < before.version) {
        found.push(`${planId}: fence ${before.fence} → ${version.fence}`);
      }
      if (isMove && !planMoves[before.state]?.includes(version.state)) {
        found.push(`${planId}: ${before.state} → ${version.state}`);
      }
    });
  }
  for (const [mark, steps] of stepsOf) {
    steps.forEach(({ state, settledBy }, at) => {
      const before = steps[at - 1]?.state ?? "pending";
      const isAllowed = stepMoves[before]?.includes(state);
      const isPersons = before !== "unknown" || settledBy === "person";
      if (!isAllowed || !isPersons) found.push(`${mark}: ${told(steps)}`);
    });
  }
  return found;
}

/** Whoever writes of a step holds the plan: no two instances send of one plan at once. */
function oneHolder({ writes, troubles }: PlanHistory, { planOf }: Index): string[] {
  const found: string[] = [];
  for (const [planId, sent] of Map.groupBy(writes, ({ mark }) => planOf(mark) ?? mark)) {
    sent.forEach((later, at) => {
      for (const earlier of sent.slice(0, at)) {
        if (earlier.instance === later.instance) continue;
        if ((earlier.endedAtMs ?? Number.POSITIVE_INFINITY) <= later.atMs) continue;
        // Whoever is taken for dead has nobody who waits for its answer.
        const wasAway = troubles.some(
          ({ instance, fromMs, toMs }) =>
            instance === earlier.instance && fromMs <= later.atMs && toMs >= earlier.atMs,
        );
        if (!wasAway) found.push(`${planId}: ${story([earlier, later])}`);
      }
    });
  }
  return found;
}

function effectsHaveEvents({ steps, plans, events }: PlanHistory): string[] {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const { action, planId, step, outcome, result } of events) {
    if (result === "refused") continue;
    const name = [action, planId, step ?? "", outcome ?? ""].join(" ");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const expected = new Map<string, number>();
  const expect = (...parts: (string | number)[]) => {
    const name = parts.join(" ");
    expected.set(name, (expected.get(name) ?? 0) + 1);
  };
  for (const { planId, position, state, settledBy } of steps) {
    if (state === "sending") expect("plan.step_begun", planId, position, "");
    else if (settledBy === "person") expect("plan.step_resolved", planId, position, state);
    else if (state === "pending") expect("plan.step_ended", planId, position, "put_off");
    else if (state !== "skipped") expect("plan.step_ended", planId, position, state);
  }
  const before = new Map<string, PlanState>();
  const byHand = new Set(steps.filter((one) => one.settledBy === "person").map((s) => s.planId));
  for (const { planId, state } of plans) {
    const was = before.get(planId);
    before.set(planId, state);
    if (was === state) continue;
    if (state === "applying" && was !== "stopped") expect("plan.apply_begun", planId, "", "");
    // What a person's word closes is told by that word.
    if (was === "stopped" || byHand.has(planId)) continue;
    if (state === "applied") expect("plan.applied", planId, "", "");
    if (state === "cancelled") expect("plan.cancelled", planId, "", "");
    if (state === "stopped") expect("plan.stopped", planId, "", "");
  }
  const looked =
    /^plan\.(step_begun|step_ended|step_resolved|apply_begun|applied|cancelled|stopped) /;
  for (const name of new Set([...expected.keys(), ...counts.keys()])) {
    if (!looked.test(name) || byHand.has(name.split(" ")[1] ?? "")) continue;
    const times = expected.get(name) ?? 0;
    if (times !== (counts.get(name) ?? 0)) {
      found.push(`${name}: ${times} times done, ${counts.get(name) ?? 0} events`);
    }
  }
  return found;
}

/** Calls that wait, and pages that listen, on any instance that was itself at the time. */
function endIsHeard(history: PlanHistory, { plansOf }: Index): string[] {
  const found: string[] = [];
  const isItself = (instance: string, fromMs: number, toMs: number) =>
    toMs < history.endedAtMs &&
    !history.troubles.some(
      (trouble) =>
        trouble.instance === instance && trouble.fromMs <= toMs && trouble.toMs >= fromMs,
    );
  const endOf = new Map(
    [...plansOf].map(([planId, versions]) => [
      planId,
      versions.find(({ state }) => endedStates.has(state))?.committedAtMs,
    ]),
  );
  for (const { planId, instance, door, sentAtMs, answeredAtMs } of history.waits) {
    const endMs = endOf.get(planId);
    if (endMs === undefined || endMs < sentAtMs || endMs > answeredAtMs) continue;
    if (!isItself(instance, sentAtMs, endMs + heardWithinMs)) continue;
    if (answeredAtMs <= endMs + heardWithinMs) continue;
    found.push(`a wait for ${planId} by ${door} on ${instance}: ${answeredAtMs - endMs} ms late`);
  }
  for (const { instance, fromMs, toMs, heard } of history.ears) {
    for (const [planId, endMs] of endOf) {
      if (endMs === undefined || endMs < fromMs || endMs + heardWithinMs > toMs) continue;
      if (!isItself(instance, endMs, endMs + heardWithinMs)) continue;
      const isHeard = heard.some(
        (one) =>
          (one.planId === "all" || one.planId === planId) &&
          one.atMs >= endMs - clockSlackMs &&
          one.atMs <= endMs + heardWithinMs,
      );
      if (!isHeard) found.push(`a page on ${instance} did not hear that ${planId} ended`);
    }
  }
  return found;
}

/** Or its step is still looked for, and nothing of it is sent meanwhile. */
function everythingEnds(history: PlanHistory, { plansOf }: Index): string[] {
  return [...plansOf].flatMap(([planId, versions]) => {
    const last = versions.at(-1);
    if (last?.state !== "applying") return [];
    // As it was when the run ended: what the instances' own stop made of it says nothing.
    const begun = history.steps.findLast(
      (step) => step.planId === planId && step.committedAtMs <= history.endedAtMs,
    );
    const isSettled =
      begun?.state === "sending" && history.endedAtMs - begun.committedAtMs < settlesWithinMs;
    return isSettled
      ? []
      : [`${planId} is being applied since ${last.committedAtMs}: ${begun?.state}`];
  });
}

function inboxIsRight({ inbox }: PlanHistory): string[] {
  return inbox.flatMap(({ instance, told, is }) =>
    told === is ? [] : [`${instance} told ${told}, and there are ${is}`],
  );
}
