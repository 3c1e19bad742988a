import { expect, test } from "vitest";
import { decideCall } from "#lib/policy/decide-call.ts";
import type { CallClass } from "#lib/providers/proxied-call.ts";

const plan = "broker.plan_required";
const never = "broker.never_allowed";

test.each<[CallClass, "plan" | "build", boolean, true | string]>([
  ["read", "plan", false, true],
  ["read", "plan", true, true],
  ["read", "build", false, true],
  ["read", "build", true, true],
  ["write", "plan", false, plan],
  ["write", "plan", true, plan],
  ["write", "build", false, plan],
  ["write", "build", true, true],
  ["code", "plan", false, plan],
  ["code", "plan", true, plan],
  ["code", "build", false, plan],
  ["code", "build", true, plan],
  ["unknown", "plan", false, plan],
  ["unknown", "plan", true, plan],
  ["unknown", "build", false, plan],
  ["unknown", "build", true, plan],
  ["credentials", "plan", false, never],
  ["credentials", "plan", true, never],
  ["credentials", "build", false, never],
  ["credentials", "build", true, never],
])("[BRK-8] %s in %s mode, direct writes %s: %s", (callClass, mode, mayWriteDirectly, expected) => {
  const decision = decideCall({ class: callClass, mode, mayWriteDirectly });
  expect(decision.allowed ? true : decision.code).toBe(expected);
});
