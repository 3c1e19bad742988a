import { IDLE_SOON_DAYS } from "#lib/connections/health.ts";
import { countConnections, type SummaryRow } from "#lib/connections/list-repository.ts";
import { type ConnectionSummary, type HealthKind, healthKinds } from "#lib/connections/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { type ProviderName, providers } from "#lib/providers/vocabulary.ts";

const dayMs = 24 * 60 * 60 * 1000;
const weaveGroups = 12;
const weaveRowsPerGroup = 24;

/** Counts over all that the team has, as one person sees it: cards, filters and the banner. */
export async function summarizeConnections(
  deps: { db: Database; clock: Clock },
  principal: Principal,
): Promise<ConnectionSummary> {
  const idleBefore = new Date(deps.clock.now().getTime() + IDLE_SOON_DAYS * dayMs);
  return summaryOf(await countConnections(deps.db, principal, idleBefore));
}

/** Pure part of the summary; threads in the weave are at most 24 a group. */
function summaryOf(rows: readonly SummaryRow[]): ConnectionSummary {
  const sum = (list: readonly SummaryRow[], pick: (row: SummaryRow) => number) =>
    list.reduce((total, row) => total + pick(row), 0);
  const byHealth = (list: readonly SummaryRow[]) =>
    Object.fromEntries(
      healthKinds.map((kind) => [
        kind,
        sum(
          list.filter((row) => row.health === kind),
          (row) => row.count,
        ),
      ]),
    ) as Record<HealthKind, number>;
  const ofProvider = (provider: ProviderName) => {
    const own = rows.filter((row) => row.provider === provider);
    return {
      total: sum(own, (row) => row.count),
      mine: sum(own, (row) => row.mine),
      groups: new Set(own.map((row) => row.groupKey)).size,
      health: byHealth(own),
      weave: weaveOf(own),
    };
  };
  return {
    total: sum(rows, (row) => row.count),
    byProvider: Object.fromEntries(
      providers.map((provider) => [provider, ofProvider(provider)]),
    ) as ConnectionSummary["byProvider"],
    health: byHealth(rows),
  };
}

function weaveOf(rows: readonly SummaryRow[]) {
  const groups = Map.groupBy(rows, (row) => row.groupKey);
  const worst = (list: readonly SummaryRow[]) =>
    Math.min(...list.map((row) => healthKinds.indexOf(row.health)));
  return [...groups]
    .sort(
      ([, left], [, right]) =>
        worst(left) - worst(right) ||
        (left[0]?.groupName ?? "").localeCompare(right[0]?.groupName ?? ""),
    )
    .slice(0, weaveGroups)
    .map(([groupKey, list]) => ({
      groupKey,
      groupName: list[0]?.groupName ?? groupKey,
      health: healthKinds
        .flatMap((kind) =>
          list.filter((row) => row.health === kind).flatMap((row) => Array(row.count).fill(kind)),
        )
        .slice(0, weaveRowsPerGroup) as HealthKind[],
    }));
}
