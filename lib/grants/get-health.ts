import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { findTeamGrant, listOwnApprovals } from "#lib/grants/grant-repository.ts";
import type { GrantHealth } from "#lib/grants/schema.ts";
import { latencyBoundsMs } from "#lib/grants/usage.ts";
import { listUsage } from "#lib/grants/usage-repository.ts";
import { providerOf } from "#lib/providers/registry.ts";

/** How far back the view looks. */
const healthDays = 7;
const dayMs = 24 * 60 * 60 * 1000;
const problemsShown = 8;

const iso = (date: Date | null) => date?.toISOString() ?? null;

/**
 * How one's own grant has served for a week: its refreshes, how long agents waited for leases, what went
 * wrong last, and how many of the provider's sign-ins its user has in use through this app.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function getGrantHealth(
  deps: { db: Database; clock: Clock },
  principal: Principal,
  grantId: string,
): Promise<GrantHealth> {
  const grant = await findTeamGrant(deps.db, principal, grantId);
  if (!grant || grant.userId !== principal.userId) throw new NotFoundError();
  const since = new Date(deps.clock.now().getTime() - healthDays * dayMs);
  const { connection, providerUserId } = grant;
  const { approvalsPerUser } = providerOf(connection.provider);
  const [hours, approvals] = await Promise.all([
    listUsage(deps.db, principal, { grantId, since }),
    approvalsPerUser === null
      ? null
      : listOwnApprovals(deps.db, principal, { clientId: connection.clientId, providerUserId }),
  ]);
  const sum = (of: (hour: (typeof hours)[number]) => number) =>
    hours.reduce((total, hour) => total + of(hour), 0);
  const latency = latencyBoundsMs.map((_, at) => sum((hour) => hour.leaseLatency[at] ?? 0));
  const overAll = sum((hour) => hour.leaseLatency[latencyBoundsMs.length] ?? 0);
  return {
    since: since.toISOString(),
    refreshes: {
      count: sum((hour) => hour.refreshes),
      failed: sum((hour) => hour.refreshesFailed),
      failedInARow: grant.refreshFailures,
      lastAt: iso(grant.lastRefreshedAt),
      problem: grant.refreshProblem,
      retryAt: iso(grant.refreshRetryAt),
      dueAt: iso(grant.refreshDueAt),
    },
    leases: {
      count: sum((hour) => hour.leases),
      failed: sum((hour) => hour.leasesFailed),
      p50Ms: latencyAt([...latency, overAll], 0.5),
      p95Ms: latencyAt([...latency, overAll], 0.95),
    },
    calls: { count: sum((hour) => hour.calls), failed: sum((hour) => hour.callsFailed) },
    hours: hours.map((hour) => ({
      at: hour.hour.toISOString(),
      leases: hour.leases,
      calls: hour.calls,
      refreshes: hour.refreshes,
      failed: hour.leasesFailed + hour.callsFailed + hour.refreshesFailed,
    })),
    problems: hours
      .toReversed()
      .flatMap(({ problem: code, problemAt: at }) =>
        code && at ? [{ code, at: at.toISOString() }] : [],
      )
      .slice(0, problemsShown),
    approvals:
      approvals && approvalsPerUser !== null
        ? { used: approvals.length, of: approvalsPerUser }
        : null,
  };
}

/**
 * The bound of the class in which that share of all lies: "at most so many milliseconds".
 *
 * @returns null without any, and beyond the last bound
 */
export function latencyAt(classes: readonly number[], share: number): number | null {
  const total = classes.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const found = classes.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return latencyBoundsMs[found] ?? null;
}
