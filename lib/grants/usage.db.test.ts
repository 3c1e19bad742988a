import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createUsage, latencyBoundsMs } from "#lib/grants/usage.ts";
import { deleteUsageBefore, listUsage } from "#lib/grants/usage-repository.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, database } = await testStudio();
const hourSeconds = 60 * 60;
const newGrant = () => ({
  grantId: randomUUID(),
  connectionId: randomUUID(),
  teamId: randomUUID(),
});
const hoursOf = (of: ReturnType<typeof newGrant>) =>
  listUsage(deps.db, of, { grantId: of.grantId, since: new Date(0) });

test("what several instances count for a grant adds up, by the hour", async () => {
  const of = newGrant();
  const another = database.another();
  const usages = [createUsage(deps), createUsage({ ...deps, db: another })];
  for (const usage of usages) {
    usage.note(of, { kind: "lease", tookMs: 0.4, problem: null });
    usage.note(of, { kind: "lease", tookMs: 60_000, problem: "grants.provider_unavailable" });
    usage.note(of, { kind: "call", problem: null });
    usage.note(of, { kind: "refresh", problem: null });
  }
  await Promise.all(usages.map((usage) => usage.flush()));
  deps.clock.advanceSeconds(hourSeconds);
  usages[0]?.note(of, { kind: "refresh", problem: "grants.refresh_refused" });
  await Promise.all(usages.map((usage) => usage.stop()));
  await another.$disconnect();

  const [first, second, ...more] = await hoursOf(of);
  expect(more).toEqual([]);
  expect(first).toMatchObject({
    leases: 4,
    leasesFailed: 2,
    calls: 2,
    callsFailed: 0,
    refreshes: 2,
    refreshesFailed: 0,
    problem: "grants.provider_unavailable",
  });
  expect(first?.leaseLatency).toEqual([2, ...Array(latencyBoundsMs.length - 1).fill(0), 2]);
  expect(second).toMatchObject({ refreshes: 1, refreshesFailed: 1, leases: 0 });
});

test("[TEN-2] another team's usage is not there", async () => {
  const of = newGrant();
  const usage = createUsage(deps);
  usage.note(of, { kind: "call", problem: null });
  await usage.flush();
  expect(await hoursOf(of)).toHaveLength(1);
  expect(await hoursOf({ ...of, teamId: randomUUID() })).toEqual([]);
});

test("a thousand grants are added in parts: a part that fails is added later, none twice", async () => {
  const all = Array.from({ length: 1_000 }, newGrant);
  const usage = createUsage(deps);
  for (const of of all) usage.note(of, { kind: "call", problem: null });
  await database.pool.query(
    `alter table usage_hours add constraint not_yet check (grant_id <> '${all[600]?.grantId}')`,
  );
  await usage.flush();
  const ids = `{${all.map(({ grantId }) => grantId).join(",")}}`;
  const calls = async () => {
    const { rows } = await database.pool.query(
      "select count(*)::int, sum(calls)::int from usage_hours where grant_id = any($1::uuid[])",
      [ids],
    );
    return rows[0];
  };
  expect((await calls()).count).toBeGreaterThan(0);
  expect((await calls()).count).toBeLessThan(all.length);
  await database.pool.query("alter table usage_hours drop constraint not_yet");
  await usage.flush();
  expect(await calls()).toEqual({ count: all.length, sum: all.length });
});

test("what could not be added is added later, and old hours are forgotten", async () => {
  const of = newGrant();
  const usage = createUsage(deps);
  await database.pool.query("alter table usage_hours rename to usage_hours_away");
  usage.note(of, { kind: "call", problem: null });
  await usage.flush();
  await database.pool.query("alter table usage_hours_away rename to usage_hours");
  usage.note(of, { kind: "call", problem: "broker.not_reached" });
  await usage.flush();
  expect(await hoursOf(of)).toMatchObject([{ calls: 2, callsFailed: 1 }]);
  await deleteUsageBefore(deps.db, new Date(deps.clock.now().getTime() + 1));
  expect(await hoursOf(of)).toEqual([]);
});
