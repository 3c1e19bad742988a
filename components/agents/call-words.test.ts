import { expect, test } from "vitest";
import { amountWords, callOutcome, callTitle, hasEffect } from "#components/agents/call-words.ts";
import type { AgentCallJson } from "#lib/agents/schema.ts";

const call = (facts: Partial<AgentCallJson> = {}): AgentCallJson => ({
  id: "1",
  at: "2026-03-02T09:00:00.000Z",
  door: "proxy",
  operation: "data.query",
  title: null,
  effect: "read",
  status: 200,
  code: null,
  durationMs: 120,
  rows: 0,
  bytes: 0,
  repeats: 1,
  keyName: "Laptop",
  connection: null,
  ...facts,
});

test("a call is named by the registry, or by what the call table calls it", () => {
  expect(callTitle(call({ title: "Query records" }))).toBe("Query records");
  expect(callTitle(call())).toBe("Data query");
  expect(callTitle(call({ operation: "__" }))).toBe("Call");
  expect(callTitle(call({ door: "lease", operation: "lease" }))).toBe("Lease issued");
  expect(callTitle(call({ door: "request", operation: "x" }))).toBe("Asked for a connection");
  expect(callTitle(call({ door: "plan", operation: "plan.propose" }))).toBe("Proposed a plan");
});

test.each([
  [{ status: 200 }, "200", "plain"],
  [{ status: null }, null, "plain"],
  [{ status: 404 }, "404", "warn"],
  [{ status: 503 }, "503", "danger"],
  [{ status: null, code: "agents.budget_spent" }, "agents.budget_spent", "warn"],
] as const)("%o went as %s", (facts, words, tone) => {
  expect(callOutcome(call(facts))).toEqual({ words, tone });
});

test("how much came of it is said in one line, and nothing of what is zero", () => {
  expect(amountWords(call())).toBe("120 ms");
  expect(amountWords(call({ rows: 1, bytes: 900, durationMs: 1_540 }))).toBe(
    "1 row · 900 bytes · 1.5 s",
  );
  expect(amountWords(call({ rows: 2_000, bytes: 2_400_000, repeats: 3 }))).toBe(
    "3 times · 2\u00a0000 rows · 2.4 MB · 120 ms",
  );
});

test("what asks, borrows or proposes is not called a write: nothing changes at a provider", () => {
  expect(hasEffect(call())).toBe(false);
  expect(hasEffect(call({ door: "request", effect: "ask" }))).toBe(false);
  expect(hasEffect(call({ door: "lease", effect: "credentials" }))).toBe(false);
  expect(hasEffect(call({ door: "plan", operation: "plan.edit", effect: "write" }))).toBe(false);
  const applied = { door: "plan", operation: "salesforce.records.update", effect: "write" };
  expect(hasEffect(call(applied))).toBe(true);
  expect(hasEffect(call({ effect: "send" }))).toBe(true);
});
