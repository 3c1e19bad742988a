import { expect, test } from "vitest";
import type { PlanTarget } from "#lib/plans/schema.ts";
import { createSummary } from "#lib/plans/summary.ts";
import { countedRecipients, unknownRecipients } from "#lib/providers/vocabulary.ts";

const target: PlanTarget = {
  connectionId: "c",
  name: "Demo",
  provider: "marketing-cloud",
  environment: "demo",
  isProduction: false,
  orgId: null,
  memberId: 1,
  orgName: null,
  username: "u",
  providerUserId: "u",
};
const reachOf = (...recipients: number[]) => {
  const summary = createSummary();
  for (const each of recipients) {
    summary.add(target, { effect: "send", records: 1, recipients: each, warnings: [] }, "h");
  }
  return summary.all();
};

test("[PLN-9] a plan with a step whose reach nobody knows has a reach that nobody knows", () => {
  expect(reachOf(3, unknownRecipients, 4).recipients).toBe(unknownRecipients);
  expect(reachOf(unknownRecipients, unknownRecipients).recipients).toBe(unknownRecipients);
  expect(reachOf(unknownRecipients).risks).toEqual(["bulk", "send"]);
});

test("counts stay counts, however large the audience is said to be", () => {
  expect(reachOf(1_200_000, 3).recipients).toBe(1_200_003);
  expect(reachOf(countedRecipients(9e15), 5).recipients).toBe(unknownRecipients - 1);
  expect(countedRecipients(null)).toBe(unknownRecipients);
});
