import { expect, test } from "vitest";
import {
  coverSteps,
  mayStand,
  type StandingFacts,
  type StepToCover,
  standingState,
} from "#lib/plans/standing-approval.ts";

const at = (minutes: number) => new Date(Date.UTC(2026, 2, 2, 9, minutes));
const approval = (facts: Partial<StandingFacts> = {}): StandingFacts => ({
  id: "one",
  connectionId: "org",
  operationId: "records.update",
  effect: "write",
  appliesAtOnce: false,
  usesLeft: 5,
  recordsMost: 10,
  until: at(60),
  revokedAt: null,
  ...facts,
});
const step = (facts: Partial<StepToCover> = {}): StepToCover => ({
  connectionId: "org",
  operationId: "records.update",
  effect: "write",
  records: 1,
  recipients: 0,
  ...facts,
});

test.each([
  [{ revokedAt: at(1), until: at(0), usesLeft: 0 }, "revoked"],
  [{ until: at(10) }, "over"],
  [{ until: at(10), usesLeft: 0 }, "over"],
  [{ usesLeft: 0 }, "used_up"],
  [{}, "live"],
] as const)("%o is %s", (facts, state) => {
  expect(standingState(approval(facts), at(10))).toBe(state);
});

test("what runs code, or only reads, is never approved beforehand", () => {
  expect((["read", "write", "destructive", "send", "code"] as const).filter(mayStand)).toEqual([
    "write",
    "destructive",
    "send",
  ]);
});

test.each([
  ["another connection", step({ connectionId: "other" })],
  ["another operation", step({ operationId: "records.delete" })],
  ["an operation that does more by now", step({ effect: "destructive" })],
  ["more records than allowed", step({ records: 11 })],
  ["more people than allowed", step({ recipients: 11 })],
])("a plan with a step of %s is not covered, whatever its other steps are", (_, other) => {
  expect(coverSteps([step(), other], [approval()])).toBeNull();
  expect(coverSteps([step(), step()], [approval()])).toEqual(new Map([["one", 2]]));
});

test("a plan without steps, or with more than there are uses, is not covered", () => {
  expect(coverSteps([], [approval()])).toBeNull();
  const steps = Array.from({ length: 6 }, () => step());
  expect(coverSteps(steps, [approval()])).toBeNull();
  expect(coverSteps(steps, [approval(), approval({ id: "two", usesLeft: 1 })])).toEqual(
    new Map([
      ["one", 5],
      ["two", 1],
    ]),
  );
});

test("large steps choose first, so that a way to cover all of them is found where there is one", () => {
  const wide = approval({ id: "wide", usesLeft: 1, recordsMost: 100 });
  const narrow = approval({ id: "narrow", usesLeft: 1, recordsMost: 1 });
  const steps = [step({ records: 1 }), step({ records: 80 })];
  for (const approvals of [
    [wide, narrow],
    [narrow, wide],
  ]) {
    expect(coverSteps(steps, approvals)).toEqual(
      new Map([
        ["wide", 1],
        ["narrow", 1],
      ]),
    );
  }
});
