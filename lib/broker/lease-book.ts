import type { KeyObject } from "node:crypto";
import {
  appendAtOnce,
  appendEvents,
  createKnownHeads,
  type TrailDeps,
} from "#lib/audit/append-events.ts";
import type { EventContent } from "#lib/audit/chain.ts";
import {
  findLeases,
  insertLeases,
  type Lease,
  leasesBeside,
} from "#lib/broker/lease-repository.ts";
import { createLeaseTokenKey } from "#lib/broker/lease-token.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { ChangeFeed } from "#lib/db/changes.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";
import { createRemembered } from "#lib/db/remembered.ts";

const MAX_KEPT = 20_000;

/** A lease as it was read, with its end on this process's monotonic clock (RF-9). */
export type HeldLease = { lease: Lease; endsAtMs: number };

/** Where leases are written and read. */
export type LeaseBook = {
  readonly tokenKey: KeyObject;
  /**
   * Writes a lease with its event, in one transaction with whatever else is asked for meanwhile.
   * Resolves after the commit, and throws where either cannot be written (AUD-1, AUD-2).
   */
  enter(lease: Lease, event: EventContent): Promise<void>;
  /** From memory, or read with whatever else is asked for meanwhile; null: there is none. */
  find(
    feed: ChangeFeed,
    leaseId: string,
    held: (lease: Lease) => HeldLease,
  ): Promise<HeldLease | null>;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
};

export function createLeaseBook(
  deps: TrailDeps & {
    hotPool: HotPool;
    metrics: Metrics;
    derivedKeys: { readonly leaseTokens: Secret };
  },
): LeaseBook {
  const { hotPool: pool } = deps;
  const heads = createKnownHeads();
  const entries = createGroupCommit<{ lease: Lease; event: EventContent }, undefined>({
    pool,
    onGroup: (items) =>
      deps.metrics.observe("studio_group_commit_items", { group: "leases" }, items),
    write: async (sql, items) => {
      // Sent at once, run in this order: the chains' heads are locked last.
      await Promise.all([
        insertLeases(
          sql,
          items.map(({ lease }) => lease),
        ),
        appendEvents(
          sql,
          deps,
          items.map(({ event }) => event),
          heads,
        ),
      ]);
      return items.map(() => undefined);
    },
    writeAtOnce: async (sql, items) => {
      const events = items.map(({ event }) => event);
      const leases = leasesBeside(items.map(({ lease }) => lease));
      const isWritten =
        (await appendAtOnce(sql, deps, heads, events, leases)) ||
        // Others wrote to the chain meanwhile: now its end is known.
        (await appendAtOnce(sql, deps, heads, events, leases));
      return isWritten ? items.map(() => undefined) : null;
    },
  });
  const reads = createGroupCommit<string, Lease | null>({
    pool,
    write: async (sql, ids) => {
      const found = await findLeases(sql, ids);
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  const kept = createRemembered<HeldLease>({
    max: MAX_KEPT,
    // What ends all of an agent's leases is told of the agent.
    kinds: ["lease", "agent"],
    sourcesOf: ({ lease }) => [
      { kind: "lease", id: lease.id },
      { kind: "agent", id: lease.agentId },
    ],
  });
  return {
    tokenKey: createLeaseTokenKey(deps.derivedKeys.leaseTokens),
    enter: (lease, event) => entries.add({ lease, event }),
    find: (feed, leaseId, held) =>
      kept.get(feed, leaseId, async () => {
        const lease = await reads.add(leaseId);
        return lease && held(lease);
      }),
    idle: () => entries.idle(),
  };
}
