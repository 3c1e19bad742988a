import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { anchorHeads } from "#lib/audit/anchor-heads.ts";
import { anchorFileIn } from "#lib/audit/anchors.ts";
import { keepAuditTrail } from "#lib/audit/append-events.ts";
import { createChainKey, instanceChain } from "#lib/audit/chain.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { requireAppendOnly } from "#lib/audit/require-append-only.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createDatabase, type Database, inTransaction } from "#lib/db/client.ts";
import { testClock } from "#lib/testing/clock.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, another, ownerUrl, pool } = await testDatabase();
const clock = testClock();
const chainKey = createChainKey(new Secret("the chain's key in this test, 32+"));
keepAuditTrail(db, { clock, chainKey });
const lines: string[] = [];
const log = createLogger({ level: "error", destination: { write: (line) => lines.push(line) } });
const dataDir = mkdtempSync(path.join(os.tmpdir(), "studio-audit-"));
afterAll(() => rmSync(dataDir, { recursive: true }));
const deps = { db, clock, random: systemRandom, chainKey, log, settings: { dataDir } };
const anchorFile = anchorFileIn(dataDir);
beforeEach(() => rmSync(anchorFile, { force: true }));

const record = (teamId: string | null, name = "x", client: Database = db) =>
  inTransaction(client, (tx) =>
    recordEvent(tx, deps, {
      action: "connection.created",
      principal: null,
      ...(teamId ? { teamId } : {}),
      target: { kind: "connection", id: randomUUID() },
      result: "success",
      detail: { name, scopes: ["api", "web"], count: 3, none: null },
    }),
  );

async function givenChain(length: number): Promise<string> {
  const teamId = randomUUID();
  for (let index = 1; index <= length; index += 1) await record(teamId, `event ${index}`);
  return teamId;
}

/** What only the owner of the tables can do, with the triggers off. */
async function spoil(...statements: string[]): Promise<void> {
  const all = ["begin", "set local session_replication_role = replica", ...statements, "commit"];
  await pool.query(all.join(";"));
}

const verify = async (chainId: string) => {
  const { chains, badAnchorLines } = await verifyTrail(deps, { chainIds: [chainId] });
  const { checked = 0, firstBad = null } = chains[0] ?? {};
  const bad = firstBad && `${firstBad.problem} ${firstBad.sequence}`;
  return { checked, bad, ...(badAnchorLines.length > 0 && { badAnchorLines }) };
};
const rowOf = (teamId: string, sequence: number) =>
  `team_id = '${teamId}' and sequence = ${sequence}`;

test("[AUD-4] an untouched chain verifies, each team's by itself, and the instance's own", async () => {
  const [one, other] = [await givenChain(5), await givenChain(2)];
  await record(null);
  expect(await verify(one)).toEqual({ checked: 5, bad: null });
  expect(await verify(other)).toEqual({ checked: 2, bad: null });
  expect(await verify(instanceChain)).toMatchObject({ bad: null });
  const { chains } = await verifyTrail(deps);
  expect(chains.map(({ chainId }) => chainId)).toEqual(
    expect.arrayContaining([one, other, instanceChain]),
  );
});

test("[AUD-4] every field of an event is under its hash", async () => {
  const { rows } = await pool.query(
    "select column_name, data_type from information_schema.columns where table_name = 'audit_events'",
  );
  const other: Record<string, string> = {
    uuid: `'${randomUUID()}'`,
    text: "'something else'",
    bigint: "7",
    bytea: String.raw`'\x00'`,
    jsonb: `'{"name":"other"}'`,
    "timestamp with time zone": "now()",
  };
  expect(rows.length).toBeGreaterThan(15);
  for (const { column_name: column, data_type: type } of rows) {
    const teamId = await givenChain(3);
    await spoil(`update audit_events set ${column} = ${other[type]} where ${rowOf(teamId, 2)}`);
    expect((await verify(teamId)).bad, column).toMatch(/ 2$/);
  }
});

test("[AUD-4] an edited, removed, inserted or moved event is named, the first one", async () => {
  const edited = await givenChain(6);
  await spoil(
    `update audit_events set detail = detail || '{"name":"nicer"}' where ${rowOf(edited, 3)}`,
    `delete from audit_events where ${rowOf(edited, 5)}`,
  );
  expect(await verify(edited)).toEqual({ checked: 2, bad: "altered 3" });

  const removed = await givenChain(6);
  await spoil(`delete from audit_events where ${rowOf(removed, 4)}`);
  expect(await verify(removed)).toEqual({ checked: 3, bad: "missing 4" });

  const closed = await givenChain(6); // removed, and the gap closed
  await spoil(
    `delete from audit_events where ${rowOf(closed, 4)}`,
    `update audit_events set sequence = sequence - 1 where team_id = '${closed}' and sequence = 5`,
    `update audit_events set sequence = sequence - 1 where team_id = '${closed}' and sequence = 6`,
    `update audit_heads set sequence = 5 where chain_id = '${closed}'`,
  );
  expect(await verify(closed)).toEqual({ checked: 3, bad: "out_of_place 4" });

  const swapped = await givenChain(6);
  await spoil(
    `update audit_events set sequence = 99 where ${rowOf(swapped, 2)}`,
    `update audit_events set sequence = 2 where ${rowOf(swapped, 3)}`,
    `update audit_events set sequence = 3 where ${rowOf(swapped, 99)}`,
  );
  expect(await verify(swapped)).toEqual({ checked: 1, bad: "out_of_place 2" });

  const inserted = await givenChain(4);
  const columns = "at, actor_kind, action, result, detail, key_id";
  const forge = (teamId: string, sequence: number) =>
    `insert into audit_events (id, team_id, sequence, previous_hash, hash, ${columns})
     select gen_random_uuid(), team_id, ${sequence}, hash, hash, ${columns}
     from audit_events where ${rowOf(teamId, sequence - 1)}`;
  await spoil(
    `update audit_events set sequence = 5 where ${rowOf(inserted, 4)}`,
    `update audit_events set sequence = 4 where ${rowOf(inserted, 3)}`,
    forge(inserted, 3),
    `update audit_heads set sequence = 5 where chain_id = '${inserted}'`,
  );
  expect(await verify(inserted)).toEqual({ checked: 2, bad: "altered 3" });

  const appended = await givenChain(4);
  await spoil(forge(appended, 5));
  expect(await verify(appended)).toEqual({ checked: 4, bad: "altered 5" });
});

test("[AUD-4] an event of another team does not fit, not even at the same place", async () => {
  const [from, into] = [await givenChain(3), await givenChain(3)];
  await spoil(
    `delete from audit_events where ${rowOf(into, 2)}`,
    `update audit_events set team_id = '${into}' where ${rowOf(from, 2)}`,
  );
  expect(await verify(into)).toEqual({ checked: 1, bad: "out_of_place 2" });
});

test("[AUD-4] a cut tail shows by the head, and by the anchors where the head was rewritten", async () => {
  const teamId = await givenChain(5);
  await anchorHeads(deps);
  await spoil(`delete from audit_events where team_id = '${teamId}' and sequence > 3`);
  expect(await verify(teamId)).toEqual({ checked: 3, bad: "cut 4" });
  await spoil(
    `update audit_heads set sequence = 3, hash =
       (select hash from audit_events where ${rowOf(teamId, 3)}) where chain_id = '${teamId}'`,
  );
  expect(await verify(teamId)).toEqual({ checked: 3, bad: "cut 4" });
  // Going on from there gives other events at the numbers that were anchored.
  await record(teamId);
  await record(teamId);
  expect(await verify(teamId)).toEqual({ checked: 4, bad: "anchor_differs 5" });
});

test("[AUD-4] a chain that is gone altogether is missed, and the running studio says so", async () => {
  const teamId = await givenChain(3);
  await anchorHeads(deps);
  expect(await anchorHeads(deps)).toEqual([]);
  await spoil(
    `delete from audit_events where team_id = '${teamId}'`,
    `delete from audit_heads where chain_id = '${teamId}'`,
  );
  const { chains } = await verifyTrail(deps);
  expect(chains.find(({ chainId }) => chainId === teamId)?.firstBad).toMatchObject({
    sequence: 1n,
    problem: "cut",
  });
  expect(await anchorHeads(deps)).toEqual([teamId]);
  expect(lines.some((line) => line.includes("shorter than its anchor"))).toBe(true);
});

test("[AUD-4] a head that is removed or rewritten is named", async () => {
  const removed = await givenChain(2);
  await spoil(`delete from audit_heads where chain_id = '${removed}'`);
  expect((await verify(removed)).bad).toBe("head_missing 2");
  await expect(record(removed), "and nothing is written beside the chain").rejects.toThrow();
  const rewritten = await givenChain(2);
  await spoil(
    `update audit_heads set hash = decode(repeat('00', 32), 'hex') where chain_id = '${rewritten}'`,
  );
  expect((await verify(rewritten)).bad).toBe("head_differs 2");
  const back = await givenChain(2);
  await spoil(`update audit_heads set sequence = 1 where chain_id = '${back}'`);
  expect((await verify(back)).bad).toBe("beyond_head 2");
});

test("[AUD-4] anchors are the owner's alone, sealed line by line, and the file stays bounded", async () => {
  const teamId = await givenChain(1);
  await anchorHeads(deps);
  expect(statSync(anchorFile).mode & 0o777).toBe(0o600);
  const line = readFileSync(anchorFile, "utf8")
    .split("\n")
    .find((text) => text.includes(teamId));
  writeFileSync(anchorFile, `${line}\n${line?.replace('"sequence":"1"', '"sequence":"2"')}\n`);
  expect(await verify(teamId)).toEqual({ checked: 1, bad: null, badAnchorLines: [2] });
  // A crash in the middle of a line costs that line and no other.
  writeFileSync(anchorFile, `${line}\n${line?.slice(0, 40)}`);
  expect(await verify(teamId)).toEqual({ checked: 1, bad: null });
  await anchorHeads(deps);
  expect(await verify(teamId)).toEqual({ checked: 1, bad: null });
  writeFileSync(anchorFile, `${line}\n`.repeat(5_000));
  await record(teamId);
  await anchorHeads(deps);
  const kept = readFileSync(anchorFile, "utf8").trim().split("\n");
  expect(kept.length).toBe(await db.auditHead.count());
  expect(await verify(teamId)).toEqual({ checked: 2, bad: null });
});

test("[AUD-4] events under another key are told apart from forged ones, and verify with that key", async () => {
  const older = createChainKey(new Secret("the key of before, thirty-two long"));
  const client = another();
  keepAuditTrail(client, { clock, chainKey: older });
  const teamId = randomUUID();
  await record(teamId, "then", client);
  await client.$disconnect();
  await record(teamId, "now");
  expect((await verify(teamId)).bad).toBe("unknown_key 1");
  const { chains } = await verifyTrail(deps, { chainIds: [teamId], olderKeys: [older] });
  expect(chains).toEqual([{ chainId: teamId, checked: 2, firstBad: null }]);
});

test("[AUD-4] two studios that write to the same teams at once leave no gap and do not stop each other", async () => {
  const second = another(10);
  keepAuditTrail(second, { clock, chainKey });
  const teams = [randomUUID(), randomUUID(), randomUUID()];
  const work = Array.from({ length: 60 }, (_, index) =>
    inTransaction(index % 2 ? db : second, async (tx) => {
      // Each transaction touches the teams in an order of its own.
      for (const offset of [0, 1, 2]) {
        const teamId = teams[(index + offset) % teams.length] ?? "";
        const entry = { action: "connection.renamed", principal: null, teamId } as const;
        await recordEvent(tx, deps, { ...entry, result: "success", detail: { index } });
      }
    }),
  );
  await Promise.all(work);
  await second.$disconnect();
  for (const teamId of teams) expect(await verify(teamId)).toEqual({ checked: 60, bad: null });
});

test("[AUD-4] a chain longer than a page is verified while it grows", async () => {
  const teamId = randomUUID();
  const many = (count: number) =>
    inTransaction(db, async (tx) => {
      for (let index = 0; index < count; index += 1) {
        const entry = { action: "connection.renamed", principal: null, teamId } as const;
        await recordEvent(tx, deps, { ...entry, result: "success" });
      }
    });
  await many(2_500);
  const [report] = await Promise.all([verify(teamId), many(10), record(teamId), many(10)]);
  expect(report.bad).toBeNull();
  expect(report.checked).toBeGreaterThanOrEqual(2_500);
  expect(await verify(teamId)).toEqual({ checked: 2_521, bad: null });
});

test("[AUD-2] an event outside of a transaction of ours is refused, never lost", async () => {
  const entry = { action: "team.created", principal: null, result: "success" } as const;
  await expect(recordEvent(db, deps, entry)).rejects.toThrow("outside of inTransaction");
  await expect(db.$transaction((tx) => recordEvent(tx, deps, entry))).rejects.toThrow(
    "outside of inTransaction",
  );
  const late = await inTransaction(db, async (tx) => tx);
  await expect(recordEvent(late, deps, entry)).rejects.toThrow("after its transaction ended");
  const silent = createDatabase(ownerUrl, { poolSize: 1 });
  const unwritten = inTransaction(silent, (tx) => recordEvent(tx, deps, entry));
  await expect(unwritten).rejects.toThrow("nobody writes");
  await silent.$disconnect();
});

test("[AUD-2] a locked trail holds the change up, and then both or neither happen", async () => {
  const teamId = await givenChain(1);
  const id = randomUUID();
  const blocker = await pool.connect();
  await blocker.query("begin; lock table audit_events in exclusive mode");
  const createdAt = clock.now();
  const change = inTransaction(db, async (tx) => {
    await tx.$executeRaw`select set_config('lock_timeout', '200ms', true)`;
    await tx.team.create({ data: { id, name: "Aurora", createdAt } });
    const entry = { action: "team.created", principal: null, teamId } as const;
    await recordEvent(tx, deps, { ...entry, result: "success" });
  });
  await expect(change).rejects.toThrow();
  await blocker.query("rollback");
  blocker.release();
  expect(await db.team.count({ where: { id } })).toBe(0);
  expect(await verify(teamId)).toEqual({ checked: 1, bad: null });
});

test("[AUD-2] without the right to insert, nothing happens", async () => {
  await pool.query("revoke insert on audit_events from studio_app");
  const id = randomUUID();
  const change = inTransaction(db, async (tx) => {
    await tx.team.create({ data: { id, name: "Aurora", createdAt: clock.now() } });
    const entry = { action: "team.created", principal: null, teamId: id } as const;
    await recordEvent(tx, deps, { ...entry, result: "success" });
  });
  await expect(change).rejects.toThrow();
  await pool.query("grant insert on audit_events to studio_app");
  expect(await db.team.count({ where: { id } })).toBe(0);
});

test("[AUD-3] the studio's role reads and adds events and can do nothing else to them", async () => {
  const teamId = await givenChain(2);
  const refused = [
    `update audit_events set result = 'x' where ${rowOf(teamId, 1)}`,
    `delete from audit_events where ${rowOf(teamId, 1)}`,
    "truncate audit_events",
    "truncate audit_heads",
    `delete from audit_heads where chain_id = '${teamId}'`,
    `update audit_heads set chain_id = gen_random_uuid() where chain_id = '${teamId}'`,
    "alter table audit_events disable trigger all",
    "drop table audit_events",
    "create table mine (id int)",
    "create or replace function audit_is_append_only() returns trigger language sql as 'select 1'",
    "set session_replication_role = replica",
    "set role studio",
    "delete from _prisma_migrations",
  ];
  for (const statement of refused) {
    await expect(db.$executeRawUnsafe(statement), statement).rejects.toThrow(
      /permission denied|must be owner/,
    );
  }
  const back = db.$executeRawUnsafe(
    `update audit_heads set sequence = 1 where chain_id = '${teamId}'`,
  );
  await expect(back).rejects.toThrow("only moves on");
  expect(await verify(teamId)).toEqual({ checked: 2, bad: null });
  const { rows } = await pool.query(
    `select count(*)::int as owned from pg_class c join pg_roles r on r.oid = c.relowner
     where r.rolname = 'studio_app'`,
  );
  expect(rows).toEqual([{ owned: 0 }]);
});

test("[AUD-3] the owner of the tables stumbles too, and the studio does not start as that role", async () => {
  const teamId = await givenChain(1);
  for (const statement of [
    `update audit_events set result = 'x' where ${rowOf(teamId, 1)}`,
    `delete from audit_events where ${rowOf(teamId, 1)}`,
    "truncate audit_events",
    "truncate audit_heads",
  ]) {
    await expect(pool.query(statement), statement).rejects.toThrow("only grows");
  }
  await expect(requireAppendOnly(db)).resolves.toBeUndefined();
  const owner = createDatabase(ownerUrl, { poolSize: 1 });
  await expect(requireAppendOnly(owner)).rejects.toThrow("may change audit events");
  await owner.$disconnect();
});
