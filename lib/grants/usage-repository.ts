import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

/** Whose use it is. */
export type UsageOf = { grantId: string; connectionId: string; teamId: string };

/** What one instance counted for one grant in one hour. */
export type UsageCount = UsageOf & {
  hour: Date;
  leases: number;
  leasesFailed: number;
  leaseLatency: number[];
  calls: number;
  callsFailed: number;
  refreshes: number;
  refreshesFailed: number;
  problem: string | null;
  problemAt: Date | null;
};

/** Adds counts to those of their hours, each grant and hour named once. */
export async function addUsage(db: Database, counts: readonly UsageCount[]): Promise<void> {
  // One order for all instances: two of them never wait for each other in a circle.
  const rows = [...counts].sort((a, b) => (a.grantId < b.grantId ? -1 : 1));
  await db.$executeRaw`
    insert into usage_hours as held (grant_id, hour, team_id, connection_id, leases, leases_failed,
      lease_latency, calls, calls_failed, refreshes, refreshes_failed, problem, problem_at)
    select "grantId", hour, "teamId", "connectionId", leases, "leasesFailed",
      array(select value::int from json_array_elements_text("leaseLatency")),
      calls, "callsFailed", refreshes, "refreshesFailed", problem, "problemAt"
    from json_to_recordset(${JSON.stringify(rows)}::json) as counted("grantId" uuid, hour timestamptz,
      "teamId" uuid, "connectionId" uuid, leases int, "leasesFailed" int, "leaseLatency" json, calls int,
      "callsFailed" int, refreshes int, "refreshesFailed" int, problem text, "problemAt" timestamptz)
    on conflict (grant_id, hour) do update set
      leases = held.leases + excluded.leases,
      leases_failed = held.leases_failed + excluded.leases_failed,
      lease_latency = array(
        select coalesce(a, 0) + coalesce(b, 0)
        from unnest(held.lease_latency, excluded.lease_latency) with ordinality as both_of (a, b, at)
        order by at),
      calls = held.calls + excluded.calls,
      calls_failed = held.calls_failed + excluded.calls_failed,
      refreshes = held.refreshes + excluded.refreshes,
      refreshes_failed = held.refreshes_failed + excluded.refreshes_failed,
      problem = coalesce(excluded.problem, held.problem),
      problem_at = coalesce(excluded.problem_at, held.problem_at)`;
}

/** A grant's hours since then, the oldest first; its owner's, or a team's where all of them are asked for. */
export async function listUsage(
  db: Database,
  { teamId }: Pick<Principal, "teamId">,
  of: { grantId: string; since: Date },
): Promise<UsageCount[]> {
  return db.usageHour.findMany({
    where: { teamId, grantId: of.grantId, hour: { gte: of.since } },
    orderBy: { hour: "asc" },
  });
}

/** Forgets hours that nobody looks at any more. @returns how many */
export async function deleteUsageBefore(db: Database, before: Date): Promise<number> {
  const { count } = await db.usageHour.deleteMany({ where: { hour: { lt: before } } });
  return count;
}
