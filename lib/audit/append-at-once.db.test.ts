import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import {
  appendAtOnce,
  appendEvents,
  createKnownHeads,
  type KnownHeads,
  keepAuditTrail,
} from "#lib/audit/append-events.ts";
import { createChainKey, type EventContent, genesisHash } from "#lib/audit/chain.ts";
import { eventOf, recordEvent } from "#lib/audit/record-event.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import { inTransaction } from "#lib/db/client.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { createHotPool } from "#lib/db/hot-pool.ts";
import type { Sql } from "#lib/db/sql.ts";
import { testClock } from "#lib/testing/clock.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, ownerUrl, pool: owner } = await testDatabase();
await owner.query("create table beside (id uuid primary key)");
const clock = testClock();
const chainKey = createChainKey(new Secret("the chain's key in this test, 32+"));
const deps = { db, clock, random: systemRandom, chainKey, settings: { dataDir: "/nowhere" } };
keepAuditTrail(db, deps);
const pools = [createHotPool(ownerUrl), createHotPool(ownerUrl)] as const;
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

const entryOf = (teamId: string) => ({
  action: "lease.issued" as const,
  principal: null,
  teamId,
  target: { kind: "lease", id: randomUUID() },
  result: "success" as const,
  detail: { mode: "plan" },
});
const statement = `insert into beside select unnest($4::uuid[]) where (select yes from fits)`;
const besideOf = (contents: readonly EventContent[]) => ({
  statement,
  values: [contents.map(({ id }) => id)],
});

/** What an instance of the studio does: at once where it can, else step by step. */
function instance(pool: (typeof pools)[number]) {
  const known = createKnownHeads();
  const seen = { atOnce: 0, bySteps: 0 };
  const group = createGroupCommit<EventContent, null>({
    pool,
    maxItems: 7,
    async write(sql, contents) {
      seen.bySteps += 1;
      await sql.query("insert into beside select unnest($1::uuid[])", besideOf(contents).values);
      await appendEvents(sql, deps, contents, known);
      return contents.map(() => null);
    },
    async writeAtOnce(sql, contents) {
      if (!(await appendAtOnce(sql, deps, known, contents, besideOf(contents)))) return null;
      seen.atOnce += 1;
      return contents.map(() => null);
    },
  });
  return { group, seen, known };
}

async function verified(teamId: string) {
  const { chains } = await verifyTrail(deps, { chainIds: [teamId] });
  return { checked: chains[0]?.checked, firstBad: chains[0]?.firstBad };
}
const countOf = async (text: string) => Number((await owner.query(text)).rows[0]?.count);

test("[AUD-4] instances that write at once, and people's changes between, leave no gap and lose nothing", async () => {
  const teams = [randomUUID(), randomUUID(), randomUUID()];
  const instances = pools.map(instance);
  const add = async (at: number) => {
    const teamId = teams[at % teams.length] ?? "";
    const { group } = instances[at % 2] as (typeof instances)[number];
    if (at % 10 === 0) await inTransaction(db, (tx) => recordEvent(tx, deps, entryOf(teamId)));
    else await group.add(eventOf(deps, entryOf(teamId)));
  };
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 60 }, (_, at) => add(at + round)));
  }
  for (const { seen } of instances) expect(seen.bySteps).toBeGreaterThan(0);
  for (const teamId of teams) expect((await verified(teamId)).firstBad).toBeNull();
  const events = await countOf("select count(*) from audit_events");
  expect(events).toBe(600);
  // Each with what was written beside it, and nothing beside that has no event.
  expect(await countOf("select count(*) from beside")).toBe(540);
  expect(await countOf("select count(*) from beside b join audit_events e on e.id = b.id")).toBe(
    540,
  );
});

test("an instance alone writes each group after its first at once", async () => {
  const teamId = randomUUID();
  const { group, seen } = instance(pools[0]);
  for (let count = 0; count < 5; count++) await group.add(eventOf(deps, entryOf(teamId)));
  expect(seen).toEqual({ atOnce: 4, bySteps: 1 });
  expect(await verified(teamId)).toEqual({ checked: 5, firstBad: null });
});

test("[AUD-2] behind an end that is not the chain's nothing is written, and the true end is learnt", async () => {
  const teamId = randomUUID();
  const { group, known } = instance(pools[0]);
  await group.add(eventOf(deps, entryOf(teamId)));
  const end = known.get(teamId);
  const sql: Sql = {
    query: async (text, values) => (await pools[1].query(text, [...values])).rows,
  };
  const content = eventOf(deps, entryOf(teamId));
  const append = (heads: KnownHeads) =>
    appendAtOnce(sql, deps, heads, [content], besideOf([content]));
  for (const guess of [
    { sequence: 0n, hash: genesisHash(chainKey, teamId) },
    { sequence: 2n, hash: end?.hash ?? new Uint8Array() },
    { sequence: 1n, hash: genesisHash(chainKey, teamId) },
  ]) {
    const heads = createKnownHeads();
    expect(await append(heads)).toBe(false);
    heads.set(teamId, guess);
    expect(await append(heads)).toBe(false);
    expect(await verified(teamId)).toEqual({ checked: 1, firstBad: null });
    expect(await countOf(`select count(*) from beside where id = '${content.id}'`)).toBe(0);
    expect(heads.get(teamId)?.sequence).toBe(1n);
  }
  const heads = createKnownHeads();
  heads.set(teamId, { sequence: 9n, hash: genesisHash(chainKey, teamId) });
  expect(await append(heads)).toBe(false);
  expect(await append(heads)).toBe(true);
  expect(await verified(teamId)).toEqual({ checked: 2, firstBad: null });
});

test("a chain without a head row is not begun by a guess", async () => {
  const teamId = randomUUID();
  const { known } = instance(pools[0]);
  known.set(teamId, { sequence: 0n, hash: genesisHash(chainKey, teamId) });
  const content = eventOf(deps, entryOf(teamId));
  const sql: Sql = {
    query: async (text, values) => (await pools[0].query(text, [...values])).rows,
  };
  expect(await appendAtOnce(sql, deps, known, [content], besideOf([content]))).toBe(false);
  expect(await verified(teamId)).toMatchObject({ checked: 0 });
  expect(known.get(teamId)).toBeUndefined();
});
