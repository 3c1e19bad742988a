import { expect, test } from "vitest";
import type { ToldEvent } from "#lib/audit/sealed-events-repository.ts";
import { historyOf } from "#lib/plans/plan-history.ts";

const of = { version: 2, hash: "ab" };
const word = (action: ToldEvent["action"], detail: object = {}): ToldEvent => ({
  action,
  detail: { ...detail },
});
const begun = word("plan.apply_begun", of);
const stopped = (reason: string) => word("plan.stopped", { reason });
const step = (position: number) => word("plan.step_begun", { step: position });
const ended = (position: number, outcome: string) =>
  word("plan.step_ended", { step: position, outcome });

test("[PLN-4] a plan is under way from where it was begun until any end", () => {
  expect(historyOf([])).toMatchObject({ begun: null });
  expect(historyOf([begun])).toMatchObject({ begun: of });
  for (const end of ["applied", "rejected", "cancelled", "expired"] as const) {
    expect(historyOf([begun, word(`plan.${end}`)]), end).toMatchObject({ begun: null });
  }
  expect(historyOf([begun, stopped("killed")])).toMatchObject({ begun: null });
});

test("[PLN-4] behind an end nothing begins again, whatever a row says", () => {
  for (const end of [word("plan.rejected"), word("plan.applied"), stopped("step_failed")]) {
    expect(historyOf([end, begun])).toBeNull();
    expect(historyOf([begun, end, begun])).toBeNull();
    expect(historyOf([begun, end, word("plan.step_resolved", { goOn: true })])).toBeNull();
    // A later end that may go on does not open what was over.
    expect(historyOf([begun, end, stopped("budget_spent"), begun])).toBeNull();
  }
});

test("[PLN-4] it goes on behind a person's word, or its agent's next day, and is begun once a time", () => {
  const unknown = [begun, stopped("step_unknown")];
  expect(historyOf(unknown)).toMatchObject({ begun: null });
  expect(historyOf([...unknown, word("plan.step_resolved", { goOn: true })])).toMatchObject({
    begun: of,
  });
  const left = [...unknown, word("plan.step_resolved", { goOn: false })];
  expect(historyOf(left)).toMatchObject({ begun: null });
  expect(historyOf([...left, begun])).toBeNull();
  expect(historyOf([begun, stopped("budget_spent"), begun])).toMatchObject({ begun: of });
  expect(historyOf([begun, begun])).toBeNull();
});

test("[PLN-4] a step that was begun may have been sent, unless it was put off", () => {
  const sent = (events: ToldEvent[]) => [...(historyOf([begun, ...events])?.sent ?? [])];
  expect(sent([step(1), ended(1, "applied"), step(2)])).toEqual([1, 2]);
  expect(sent([step(1), ended(1, "put_off")])).toEqual([]);
  expect(sent([step(1), ended(1, "put_off"), step(1)])).toEqual([1]);
});
