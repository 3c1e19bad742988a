import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Tracer } from "#lib/core/tracing.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { GroupCommit } from "#lib/db/group-commit.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import type { BegunRefresh } from "#lib/grants/begin-refresh.ts";
import { findGrantForEnd } from "#lib/grants/grant-repository.ts";
import {
  type PresentDeps,
  presentRefresh,
  type RefreshOutcome,
} from "#lib/grants/present-refresh.ts";
import { type QueueDeps, queueSupersededToken } from "#lib/grants/queue-revocation.ts";
import { noteConnectionProblem } from "#lib/grants/refresh-repository.ts";
import type { RefreshSpool, SpooledToken } from "#lib/grants/refresh-spool.ts";
import { openToEnd, refreshTokenContext } from "#lib/grants/secrets.ts";
import {
  type SettleDeps,
  type Settlement,
  type SettleResult,
  settlementOf,
  settlementOfSpooled,
  spooledOf,
} from "#lib/grants/settle-refresh.ts";
import type { Usage } from "#lib/grants/usage.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

const lockedPollMs = 15;
const firstRewriteMs = 50;
const longestRewriteMs = 1_000;

export type RefreshKind = "demand" | "background" | "recovery";

export type CarryOutDeps = PresentDeps &
  SettleDeps &
  QueueDeps & {
    db: Database;
    hotPool: HotPool;
    spool: RefreshSpool;
    clock: Clock;
    log: Logger;
    metrics: Metrics;
    tracer: Tracer;
    usage: Usage;
  };

/** Writes results, many at a time. */
export type Settle = GroupCommit<Settlement, SettleResult>;

/** What came of a begun refresh, once it is written. */
export type CarriedOut =
  | { kind: "token"; version: number; token: Secret; receivedAtMs: number; lifetimeMs: number }
  | {
      kind: "put_off";
      until: Date;
      reason: ReasonCode;
      isRefused: boolean;
      outcome: RefreshOutcome;
    }
  | { kind: "ended"; reason: ReasonCode }
  /** Nothing came of it, or another result stands: look again. */
  | { kind: "again" };

/**
 * Presents the token of a begun refresh and writes what came of it, for as long as that takes; nobody
 * learns an access token that is not committed (RF-3).
 *
 * @throws whatever kept the token from being presented; its intent is taken back
 */
export async function carryOutRefresh(
  deps: CarryOutDeps,
  settle: Settle,
  refresh: BegunRefresh,
  kind: RefreshKind,
): Promise<CarriedOut> {
  try {
    let failure: unknown = null;
    const outcome = await present(deps, refresh, kind).catch((error: unknown): RefreshOutcome => {
      failure = error;
      return { kind: "unsent" };
    });
    const settlement = settlementOf(deps, refresh, outcome);
    const written = await write(deps, settle, settlement);
    if (failure) throw failure;
    if (written.kind === "lost") await giveBack(deps, refresh, outcome, written);
    // From here on it stands sealed, or in nobody's hands.
    if (outcome.kind === "refreshed" || outcome.kind === "rotated") outcome.refreshToken?.wipe();
    if (written.kind === "lost") return { kind: "again" };
    return await conclude(deps, refresh, outcome, settlement);
  } finally {
    refresh.discard();
  }
}

async function present(
  deps: CarryOutDeps,
  refresh: BegunRefresh,
  kind: RefreshKind,
): Promise<RefreshOutcome> {
  const { provider } = refresh.grant.connection;
  const startedMs = deps.stopwatch.monotonicMs();
  const outcome = await deps.tracer.span("refresh", null, async () => {
    const presented = await presentRefresh(deps, refresh);
    deps.tracer.note({ provider });
    if (presented.kind !== "unsent") deps.tracer.note({ outcome: metricOf(presented) });
    return presented;
  });
  if (outcome.kind === "unsent") return outcome;
  const seconds = (deps.stopwatch.monotonicMs() - startedMs) / 1000;
  const { id: grantId, connectionId, teamId } = refresh.grant;
  const problem = outcome.kind === "refreshed" ? null : outcome.reason;
  deps.usage.note({ grantId, connectionId, teamId }, { kind: "refresh", problem });
  deps.metrics.observe("studio_refresh_duration_seconds", { provider }, seconds);
  deps.metrics.count("studio_refreshes_total", {
    provider,
    outcome: metricOf(outcome),
    kind: refresh.isRecovery ? "recovery" : kind,
  });
  return outcome;
}

function metricOf(outcome: Exclude<RefreshOutcome, { kind: "unsent" }>) {
  switch (outcome.kind) {
    case "refreshed":
      return "refreshed";
    case "refused":
      return "refused";
    case "rotated":
      return "transient";
    case "failed":
      return outcome.as === "transient" ? "transient" : "misconfigured";
  }
}

/**
 * Writes a result, however often that has to be tried. A new token is in the spool before the first
 * try, so that it outlives this process; where the database is gone, the machine too (RF-5).
 */
async function write(
  deps: CarryOutDeps,
  settle: Settle,
  settlement: Settlement,
): Promise<Exclude<SettleResult, { kind: "locked" }>> {
  const spooled = spooledOf(settlement);
  if (spooled) saveInSpool(deps, spooled, { durably: false });
  let isDurable = false;
  for (let waitMs = firstRewriteMs; ; ) {
    try {
      const result = await settle.add(settlement);
      if (result.kind === "locked") {
        await pause(lockedPollMs);
        continue;
      }
      if (spooled) deps.spool.remove(spooled);
      return result;
    } catch (error) {
      const { grantId } = settlement;
      deps.log.warn("the result of a refresh is not written yet", { grantId, error });
      if (spooled && !isDurable) isDurable = saveInSpool(deps, spooled, { durably: true });
      await pause(waitMs);
      waitMs = Math.min(longestRewriteMs, waitMs * 2);
    }
  }
}

/** A spool that cannot be written is no reason to lose the token that this process still has. */
function saveInSpool(
  deps: CarryOutDeps,
  entry: SpooledToken,
  options: { durably: boolean },
): boolean {
  try {
    deps.spool.save(entry, options);
    return true;
  } catch (error) {
    deps.log.error("the spool cannot be written", { grantId: entry.grantId, error });
    return false;
  }
}

/**
 * A token of an authorization that is over: nobody gets it, and the provider is told (RF-13). One of the
 * authorization that still stands is left alone: ending it could end its successor.
 */
async function giveBack(
  deps: CarryOutDeps,
  refresh: BegunRefresh,
  outcome: RefreshOutcome,
  lost: SettleResult & { kind: "lost" },
): Promise<void> {
  const { provider } = refresh.grant.connection;
  deps.metrics.count("studio_refreshes_total", { provider, outcome: "dropped", kind: "demand" });
  const isNew = outcome.kind === "refreshed" || outcome.kind === "rotated";
  const token = isNew ? outcome.refreshToken : null;
  if (!token || lost.isSameAuthorization) return;
  for (let waitMs = firstRewriteMs; ; waitMs = Math.min(longestRewriteMs, waitMs * 2)) {
    try {
      await inTransaction(deps.db, (tx) => queueSupersededToken(deps, tx, refresh.grant, token));
      return;
    } catch (error) {
      deps.log.warn("a late token is not queued yet", { grantId: refresh.grant.id, error });
      await pause(waitMs);
    }
  }
}

async function conclude(
  deps: CarryOutDeps,
  { grant }: BegunRefresh,
  outcome: RefreshOutcome,
  { result }: Settlement,
): Promise<CarriedOut> {
  switch (outcome.kind) {
    case "refreshed": {
      if (grant.connection.problem) await noteProblem(deps, grant.connectionId, null);
      const { accessToken: token, receivedAtMs, lifetimeMs } = outcome;
      const version = grant.tokenVersion + 1;
      // However late its commit came: a token past its time serves nobody.
      const isOver = receivedAtMs + lifetimeMs <= deps.clock.monotonicMs();
      return isOver
        ? { kind: "again" }
        : { kind: "token", version, token, receivedAtMs, lifetimeMs };
    }
    case "refused":
      return { kind: "ended", reason: outcome.reason };
    case "unsent":
      return { kind: "again" };
    case "failed":
    case "rotated":
      break;
  }
  const { reason } = outcome;
  const until = ("values" in result && result.values.retryAt) || deps.clock.now();
  const isRefused = outcome.kind === "failed" && outcome.as !== "transient";
  if (isRefused && outcome.as === "app") await noteProblem(deps, grant.connectionId, reason);
  return { kind: "put_off", until, reason, isRefused, outcome };
}

/** For everybody under the definition to see; what is not noted now comes with the next refusal. */
async function noteProblem(
  deps: CarryOutDeps,
  connectionId: string,
  problem: ReasonCode | null,
): Promise<void> {
  await noteConnectionProblem(
    sqlOfPool(deps.hotPool),
    connectionId,
    problem,
    deps.clock.now(),
  ).catch((error: unknown) =>
    deps.log.warn("a connection's problem was not noted", { connectionId, error }),
  );
}

/**
 * Writes what a process left in the spool, as that process would have: over the token that was presented,
 * or not at all.
 *
 * @returns true where something was found: look at the grant again
 * @throws {Error} one could not be written, and stays; the others were
 */
export async function finishSpooled(
  deps: CarryOutDeps,
  settle: Settle,
  grantId?: string,
): Promise<boolean> {
  const entries = deps.spool.list(grantId);
  const failures: unknown[] = [];
  for (const entry of entries) {
    await finishEntry(deps, settle, entry).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
  return entries.length > 0;
}

async function finishEntry(deps: CarryOutDeps, settle: Settle, entry: SpooledToken): Promise<void> {
  const [, keyId = ""] = entry.sealed.split(".");
  // Stored, it would be a token that nobody can open: it waits until its key is given again.
  if (!deps.vault.keyRing.keyIds.includes(keyId)) {
    throw new Error("a spooled token is sealed under a key that is not in the ring");
  }
  let result = await settle.add(settlementOfSpooled(entry));
  while (result.kind === "locked") {
    await pause(lockedPollMs);
    result = await settle.add(settlementOfSpooled(entry));
  }
  if (result.kind === "lost" && !result.isSameAuthorization) await giveBackSpooled(deps, entry);
  deps.spool.remove(entry);
  deps.log.info("a refresh was finished from the spool", { grantId: entry.grantId });
}

async function giveBackSpooled(deps: CarryOutDeps, entry: SpooledToken): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const grant = await findGrantForEnd(tx, entry.grantId);
    if (!grant) return;
    const token = await openToEnd(
      { ...deps, db: tx },
      null,
      entry.sealed,
      refreshTokenContext(grant),
      { purpose: "queue_revocation", connectionId: grant.connectionId },
    );
    if (token) await queueSupersededToken(deps, tx, grant, token);
  });
}
