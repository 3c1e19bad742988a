import { expect, test } from "vitest";
import { checkPlans } from "./check.ts";
import type { Deed, PlanHistory, PlanVersion, StepVersion, Write } from "./history.ts";
import { markOf } from "./history.ts";

const one = markOf(1, 1);
const two = markOf(1, 2);

const plan = (given: Partial<PlanVersion> & { committedAtMs: number }): PlanVersion => ({
  planId: "p",
  version: 1,
  state: "proposed",
  endReason: null,
  fence: 0,
  holder: null,
  ...given,
});
const step = (
  mark: string,
  state: StepVersion["state"],
  committedAtMs: number,
  settledBy: StepVersion["settledBy"] = null,
): StepVersion => ({
  planId: "p",
  position: mark === one ? 1 : 2,
  mark,
  state,
  settledBy,
  committedAtMs,
});
const write = (mark: string, given: Partial<Write> & { atMs: number }): Write => ({
  mark,
  method: "PATCH",
  path: `/things/${mark}?x=1`,
  body: `{"a":"${mark}"}`,
  instance: "a",
  endedAtMs: given.atMs + 20,
  status: 204,
  answer: "whole",
  ...given,
});
const stored = (mark: string) =>
  [
    mark,
    { planId: "p", method: "PATCH", path: `/things/${mark}`, body: `{"a":"${mark}"}` },
  ] as const;
const deed = (did: "approve" | "cancel" | "apply", atMs: number): Deed => {
  const of = { planId: "p", fromMs: atMs - 30, atMs, instance: "b" };
  return did === "approve" ? { did, hash: "h", ...of } : { did, ...of };
};
const event = (
  action: string,
  stepNumber: number | null = null,
  outcome: string | null = null,
) => ({
  action,
  planId: "p",
  result: "success",
  step: stepNumber,
  outcome,
});

/** One plan of two steps: approved on one instance, applied by the other, waited for on both. */
const sound: PlanHistory = {
  writes: [write(one, { atMs: 320 }), write(two, { atMs: 420 })],
  plans: [
    plan({ committedAtMs: 100 }),
    plan({ committedAtMs: 200, state: "approved" }),
    plan({ committedAtMs: 210, state: "applying" }),
    plan({ committedAtMs: 250, state: "applying", fence: 1, holder: "a" }),
    plan({ committedAtMs: 500, state: "applied", fence: 1, holder: "a" }),
    plan({ committedAtMs: 501, state: "applied", fence: 1 }),
  ],
  steps: [
    step(one, "sending", 300),
    step(one, "applied", 350, "answer"),
    step(two, "sending", 400),
    step(two, "applied", 450, "answer"),
  ],
  stored: new Map([stored(one), stored(two)]),
  owners: new Map([["p", { agentId: "agent", keyId: "key", connectionIds: ["c"] }]]),
  approvals: [{ id: "yes", planId: "p", hash: "h", committedAtMs: 200 }],
  approvalsKept: new Set(["yes"]),
  deeds: [deed("approve", 230), deed("apply", 260)],
  waits: [
    {
      planId: "p",
      instance: "b",
      door: "mcp",
      sentAtMs: 280,
      answeredAtMs: 560,
      state: "applied",
    },
  ],
  ears: [
    { instance: "b", fromMs: 0, toMs: 20_000, heard: [{ atMs: 570, planId: "p" }] },
    { instance: "a", fromMs: 0, toMs: 20_000, heard: [{ atMs: 580, planId: "all" }] },
  ],
  kills: [],
  troubles: [],
  events: [
    event("plan.approved"),
    event("plan.apply_begun"),
    event("plan.step_begun", 1),
    event("plan.step_ended", 1, "applied"),
    event("plan.step_begun", 2),
    event("plan.step_ended", 2, "applied"),
    event("plan.applied"),
  ],
  brokenChains: [],
  inbox: [{ instance: "a", told: 2, is: 2 }],
  endedAtMs: 30_000,
};

const broken = (change: Partial<PlanHistory>) => [
  ...new Set(checkPlans({ ...sound, ...change }).map(({ rule }) => rule)),
];
const away = (instance: string, fromMs: number, toMs: number) => ({
  troubles: [{ instance, fromMs, toMs }],
});
const without = (action: string) => sound.events.filter((given) => given.action !== action);

test("a sound history breaks no rule", () => {
  expect(checkPlans(sound)).toEqual([]);
});

test("[PLN-4] a request that comes again breaks the rule, however its first answer left", () => {
  for (const answer of ["whole", "cut", "unknown"] as const) {
    const writes = [write(one, { atMs: 310, answer }), ...sound.writes];
    expect(broken({ writes })).toContain("a step's request arrives once");
  }
});

test("[PLN-4] only an answer that refused it, and arrived, lets it come again", () => {
  const again = (first: Partial<Write>) =>
    broken({ writes: [write(one, { atMs: 310, ...first }), ...sound.writes] });
  expect(again({ status: 429 })).toEqual([]);
  expect(again({ status: 401 })).toEqual([]);
  expect(again({ status: 401, answer: "cut" })).toContain("a step's request arrives once");
  expect(again({ status: 401, answer: "unknown" })).toEqual([]);
  expect(again({ status: 500 })).toContain("a step's request arrives once");
  expect(again({ status: null, answer: "cut" })).toContain("a step's request arrives once");
});

test("[PLN-5] of a killed instance, an answer counts as arrived only where it is known to have", () => {
  const first = write(one, { atMs: 310, endedAtMs: 312, status: 401, answer: "unknown" });
  const killed = (instance: string, atMs: number) =>
    broken({ writes: [first, ...sound.writes], kills: [{ instance, atMs }] });
  expect(killed(first.instance, 311)).toContain("a step's request arrives once");
  expect(killed(first.instance, 5_000)).toEqual([]);
  expect(killed("another", 311)).toEqual([]);
});

test("[PLN-2] other bytes, another address, or nobody's yes break the rule", () => {
  const rule = "what arrives is what was stored and approved";
  const [first, second] = sound.writes as [Write, Write];
  for (const change of [{ body: `{"a":"${one}","b":1}` }, { path: "/else" }, { method: "PUT" }]) {
    expect(broken({ writes: [{ ...first, ...change }, second] })).toContain(rule);
  }
  const late = sound.approvals.map((given) => ({ ...given, committedAtMs: 400 }));
  expect(broken({ approvals: late })).toContain(rule);
});

test("[AUD-2] a request before its intent was committed breaks the rule", () => {
  const steps = sound.steps.map((given) =>
    given.committedAtMs === 300 ? { ...given, committedAtMs: 330 } : given,
  );
  expect(broken({ steps })).toContain("nothing arrives without its intent");
});

test("[PLN-5] what the studio says of a step is what its provider did", () => {
  const rule = "a step is what its provider did";
  const [, second] = sound.writes as [Write, Write];
  const lost = write(one, { atMs: 320, answer: "cut", endedAtMs: 330 });
  const ended = (state: StepVersion["state"], settledBy: StepVersion["settledBy"]) =>
    sound.steps.map((given) =>
      given.mark === one && given.state === "applied" ? step(one, state, 350, settledBy) : given,
    );
  const of = (first: Write | null, steps: readonly StepVersion[]) =>
    broken({ writes: first ? [first, second] : [second], steps }).includes(rule);
  expect(of(lost, ended("applied", "answer"))).toBe(true);
  expect(of(lost, ended("failed", "read-back"))).toBe(true);
  expect(of(lost, ended("applied", "read-back"))).toBe(false);
  expect(of(lost, ended("unknown", null))).toBe(false);
  expect(of(null, ended("applied", "read-back"))).toBe(true);
  expect(of(null, ended("failed", "read-back"))).toBe(false);
  expect(of({ ...lost, status: null }, ended("applied", "read-back"))).toBe(true);
});

test("[PLN-7] a step that is begun behind its plan's end breaks the rule", () => {
  const plans = sound.plans.map((given) =>
    given.committedAtMs === 500 ? { ...given, committedAtMs: 390 } : given,
  );
  expect(broken({ plans })).toContain("nothing arrives after its end");
});

test("[PLN-7] what arrives long after a cancel, a revoked key, a switched off agent or an ended grant breaks the rule", () => {
  const rule = "nothing arrives after its end";
  const late = [write(one, { atMs: 320 }), write(two, { atMs: 9_000 })];
  const of = { fromMs: 250, atMs: 330, instance: "b" };
  const ends: Deed[] = [
    { did: "cancel", planId: "p", ...of },
    { did: "end key", id: "key", untilMs: null, ...of },
    { did: "end agent", id: "agent", untilMs: 20_000, ...of },
    { did: "end grant", connectionId: "c", untilMs: 20_000, ...of },
  ];
  for (const end of ends) {
    const deeds = [...sound.deeds, end];
    expect(broken({ deeds, writes: late })).toContain(rule);
    // What was on its way then arrives.
    expect(broken({ deeds })).not.toContain(rule);
    // A paused process had begun it.
    expect(broken({ deeds, writes: late, ...away("a", 300, 8_000) })).not.toContain(rule);
    expect(broken({ deeds, writes: late, ...away("b", 300, 8_000) })).toContain(rule);
  }
  const letGoOn: Deed = { did: "end agent", id: "agent", untilMs: 8_000, ...of };
  expect(broken({ deeds: [letGoOn], writes: late })).not.toContain(rule);
});

test("[PLN-6] a confirmed yes that is not stored, or not kept, or not in the trail, breaks the rule", () => {
  const rule = "a confirmed yes is kept";
  expect(broken({ approvals: [] })).toContain(rule);
  expect(broken({ approvalsKept: new Set() })).toContain(rule);
  expect(broken({ events: without("plan.approved") })).toContain(rule);
});

test("[PLN-4] states that go back, and a step that is sent out of an end, break the rule", () => {
  const rule = "states only go forward";
  expect(broken({ plans: [...sound.plans, plan({ committedAtMs: 600, fence: 1 })] })).toContain(
    rule,
  );
  expect(
    broken({ plans: [...sound.plans, plan({ committedAtMs: 600, state: "applied" })] }),
  ).toContain(rule);
  expect(broken({ steps: [...sound.steps, step(one, "sending", 460)] })).toContain(rule);
  const unasked = [step(one, "unknown", 340), step(one, "applied", 350, "read-back")];
  expect(
    broken({ steps: [step(one, "sending", 300), ...unasked, ...sound.steps.slice(2)] }),
  ).toContain(rule);
});

test("[PLN-4] two instances that send of one plan at once break the rule, unless one was away", () => {
  const rule = "one instance has a plan at a time";
  const writes = [
    write(one, { atMs: 320, endedAtMs: 5_000 }),
    write(two, { atMs: 420, instance: "b" }),
  ];
  expect(broken({ writes })).toContain(rule);
  expect(broken({ writes, ...away("a", 330, 6_000) })).not.toContain(rule);
});

test("[AUD-1] an effect without its event, or an event without its effect, breaks the rule", () => {
  for (const { action, step: of, outcome } of sound.events) {
    const events = sound.events.filter(
      (given) => given.action !== action || given.step !== of || given.outcome !== outcome,
    );
    expect(broken({ events })).not.toEqual([]);
  }
  const twice = [...sound.events, event("plan.step_begun", 2)];
  expect(broken({ events: twice })).toContain("every effect has its event");
});

test("a call that waits, or a page that listens, and is not told of the end breaks the rule", () => {
  const rule = "who waits hears the end";
  const waits = sound.waits.map((given) => ({ ...given, answeredAtMs: 20_280 }));
  expect(broken({ waits })).toContain(rule);
  expect(broken({ waits, ...away("b", 400, 900) })).not.toContain(rule);
  const ears = sound.ears.map((given) => ({ ...given, heard: [] }));
  expect(broken({ ears })).toContain(rule);
  expect(broken({ ears: ears.slice(0, 1), ...away("b", 400, 900) })).not.toContain(rule);
});

test("[PLN-5] a plan that is left lying breaks the rule; one whose step is still looked for does not", () => {
  const rule = "every plan that was begun comes to an end";
  const plans = sound.plans.slice(0, 4);
  expect(broken({ plans })).toContain(rule);
  const steps = sound.steps.slice(0, 3);
  expect(broken({ plans, steps })).not.toContain(rule);
  expect(broken({ plans, steps, endedAtMs: 500_000 })).toContain(rule);
  const givenBack = [...steps, step(two, "pending", 30_500)];
  expect(broken({ plans, steps: givenBack })).not.toContain(rule);
  expect(broken({ plans, steps: givenBack, endedAtMs: 31_000 })).toContain(rule);
});

test("an inbox that tells other numbers than there are, and a broken chain, break the rules", () => {
  expect(broken({ inbox: [{ instance: "a", told: 1, is: 2 }] })).toEqual([
    "the inbox tells what there is",
  ]);
  expect(broken({ brokenChains: ["chain 1"] })).toEqual(["the trail's chains hold"]);
});
