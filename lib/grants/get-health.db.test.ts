import { expect, test } from "vitest";
import { NotFoundError } from "#lib/core/errors.ts";
import { getGrantHealth, latencyAt } from "#lib/grants/get-health.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;

async function connected() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, "dana.kowalczyk@halden.example");
  const grant = await findOwnGrant(deps.db, principal, connectionId);
  if (!grant) throw new Error("not connected");
  return { principal, grant };
}

test("a week of a grant: what was done, how long it took, and what went wrong last", async () => {
  const { principal, grant } = await connected();
  const of = { grantId: grant.id, connectionId: grant.connectionId, teamId: principal.teamId };
  for (let n = 0; n < 19; n += 1) {
    deps.usage.note(of, { kind: "lease", tookMs: 0.5, problem: null });
  }
  deps.usage.note(of, { kind: "lease", tookMs: 90, problem: "grants.provider_unavailable" });
  deps.usage.note(of, { kind: "refresh", problem: null });
  await deps.usage.flush();
  expect(await getGrantHealth(deps, principal, grant.id)).toMatchObject({
    refreshes: { count: 1, failed: 0, failedInARow: 0, problem: null },
    leases: { count: 20, failed: 1, p50Ms: 1, p95Ms: 1 },
    hours: [{ leases: 20, calls: 0, refreshes: 1, failed: 1 }],
    problems: [{ code: "grants.provider_unavailable" }],
    approvals: { used: 1, of: 5 },
  });
});

test("[TEN-4] a grant's health is its owner's: a teammate finds nothing, whatever their role", async () => {
  const { principal, grant } = await connected();
  const admin = await given.person({ teamId: principal.teamId, role: "admin" });
  await expect(getGrantHealth(deps, admin, grant.id)).rejects.toThrow(NotFoundError);
});

test("a latency is the bound of the class it lies in, and none is no latency", () => {
  expect(latencyAt([], 0.5)).toBeNull();
  expect(latencyAt([1, 0, 0, 0, 0, 0, 0, 0, 0, 99], 0.5)).toBeNull();
  expect(latencyAt([50, 49, 1], 0.95)).toBe(2);
});
