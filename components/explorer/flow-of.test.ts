import { expect, test } from "vitest";
import { flowOf } from "#components/explorer/flow-of.ts";

const activity = (key: string, type: string, ...next: string[]) => ({
  key,
  name: key,
  type,
  outcomes: next.map((to) => ({ next: to })),
});
const journey = (...activities: unknown[]) => ({
  journey: { name: "Welcome", status: "Published" },
  definition: { triggers: [{ name: "Entry", type: "APIEvent" }], activities },
});
const rowsOf = (result: unknown) => flowOf(result)?.rows.map((row) => row.map(({ key }) => key));

test("a journey is drawn from its entry on, splits side by side", () => {
  const result = journey(
    activity("wait", "WAIT", "split"),
    activity("mail", "EMAILV2", "end"),
    activity("split", "RANDOMSPLIT", "mail", "sms"),
    activity("sms", "SMSSYNC", "end"),
    activity("end", "WAIT"),
  );
  expect(rowsOf(result)).toEqual([["wait"], ["split"], ["mail", "sms"], ["end"]]);
  expect(flowOf(result)).toMatchObject({ name: "Welcome", status: "Published", entry: ["Entry"] });
  expect(flowOf(result)?.rows[2]?.map(({ reachesPeople }) => reachesPeople)).toEqual([true, true]);
});

test("a way back, a way to nowhere and stops that nothing leads to end the drawing too", () => {
  expect(rowsOf(journey(activity("a", "WAIT", "b"), activity("b", "WAIT", "a")))).toEqual([
    ["a"],
    ["b"],
  ]);
  expect(rowsOf(journey(activity("a", "WAIT", "gone")))).toEqual([["a"]]);
  expect(rowsOf(journey())).toEqual([]);
});

test("an automation is drawn step by step", () => {
  const flow = flowOf({
    automation: { name: "Nightly", status: "Scheduled", startedBy: "scheduled" },
    steps: [
      { activities: [{ name: "Sort", kind: "query", reachesPeople: false }] },
      { activities: [{ name: "Tell", kind: "email send", reachesPeople: true }] },
    ],
  });
  expect(flow?.rows).toMatchObject([[{ name: "Sort" }], [{ name: "Tell", reachesPeople: true }]]);
});

test.each([null, "done", [], { records: [] }, { journey: {} }])(
  "%j is drawn as what it is",
  (of) => {
    expect(flowOf(of)).toBeNull();
  },
);
