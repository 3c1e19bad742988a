import { expect, test } from "vitest";
import { askedWords, outcomeWords, wantsSignIn } from "#components/agents/request-words.ts";
import type { ConnectionRequestJson } from "#lib/connection-requests/schema.ts";

const connection = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Halden Production",
  provider: "salesforce",
  environment: "production",
  state: "active",
  surfaces: ["web"],
} as const;
const request = (facts: Partial<ConnectionRequestJson> = {}): ConnectionRequestJson => ({
  id: "00000000-0000-4000-8000-000000000002",
  state: "waiting",
  provider: null,
  reason: "",
  createdAt: "2026-03-02T09:00:00.000Z",
  expiresAt: "2026-03-02T09:30:00.000Z",
  answeredAt: null,
  connection: null,
  agent: { id: "00000000-0000-4000-8000-000000000003", name: "Nightly report" },
  operation: null,
  ...facts,
});
const given = (state: "active" | "needs_reconnect" | "not_connected") =>
  request({ state: "answered", connection: { ...connection, surfaces: ["web"], state } });

test("what is asked names the agent and what it needs", () => {
  expect(askedWords(request())).toBe("Nightly report asks for a connection");
  expect(askedWords(request({ provider: "marketing-cloud" }))).toBe(
    "Nightly report asks for a Marketing Cloud business unit",
  );
});

test("what came of it is said, also where the connection is gone again", () => {
  expect(outcomeWords(request())).toBe("Waits for you");
  expect(outcomeWords(given("active"))).toBe("Given");
  expect(outcomeWords(request({ state: "answered" }))).toBe("Given, and taken away since");
  expect(outcomeWords(request({ state: "declined" }))).toBe("Declined");
  expect(outcomeWords(request({ state: "expired" }))).toBe("Ran out");
});

test("a connection that was given without a sign-in still wants one", () => {
  expect(wantsSignIn(given("not_connected"))).toBe(true);
  expect(wantsSignIn(given("needs_reconnect"))).toBe(true);
  expect(wantsSignIn(given("active"))).toBe(false);
  expect(wantsSignIn(request())).toBe(false);
});
