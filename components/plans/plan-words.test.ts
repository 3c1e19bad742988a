import { expect, test } from "vitest";
import { givenPlan, givenStep } from "#components/plans/fixtures.ts";
import { countsLine, planStanding, targetId, typingWords } from "#components/plans/plan-words.ts";
import { planSchema, stepSchema } from "#lib/plans/schema.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

const now = new Date("2026-11-22T10:00:00Z");
const progress = {
  pending: 0,
  sending: 0,
  applied: 0,
  failed: 0,
  unknown: 0,
  drifted: 0,
  skipped: 0,
};
const waiting = {
  state: "proposed",
  canApprove: null,
  missing: ["owner"],
  expiresAt: "2026-11-22T11:00:00Z",
  progress,
} as const;

test.each([
  ["Waiting for you", { canApprove: "owner" }],
  ["Waiting for its owner", {}],
  ["Waiting for its owner", { missing: ["owner", "second"] }],
  ["Waiting for a second person", { missing: ["second"] }],
  ["Expired", { canApprove: "owner", expiresAt: "2026-11-22T10:00:00Z" }],
  ["Expired", { state: "approved", expiresAt: "2026-11-22T09:00:00Z" }],
  ["Running", { state: "applying", expiresAt: "2026-11-22T09:00:00Z" }],
  ["Stopped part way", { state: "stopped", progress: { ...progress, applied: 2 } }],
  ["Stopped", { state: "stopped" }],
] as const)("a plan says %s where it stands so", (words, of) => {
  const plan = { ...waiting, missing: [...waiting.missing], ...of } as Parameters<
    typeof planStanding
  >[0];
  expect(planStanding(plan, now).words).toBe(words);
});

test.each([
  ["", "17 letters to go"],
  ["Halden Produc", "4 letters to go"],
  ["  Halden Productio", "1 letter to go"],
  ["Halden Production", null],
  ["Halden Production  ", null],
  ["halden", "This is not its name"],
  ["Halden Productions", "This is not its name"],
])("whoever has typed %j is told %j", (typed, told) => {
  expect(typingWords("Halden Production", typed)).toBe(told);
});

test("counts read as words, and a send says that it is at most so many", () => {
  expect(countsLine({ stepCount: 1, records: 12_430, recipients: 0 })).toBe(
    "1 step, 12\u00a0430 records",
  );
  expect(countsLine({ stepCount: 6, records: 1, recipients: 214 })).toBe(
    "6 steps, 1 record, 214 emails at most",
  );
  expect(countsLine({ stepCount: 2, records: 2, recipients: unknownRecipients })).toBe(
    "2 steps, 2 records, an unknown number of emails",
  );
});

test("a business unit's number stands in groups of three", () => {
  expect(targetId({ orgId: null, memberId: 514012388 })).toBe("MID 514 012 388");
  expect(targetId({ orgId: null, memberId: null })).toBeNull();
});

test("the plans of these tests are plans as the interface gives them", () => {
  expect(planSchema.parse(givenPlan())).toEqual(givenPlan());
  expect(stepSchema.parse(givenStep())).toEqual(givenStep());
});
