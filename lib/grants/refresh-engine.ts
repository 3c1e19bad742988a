import { setTimeout as pause } from "node:timers/promises";
import type { Env } from "#lib/core/env.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import type { Instance } from "#lib/db/instance.ts";
import type { AccessTokens, HeldToken } from "#lib/grants/access-tokens.ts";
import {
  type BeginDeps,
  type BeginRequest,
  type BeginResult,
  type BegunRefresh,
  beginRefreshes,
} from "#lib/grants/begin-refresh.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { createHolderWatch } from "#lib/grants/holder-watch.ts";
import { presentRefresh, type RefreshOutcome } from "#lib/grants/present-refresh.ts";
import { type QueueDeps, queueSupersededToken } from "#lib/grants/queue-revocation.ts";
import {
  AppRefusedError,
  NeedsReconnectError,
  ProviderUnavailableError,
  RefreshBusyError,
} from "#lib/grants/refresh-errors.ts";
import { type Intent, noteConnectionProblem } from "#lib/grants/refresh-repository.ts";
import { isEndingSoon, isFresh } from "#lib/grants/refresh-schedule.ts";
import {
  type Settlement,
  type SettleResult,
  settlementOf,
  settleRefreshes,
} from "#lib/grants/settle-refresh.ts";
import type { Usage } from "#lib/grants/usage.ts";
import type { ProviderDeps } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";

/** The time limit of a token endpoint, and half a second for everything around it. */
const answerWithinMs = 15_500;
const firstPollMs = 25;
const longestPollMs = 250;
const lockedPollMs = 15;
/** How long the winner's token may take from its commit to the shared store. */
const sharedWithinMs = 400;
const firstRewriteMs = 50;
const longestRewriteMs = 1_000;
const mostPauses = 20_000;
const mostRounds = 3;

/** An access token that may be used now; `expiresAtMs` is on the monotonic clock (RF-9). */
export type LiveAccessToken = {
  token: Secret;
  generation: number;
  version: number;
  expiresAtMs: number;
  expiresAt: Date;
};

export type TokenNeed = {
  /** Least time that has to be left. Never more than most of a token's life is asked for. */
  minRemainingMs?: number;
  /** A 401 was met with this version: a later one is needed, by at most one refresh (RF-10). */
  notVersion?: number;
};

/** Of a grant: which authorization, and what its provider is called. */
export type WantedGrant = Pick<Grant, "id" | "generation" | "tokenVersion" | "connectionId"> & {
  connection: Pick<Grant["connection"], "provider">;
};

export type RefreshKind = "demand" | "background" | "recovery";

export type RefreshEngine = {
  /** @see freshAccessToken */
  fresh(grant: WantedGrant, need?: TokenNeed): Promise<LiveAccessToken>;
  /** Begins nothing any more; resolves when what is under way is written. */
  stop(): Promise<void>;
};

export type RefreshEngineDeps = BeginDeps &
  QueueDeps &
  ProviderDeps & {
    db: Database;
    hotPool: HotPool;
    instance: Instance;
    accessTokens: AccessTokens;
    log: Logger;
    metrics: Metrics;
    usage: Usage;
    settings: Pick<Env, "salesforce" | "redisUrl">;
  };

type Flight = { generation: number; landed: Promise<HeldToken> };
type Pause = { generation: number; untilMs: number; error(afterSeconds: number): Error };

/**
 * Refreshes grants, one at a time each over all processes: an intent is committed before the provider is
 * called, and the result after it, over the token that was presented and no other. Nothing of the
 * database is held while the provider answers.
 */
export function createRefreshEngine(deps: RefreshEngineDeps): RefreshEngine {
  const { clock, stopwatch, accessTokens, hotPool } = deps;
  const begin = createGroupCommit<BeginRequest, BeginResult>({
    pool: hotPool,
    write: (sql, requests) => beginRefreshes(deps, sql, requests),
  });
  const settle = createGroupCommit<Settlement, SettleResult>({
    pool: hotPool,
    write: (sql, settlements) => settleRefreshes(deps, sql, settlements),
  });
  const watch = createHolderWatch(stopwatch);
  const flights = new Map<string, Flight>();
  const running = new Set<Promise<unknown>>();
  const pauses = new Map<string, Pause>();
  /** Lives of tokens that are not what their provider's usually are. */
  const lifetimes = new Map<string, number>();
  /** Fences of intents that this process acts upon. */
  const own = new Set<string>();
  let me: number | null = null;
  let isStopping = false;
  deps.metrics.gauge("studio_refreshes_running", () => own.size);

  const usualLifetimeMs = ({ connection }: WantedGrant) =>
    providerOf(connection.provider).defaultAccessTokenSeconds * 1000;
  const withLifetime = (grant: WantedGrant, { expiresAtMs }: HeldToken) => ({
    expiresAtMs,
    lifetimeMs: lifetimes.get(grant.id) ?? usualLifetimeMs(grant),
  });
  const live = (grant: WantedGrant, held: HeldToken): LiveAccessToken => ({
    token: held.token,
    generation: grant.generation,
    version: held.version,
    expiresAtMs: held.expiresAtMs,
    expiresAt: new Date(clock.now().getTime() + held.expiresAtMs - clock.monotonicMs()),
  });

  /** The token, where it may be handed to whoever needs this. */
  function good(grant: WantedGrant, held: HeldToken | null, need: TokenNeed): HeldToken | null {
    if (!held || held.version <= (need.notVersion ?? 0)) return null;
    const isEnough = isFresh(withLifetime(grant, held), clock.monotonicMs(), need.minRemainingMs);
    return isEnough ? held : null;
  }

  async function fresh(grant: WantedGrant, need: TokenNeed = {}): Promise<LiveAccessToken> {
    const held = good(grant, accessTokens.get(grant), need);
    if (held) {
      fetchAhead(grant, held);
      return live(grant, held);
    }
    const found = await accessTokens.find(grant);
    const shared = good(grant, found, need);
    if (shared) return live(grant, shared);
    const endsAtMs = stopwatch.monotonicMs() + answerWithinMs;
    let known = Math.max(grant.tokenVersion, found?.version ?? 0, need.notVersion ?? 0);
    for (let round = 0; round < mostRounds; round += 1) {
      const landed = join(grant, known, "demand");
      const token = await within(landed, endsAtMs - stopwatch.monotonicMs(), grant);
      if (token.version > (need.notVersion ?? 0)) return live(grant, token);
      known = Math.max(known, token.version);
    }
    throw new RefreshBusyError(grant, 1);
  }

  /** The next one comes while this one still serves; whoever asks does not wait for it. */
  function fetchAhead(grant: WantedGrant, held: HeldToken): void {
    const spread = Number.parseInt(grant.id.slice(0, 4), 16) / 0x10000;
    if (!isEndingSoon(withLifetime(grant, held), clock.monotonicMs(), spread)) return;
    if (flights.has(grant.id) || pauseOf(grant) || isStopping) return;
    join(grant, Math.max(held.version, grant.tokenVersion), "background").catch(() => {});
  }

  function join(grant: WantedGrant, known: number, kind: RefreshKind): Promise<HeldToken> {
    const under = flights.get(grant.id);
    if (under?.generation === grant.generation) return under.landed;
    if (isStopping) return Promise.reject(new RefreshBusyError(grant, 2));
    const paused = pauseOf(grant);
    if (paused) return Promise.reject(paused);
    const landed = fly(grant, known, kind);
    const flight = { generation: grant.generation, landed };
    flights.set(grant.id, flight);
    running.add(landed);
    const end = () => {
      running.delete(landed);
      if (flights.get(grant.id) === flight) flights.delete(grant.id);
    };
    landed.then(end, end);
    return landed;
  }

  function pauseOf(grant: WantedGrant): Error | null {
    const found = pauses.get(grant.id);
    if (!found) return null;
    const leftMs = found.untilMs - clock.monotonicMs();
    if (leftMs <= 0 || found.generation !== grant.generation) {
      pauses.delete(grant.id);
      return null;
    }
    return found.error(Math.ceil(leftMs / 1000));
  }

  function putOff(grant: WantedGrant, until: Date, error: (afterSeconds: number) => Error): Error {
    const leftMs = until.getTime() - clock.now().getTime();
    if (pauses.size >= mostPauses) pauses.clear();
    pauses.set(grant.id, {
      generation: grant.generation,
      untilMs: clock.monotonicMs() + leftMs,
      error,
    });
    return error(Math.max(1, Math.ceil(leftMs / 1000)));
  }

  /** Until there is a token: this process's own, or that of whoever was first. */
  async function fly(grant: WantedGrant, atFirst: number, kind: RefreshKind): Promise<HeldToken> {
    const endsAtMs = stopwatch.monotonicMs() + answerWithinMs;
    let known = atFirst;
    let takeOver: BeginRequest["takeOver"] = null;
    let pollMs = firstPollMs;
    while (stopwatch.monotonicMs() < endsAtMs && !isStopping) {
      const result = await tryToBegin(grant, known, takeOver);
      takeOver = null;
      switch (result.kind) {
        case "begun": {
          const token = await carryOut(grant, result.refresh, kind);
          if (token) return token;
          break;
        }
        case "newer": {
          const found = await findShared(grant, result.version);
          if (found) return found;
          known = result.version;
          break;
        }
        case "held":
          takeOver = mayTakeOver(result.intent);
          if (takeOver) break;
          await pause(pollMs);
          pollMs = Math.min(longestPollMs, pollMs * 2);
          break;
        case "locked":
          await pause(lockedPollMs);
          break;
        default:
          throw errorOf(grant, result);
      }
    }
    throw new RefreshBusyError(grant, 1);
  }

  async function tryToBegin(
    grant: WantedGrant,
    knownVersion: number,
    takeOver: BeginRequest["takeOver"],
  ): Promise<BeginResult> {
    try {
      const instance = await deps.instance.number();
      me = instance;
      const { id: grantId, generation } = grant;
      return await begin.add({ grantId, generation, knownVersion, instance, takeOver });
    } catch (error) {
      // Nothing was called: whoever asks again finds the database back, or not.
      throw new RefreshBusyError(grant, 2, error);
    }
  }

  /** Of an intent that stands in the way: may it be taken away, and was its token presented? */
  function mayTakeOver(intent: Intent): BeginRequest["takeOver"] {
    if (own.has(intent.fence)) return null;
    // Ours, and nobody acts upon it: its commit stood although we were told otherwise.
    if (intent.holder === me) return { fence: intent.fence, wasSent: false, isOverdue: false };
    const verdict = watch.look(intent);
    if (verdict === "wait") return null;
    return { fence: intent.fence, wasSent: true, isOverdue: verdict === "overdue" };
  }

  /** The token of whoever was first; where instances share, it comes a moment after its commit. */
  async function findShared(grant: WantedGrant, version: number): Promise<HeldToken | null> {
    const endsAtMs = stopwatch.monotonicMs() + (deps.settings.redisUrl ? sharedWithinMs : 0);
    for (;;) {
      const found = await accessTokens.find(grant);
      if (found && found.version >= version && good(grant, found, {})) return found;
      if (stopwatch.monotonicMs() >= endsAtMs) return null;
      await pause(firstPollMs);
    }
  }

  /** @returns null where nothing came of it and it may be tried again at once */
  async function carryOut(
    grant: WantedGrant,
    refresh: BegunRefresh,
    kind: RefreshKind,
  ): Promise<HeldToken | null> {
    own.add(refresh.fence);
    try {
      let failure: unknown = null;
      const outcome = await present(refresh, kind).catch((error: unknown): RefreshOutcome => {
        failure = error;
        return { kind: "unsent" };
      });
      const settlement = settlementOf(deps, refresh, outcome);
      const { kind: written } = await write(settlement);
      if (failure) throw failure;
      if (written === "lost") {
        await giveBack(refresh, outcome);
        return null;
      }
      return await use(grant, refresh, outcome, settlement);
    } finally {
      refresh.seal.discard();
      own.delete(refresh.fence);
    }
  }

  async function present(refresh: BegunRefresh, kind: RefreshKind): Promise<RefreshOutcome> {
    const { provider } = refresh.grant.connection;
    const startedMs = stopwatch.monotonicMs();
    const outcome = await presentRefresh(deps, refresh);
    refresh.refreshToken.wipe();
    if (outcome.kind !== "unsent") {
      deps.metrics.observe(
        "studio_refresh_duration_seconds",
        { provider },
        (stopwatch.monotonicMs() - startedMs) / 1000,
      );
      noteRefresh(refresh, outcome.kind === "refreshed" ? null : outcome.reason);
      deps.metrics.count("studio_refreshes_total", {
        provider,
        outcome: metricOf(outcome),
        kind: refresh.isRecovery ? "recovery" : kind,
      });
    }
    return outcome;
  }

  function noteRefresh({ grant }: BegunRefresh, problem: string | null): void {
    const { id: grantId, connectionId, teamId } = grant;
    deps.usage.note({ grantId, connectionId, teamId }, { kind: "refresh", problem });
  }

  /** Until it is known to stand, or to have lost: a token that came is never let go of (RF-5). */
  async function write(settlement: Settlement): Promise<SettleResult> {
    for (let waitMs = firstRewriteMs; ; ) {
      try {
        const result = await settle.add(settlement);
        if (result.kind !== "locked") return result;
        await pause(lockedPollMs);
      } catch (error) {
        deps.log.warn("a refresh is not written yet", { grantId: settlement.grantId, error });
        await pause(waitMs);
        waitMs = Math.min(longestRewriteMs, waitMs * 2);
      }
    }
  }

  /** A token of an authorization that is over: nobody gets it, and the provider is told (RF-13). */
  async function giveBack(refresh: BegunRefresh, outcome: RefreshOutcome): Promise<void> {
    const { provider } = refresh.grant.connection;
    deps.metrics.count("studio_refreshes_total", { provider, outcome: "dropped", kind: "demand" });
    const token =
      outcome.kind === "refreshed" || outcome.kind === "rotated" ? outcome.refreshToken : null;
    if (!token) return;
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

  /** Only now, when it is committed, anybody gets the access token (RF-3). */
  async function use(
    grant: WantedGrant,
    refresh: BegunRefresh,
    outcome: RefreshOutcome,
    { result }: Settlement,
  ): Promise<HeldToken | null> {
    const { connection } = refresh.grant;
    switch (outcome.kind) {
      case "refreshed": {
        if (connection.problem) await noteProblem(connection.id, null);
        return keep(grant, refresh, outcome);
      }
      case "refused":
        throw new NeedsReconnectError(grant, outcome.reason);
      case "unsent":
        return null;
      case "failed":
      case "rotated":
        break;
    }
    const { reason } = outcome;
    const until = "values" in result ? result.values.retryAt : null;
    const isRefused = outcome.kind === "failed" && outcome.as !== "transient";
    if (isRefused && outcome.as === "app") await noteProblem(connection.id, reason);
    throw putOff(grant, until ?? clock.now(), (afterSeconds) =>
      isRefused
        ? new AppRefusedError(grant, reason)
        : new ProviderUnavailableError(grant, reason, afterSeconds),
    );
  }

  async function keep(
    grant: WantedGrant,
    refresh: BegunRefresh,
    { accessToken, lifetimeMs, receivedAtMs }: RefreshOutcome & { kind: "refreshed" },
  ): Promise<HeldToken | null> {
    const { generation, tokenVersion } = refresh.grant;
    const now = clock.monotonicMs();
    const expiresAtMs = receivedAtMs + lifetimeMs;
    if (expiresAtMs <= now) return null;
    const version = tokenVersion + 1;
    if (lifetimeMs === usualLifetimeMs(grant)) lifetimes.delete(grant.id);
    else lifetimes.set(grant.id, lifetimeMs);
    pauses.delete(grant.id);
    await accessTokens.put({ id: grant.id, generation, version }, accessToken, expiresAtMs - now);
    return { token: accessToken, version, expiresAtMs };
  }

  /** For everybody under the definition to see; what is not written now is with the next refusal. */
  async function noteProblem(connectionId: string, problem: ReasonCode | null): Promise<void> {
    await noteConnectionProblem(sqlOfPool(hotPool), connectionId, problem, clock.now()).catch(
      (error: unknown) =>
        deps.log.warn("a connection's problem was not noted", { connectionId, error }),
    );
  }

  function errorOf(
    grant: WantedGrant,
    result: Exclude<BeginResult, { kind: "begun" | "newer" | "held" | "locked" }>,
  ): unknown {
    switch (result.kind) {
      case "moved":
        return new RefreshBusyError(grant, 1);
      case "ended":
        return new NeedsReconnectError(grant, result.reason);
      case "unreadable":
        return new NeedsReconnectError(grant, "unreadable_secret");
      case "waiting":
        return putOff(
          grant,
          result.retryAt,
          (afterSeconds) => new ProviderUnavailableError(grant, result.reason, afterSeconds),
        );
      case "app_refused":
        return putOff(grant, result.retryAt, () => new AppRefusedError(grant, result.reason));
      case "failed":
        return result.error;
    }
  }

  return {
    fresh,
    async stop() {
      isStopping = true;
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
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

/** The flight goes on when the wait is over: its result serves whoever asks next. */
async function within<T>(work: Promise<T>, limitMs: number, grant: WantedGrant): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new RefreshBusyError(grant, 1)), Math.max(0, limitMs));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
