// The same work with 1,000 grants and with 1,000,000: a lease over HTTP, the scan for due grants, and the
// write of a refreshed token, each beside itself.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { createDatabase, type Database } from "#lib/db/client.ts";
import type { Sql } from "#lib/db/sql.ts";
import { listDueGrants, storeTokens } from "#lib/grants/refresh-repository.ts";
import { openCaller } from "./caller.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { fillGrants, type ManyGrants } from "./many-grants.ts";
import { percentile, report, round } from "./studio.ts";

const few = 1_000;
const many = 1_000_000;
const due = 200;
const samples = 400;
const limitRatio = 1.3;

type Times = { lease: number[]; scan: number[]; write: number[] };

async function timesOf(fleet: Fleet, db: Database, filled: ManyGrants): Promise<Times> {
  const client = new pg.Client({ connectionString: fleet.ownerUrl });
  await client.connect();
  const sql: Sql = {
    query: async (text, values) => (await client.query(text, values as unknown[])).rows,
  };
  const caller = openCaller(fleet.urls[0] ?? "", 1);
  const lease: number[] = [];
  const scan: number[] = [];
  const write: number[] = [];
  const timed = async (times: number[], work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  };
  const now = new Date();
  await db.grant.updateMany({
    where: { id: { in: filled.grants.slice(0, due).map(({ grantId }) => grantId) } },
    data: { refreshDueAt: new Date(now.getTime() - 60_000) },
  });
  for (let at = 0; at < samples; at += 1) {
    const { grantId = "", connectionId = "" } =
      filled.grants[(at * 37) % filled.grants.length] ?? {};
    await timed(lease, async () => {
      const status = await caller.lease(filled.agentKey, connectionId);
      if (status !== 201) throw new Error(`a lease answered ${status}`);
    });
    await timed(scan, () => listDueGrants(sql, now, null, due));
    const grant = await db.grant.findUniqueOrThrow({ where: { id: grantId } });
    await timed(write, () =>
      storeTokens(sql, [
        {
          grantId,
          fence: "0",
          generation: grant.generation,
          tokenVersion: grant.tokenVersion,
          sealed: grant.refreshTokenSealed,
          lastRefreshedAt: now,
          accessTokenExpiresAt: now,
          idleDeadline: grant.idleDeadline,
          refreshDueAt: grant.refreshDueAt,
          hosts: null,
          scopes: null,
          missingScopes: null,
          problem: null,
          retryAt: null,
        },
      ]),
    );
  }
  await caller.close();
  await client.end();
  return { lease, scan, write };
}

/** Rows that nobody asks for, in other teams' hands, as many as are missing. */
async function growTo(db: Database, count: number, like: ManyGrants): Promise<void> {
  const teamId = randomUUID();
  await db.$executeRaw`insert into teams (id, name, created_at) values (${teamId}::uuid, 'Growth', now())`;
  const model = like.grants[0]?.connectionId ?? "";
  await db.$executeRaw`
    insert into connections (id, team_id, provider, method, name, environment, surfaces, tenant_subdomain,
      client_id, scopes, group_key, group_name, created_at, updated_at)
    select gen_random_uuid(), ${teamId}::uuid, provider, method, 'Row ' || n, environment, surfaces,
      tenant_subdomain, client_id, scopes, group_key, group_name, now(), now()
    from connections, generate_series(1, ${count - few}::int) n where id = ${model}::uuid`;
  await db.$executeRaw`
    insert into grants (id, team_id, connection_id, user_id, state, surface, scopes, missing_scopes,
      provider_user_id, username, connected_at, refresh_token_sealed, refresh_due_at)
    select gen_random_uuid(), ${teamId}::uuid, id, ${like.userId}::uuid, 'active', 'web', '{}', '{}', 'x', 'x',
      now(), repeat('sealed', 40), now() + random() * interval '25 days' + interval '1 day'
    from connections where team_id = ${teamId}::uuid`;
  for (const table of ["connections", "grants"])
    await db.$executeRawUnsafe(`vacuum analyze ${table}`);
}

const fleet = await startFleet({ env: { LIMITS_FACTOR: "1000" } });
const db = createDatabase(fleet.ownerUrl);
try {
  const filled = await fillGrants(fleet, db, few);
  await timesOf(fleet, db, filled); // the first use of everything, each token's refresh among it
  const before = await timesOf(fleet, db, filled);
  await growTo(db, many, filled);
  await timesOf(fleet, db, filled);
  const after = await timesOf(fleet, db, filled);
  for (const what of ["lease", "scan", "write"] as const) {
    const [small, large] = [percentile(before[what], 50), percentile(after[what], 50)];
    report({
      workload: `growth from ${few} to ${many} grants: ${what}`,
      p50Ms: round(large),
      p99Ms: round(percentile(after[what], 99)),
      p50MsOfFew: round(small),
      ratioToFew: round(large / small),
      limit: `p50 at most ${limitRatio} ×`,
      isKept: large <= limitRatio * small,
    });
  }
} finally {
  await db.$disconnect();
  await fleet.stop();
}
process.exit();
