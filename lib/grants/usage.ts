import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Database } from "#lib/db/client.ts";
import {
  addUsage,
  deleteUsageBefore,
  type UsageCount,
  type UsageOf,
} from "#lib/grants/usage-repository.ts";

/** Upper bounds of the latency classes, in milliseconds; the last class has none. */
export const latencyBoundsMs = [1, 2, 5, 10, 25, 100, 500, 2_500, 10_000] as const;

/** One use of a grant, and how it went: `problem` is a stable code, null where all was well. */
export type Use =
  | { kind: "lease"; tookMs: number; problem: string | null }
  | { kind: "call"; problem: string | null }
  | { kind: "refresh"; problem: string | null };

/**
 * Counts uses in memory and adds them to the database now and then, for the view of a connection's
 * health. Nothing waits for it, and a killed process loses seconds of it: what was done stands in the
 * audit trail.
 */
export type Usage = {
  note(of: UsageOf, use: Use): void;
  /** Adds what is counted; what cannot be added stays for the next time. */
  flush(): Promise<void>;
  /** No more flushes of itself; what is counted is added. */
  stop(): Promise<void>;
};

const FLUSH_EVERY_MS = 5_000;
/** Beyond this many grants counted between two flushes, the rest is not counted. */
const MAX_COUNTED = 50_000;
/**
 * In one statement: ten thousand grants in one held this process up for a fifth of a second, and every
 * lease with it.
 */
const ADDED_AT_ONCE = 500;
const hourMs = 60 * 60 * 1000;

export function createUsage(deps: { db: Database; clock: Clock; log: Logger }): Usage {
  let counted = new Map<string, UsageCount>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    running = running.then(async () => {
      let left = [...counted];
      counted = new Map();
      try {
        while (left.length > 0) {
          await addUsage(
            deps.db,
            left.slice(0, ADDED_AT_ONCE).map(([, count]) => count),
          );
          left = left.slice(ADDED_AT_ONCE);
        }
      } catch (error) {
        deps.log.warn("usage was not counted", { error });
        for (const [key, count] of left) counted.set(key, merged(count, counted.get(key)));
        schedule();
      }
    });
    return running;
  };
  const schedule = () => {
    timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS).unref();
  };

  return {
    note(of, use) {
      const now = deps.clock.now();
      const hourAtMs = Math.floor(now.getTime() / hourMs) * hourMs;
      const key = `${of.grantId}${hourAtMs}`;
      let count = counted.get(key);
      if (!count) {
        if (counted.size >= MAX_COUNTED) return;
        count = emptyCount(of, new Date(hourAtMs));
        counted.set(key, count);
      }
      add(count, use, now);
      schedule();
    },
    flush,
    stop: flush,
  };
}

const KEPT_DAYS = 35;

/** Forgets what is older than any view shows. */
export async function sweepUsage(deps: { db: Database; clock: Clock }): Promise<void> {
  const keptMs = KEPT_DAYS * 24 * hourMs;
  await deleteUsageBefore(deps.db, new Date(deps.clock.now().getTime() - keptMs));
}

const emptyCount = ({ grantId, connectionId, teamId }: UsageOf, hour: Date): UsageCount => ({
  grantId,
  connectionId,
  teamId,
  hour,
  leases: 0,
  leasesFailed: 0,
  leaseLatency: Array.from({ length: latencyBoundsMs.length + 1 }, () => 0),
  calls: 0,
  callsFailed: 0,
  refreshes: 0,
  refreshesFailed: 0,
  problem: null,
  problemAt: null,
});

function add(count: UsageCount, use: Use, now: Date): void {
  const failed = use.problem === null ? 0 : 1;
  if (use.kind === "lease") {
    count.leases += 1;
    count.leasesFailed += failed;
    const found = latencyBoundsMs.findIndex((boundMs) => use.tookMs <= boundMs);
    const bucket = found < 0 ? latencyBoundsMs.length : found;
    count.leaseLatency[bucket] = (count.leaseLatency[bucket] ?? 0) + 1;
  } else if (use.kind === "call") {
    count.calls += 1;
    count.callsFailed += failed;
  } else {
    count.refreshes += 1;
    count.refreshesFailed += failed;
  }
  if (use.problem !== null) {
    count.problem = use.problem;
    count.problemAt = now;
  }
}

function merged(earlier: UsageCount, later: UsageCount | undefined): UsageCount {
  if (!later) return earlier;
  return {
    ...earlier,
    leases: earlier.leases + later.leases,
    leasesFailed: earlier.leasesFailed + later.leasesFailed,
    leaseLatency: earlier.leaseLatency.map((n, at) => n + (later.leaseLatency[at] ?? 0)),
    calls: earlier.calls + later.calls,
    callsFailed: earlier.callsFailed + later.callsFailed,
    refreshes: earlier.refreshes + later.refreshes,
    refreshesFailed: earlier.refreshesFailed + later.refreshesFailed,
    problem: later.problem ?? earlier.problem,
    problemAt: later.problemAt ?? earlier.problemAt,
  };
}
