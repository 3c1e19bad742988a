import { setTimeout as pause } from "node:timers/promises";
import { authHostOf } from "#lib/connections/connection.ts";
import type { Env } from "#lib/core/env.ts";
import type { Secret } from "#lib/core/secret.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import type { Instance } from "#lib/db/instance.ts";
import type { AccessTokens, HeldToken } from "#lib/grants/access-tokens.ts";
import {
  type BeginDeps,
  type BeginRequest,
  type BeginResult,
  beginRefreshes,
} from "#lib/grants/begin-refresh.ts";
import {
  type CarriedOut,
  type CarryOutDeps,
  carryOutRefresh,
  finishSpooled,
  type RefreshKind,
} from "#lib/grants/carry-out-refresh.ts";
import { eachAtOnce, pagesOf } from "#lib/grants/each-at-once.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { createHolderWatch } from "#lib/grants/holder-watch.ts";
import { createHostGate, HostRestsError, type Passage } from "#lib/grants/host-gate.ts";
import {
  AppRefusedError,
  NeedsReconnectError,
  ProviderUnavailableError,
  RefreshBusyError,
} from "#lib/grants/refresh-errors.ts";
import {
  type DueGrant,
  type Intent,
  listDueGrants,
  listIntents,
} from "#lib/grants/refresh-repository.ts";
import { isEndingSoon, isFresh } from "#lib/grants/refresh-schedule.ts";
import { type Settlement, type SettleResult, settleRefreshes } from "#lib/grants/settle-refresh.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";

/** The time limit of a token endpoint, and what it takes to write its end; a busy process is late by more. */
const answerWithinMs = 15_200;
const firstPollMs = 25;
const longestPollMs = 250;
const lockedPollMs = 15;
/** How long the winner's token may take from its commit to the shared store. */
const sharedWithinMs = 400;
const mostPauses = 20_000;
const believedMs = 5_000;
const mostRounds = 3;
/** Of the background, in this process. */
const mostInFlight = 256;

/** What keeps a person out until somebody there changes it: told alike by whoever did not call. */
const refusalsOfPerson: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "user_inactive",
  "login_hours",
  "admin_approval_required",
  "user_not_approved",
  "business_unit_denied",
]);

/** An access token that may be used now; `expiresAtMs` is on the monotonic clock (RF-9). */
export type LiveAccessToken = {
  token: Secret;
  generation: number;
  version: number;
  expiresAtMs: number;
  expiresAt: Date;
};

export type TokenNeed = {
  /** Least time that has to be left. A token that was just fetched is not replaced for it. */
  minRemainingMs?: number;
  /** A 401 was met with this version: a later one is needed, by at most one refresh (RF-10). */
  notVersion?: number;
};

/** Which authorization, and where its provider is. */
export type WantedGrant = Pick<Grant, "id" | "generation" | "tokenVersion" | "connectionId"> & {
  connection: Pick<
    Grant["connection"],
    "provider" | "environment" | "loginHost" | "tenantSubdomain"
  >;
};

export type RefreshEngine = {
  /** @see freshAccessToken */
  fresh(grant: WantedGrant, need?: TokenNeed): Promise<LiveAccessToken>;
  /** Refreshes what nobody used for long, everybody's, until nothing is due (RF-11). */
  refreshDue(signal?: AbortSignal): Promise<void>;
  /** Ends what dead processes left: first from the spool, then with one more try each (RF-5, RF-6). */
  recover(signal?: AbortSignal): Promise<void>;
  /** Begins nothing any more; resolves when what is under way is written. */
  stop(): Promise<void>;
};

export type RefreshEngineDeps = BeginDeps &
  CarryOutDeps & {
    instance: Instance;
    accessTokens: AccessTokens;
    settings: Pick<Env, "salesforce" | "redisUrl">;
  };

type Landing = HeldToken | null;
type Pause = {
  generation: number;
  untilMs: number;
  /** Then the database is asked again: another instance may have got through meanwhile. */
  believedUntilMs: number;
  error(afterSeconds: number): Error;
};

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
  const gate = createHostGate(deps);
  /** Of each authorization one at a time: whoever still asks with an earlier one is in nobody's way. */
  const flights = new Map<string, Promise<Landing>>();
  const running = new Set<Promise<unknown>>();
  const pauses = new Map<string, Pause>();
  /** Lives of tokens that are not what their provider's usually are. */
  const lifetimes = new Map<string, number>();
  /** Fences of intents that this process acts upon. */
  const own = new Set<string>();
  let me: number | null = null;
  let isStopping = false;
  deps.metrics.gauge("studio_refreshes_running", () => own.size);
  deps.metrics.gauge("studio_breakers_open", () => gate.resting());

  const flightOf = ({ id, generation }: WantedGrant) => `${id}:${generation}`;
  const hostOf = ({ connection }: WantedGrant) =>
    `${connection.environment} ${authHostOf(connection)}`;
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
    const endsAtMs = stopwatch.monotonicMs() + answerWithinMs;
    const held = good(grant, accessTokens.get(grant), need);
    if (held) {
      fetchAhead(grant, held);
      return live(grant, held);
    }
    const found = await accessTokens.find(grant);
    const shared = good(grant, found, need);
    if (shared) return live(grant, shared);
    let known = Math.max(grant.tokenVersion, found?.version ?? 0, need.notVersion ?? 0);
    for (let round = 0; round < mostRounds; round += 1) {
      const landed = join(grant, known, "demand");
      const token = await within(landed, endsAtMs - stopwatch.monotonicMs(), grant);
      if (!token) continue;
      if (token.version > (need.notVersion ?? 0)) return live(grant, token);
      known = Math.max(known, token.version);
    }
    throw new RefreshBusyError(grant, 1);
  }

  /** The next one comes while this one still serves; whoever asks does not wait for it. */
  function fetchAhead(grant: WantedGrant, held: HeldToken): void {
    const spread = Number.parseInt(grant.id.slice(0, 4), 16) / 0x10000;
    if (!isEndingSoon(withLifetime(grant, held), clock.monotonicMs(), spread)) return;
    if (flights.has(flightOf(grant)) || pauseOf(grant) || isStopping) return;
    join(grant, Math.max(held.version, grant.tokenVersion), "background").catch(() => {});
  }

  function join(grant: WantedGrant, known: number, kind: RefreshKind): Promise<Landing> {
    const name = flightOf(grant);
    const under = flights.get(name);
    if (under) {
      if (kind === "demand") gate.hasten(hostOf(grant), name);
      return under;
    }
    if (isStopping) return Promise.reject(new RefreshBusyError(grant, 2));
    const paused = pauseOf(grant);
    if (paused) return Promise.reject(paused);
    const landed = fly(grant, known, kind);
    flights.set(name, landed);
    running.add(landed);
    const end = () => {
      running.delete(landed);
      flights.delete(name);
    };
    landed.then(end, end);
    return landed;
  }

  function pauseOf(grant: WantedGrant): Error | null {
    const found = pauses.get(grant.id);
    if (!found) return null;
    const now = clock.monotonicMs();
    const leftMs = found.untilMs - now;
    const isOver = leftMs <= 0 || found.believedUntilMs <= now;
    if (isOver || found.generation !== grant.generation) {
      pauses.delete(grant.id);
      return null;
    }
    return found.error(Math.ceil(leftMs / 1000));
  }

  function putOff(grant: WantedGrant, until: Date, error: (afterSeconds: number) => Error): Error {
    const leftMs = until.getTime() - clock.now().getTime();
    if (pauses.size >= mostPauses) pauses.clear();
    const now = clock.monotonicMs();
    pauses.set(grant.id, {
      generation: grant.generation,
      untilMs: now + leftMs,
      believedUntilMs: now + believedMs,
      error,
    });
    return error(Math.max(1, Math.ceil(leftMs / 1000)));
  }

  /**
   * Until there is a token: this process's own, or that of whoever was first. Null for the background,
   * where somebody else was first: it needs none.
   */
  async function fly(grant: WantedGrant, atFirst: number, kind: RefreshKind): Promise<Landing> {
    const endsAtMs = stopwatch.monotonicMs() + answerWithinMs;
    let known = atFirst;
    let takeOver: BeginRequest["takeOver"] = null;
    let pollMs = firstPollMs;
    while (stopwatch.monotonicMs() < endsAtMs && !isStopping) {
      const step = await tryOnce(grant, { known, takeOver, kind });
      takeOver = null;
      switch (step.kind) {
        case "carried_out": {
          const token = concluded(grant, step.carriedOut);
          if (token) return token;
          break;
        }
        case "newer": {
          const found = await findShared(grant, step.version);
          if (found || kind === "background") return found;
          known = step.version;
          break;
        }
        case "held":
          takeOver = await mayTakeOver(grant, step.intent);
          if (takeOver) break;
          await pause(pollMs);
          pollMs = Math.min(longestPollMs, pollMs * 2);
          break;
        case "locked":
          await pause(lockedPollMs);
          break;
        default:
          throw errorOf(grant, step);
      }
    }
    throw new RefreshBusyError(grant, 1);
  }

  type Step =
    | Exclude<BeginResult, { kind: "begun" }>
    | { kind: "carried_out"; carriedOut: CarriedOut };

  /** One try, with a place at the provider's host for as long as it lasts. */
  async function tryOnce(
    grant: WantedGrant,
    of: { known: number; takeOver: BeginRequest["takeOver"]; kind: RefreshKind },
  ): Promise<Step> {
    const entering = gate.enter(hostOf(grant), of.kind === "demand", flightOf(grant));
    const leave = await entering.catch((error: unknown) => {
      if (!(error instanceof HostRestsError)) throw error;
      const afterSeconds = Math.max(1, Math.ceil(error.afterMs / 1000));
      throw new ProviderUnavailableError(grant, "provider_down", afterSeconds);
    });
    let passage: Passage = { outcome: "not_called" };
    try {
      const result = await tryToBegin(grant, of.known, of.takeOver);
      if (result.kind !== "begun") return result;
      const { refresh } = result;
      own.add(refresh.fence);
      try {
        const carriedOut = await carryOutRefresh(deps, settle, refresh, of.kind);
        passage = passageOf(carriedOut);
        return { kind: "carried_out", carriedOut };
      } finally {
        own.delete(refresh.fence);
      }
    } finally {
      leave(passage);
    }
  }

  async function tryToBegin(
    grant: WantedGrant,
    knownVersion: number,
    takeOver: BeginRequest["takeOver"],
  ): Promise<BeginResult> {
    try {
      const instance = await deps.instance.number();
      me = instance;
      // Whoever waited for a place until the process stops begins nothing more (OPS-1).
      if (isStopping) throw new Error("the studio is stopping");
      const { id: grantId, generation } = grant;
      return await begin.add({ grantId, generation, knownVersion, instance, takeOver });
    } catch (error) {
      // Nothing was called: whoever asks again finds the database back, or not.
      throw new RefreshBusyError(grant, 2, error);
    }
  }

  /** Of an intent that stands in the way: may it be taken away, and was its token presented? */
  async function mayTakeOver(
    { id }: WantedGrant,
    intent: Intent,
  ): Promise<BeginRequest["takeOver"]> {
    if (own.has(intent.fence)) return null;
    // Ours, and nobody acts upon it: its commit stood although we were told otherwise.
    if (intent.holder === me) return { fence: intent.fence, wasSent: false, isOverdue: false };
    const verdict = watch.look(intent);
    if (verdict === "wait") return null;
    // What its holder could still save: then nothing needs to be presented again (RF-5). As long as that
    // cannot be told or written, neither may the old token be presented.
    const mayBeSaved = await finishSpooled(deps, settle, id).catch((error: unknown) => {
      deps.log.warn("the spool does not help yet", { grantId: id, error });
      return true;
    });
    if (mayBeSaved) return null;
    return { fence: intent.fence, wasSent: true, isOverdue: verdict === "overdue" };
  }

  /** The token of whoever was first; where instances share, it comes a moment after its commit. */
  async function findShared(grant: WantedGrant, version: number): Promise<Landing> {
    const endsAtMs = stopwatch.monotonicMs() + (deps.settings.redisUrl ? sharedWithinMs : 0);
    for (;;) {
      const found = await accessTokens.find(grant);
      if (found && found.version >= version && good(grant, found, {})) return found;
      if (stopwatch.monotonicMs() >= endsAtMs) return null;
      await pause(firstPollMs);
    }
  }

  /** @returns null where it may be tried again at once */
  function concluded(grant: WantedGrant, of: CarriedOut): Landing {
    switch (of.kind) {
      case "token":
        return keep(grant, of);
      case "again":
        return null;
      case "ended":
        throw new NeedsReconnectError(grant, of.reason);
      case "put_off":
        throw putOff(grant, of.until, (afterSeconds) =>
          of.isRefused
            ? new AppRefusedError(grant, of.reason)
            : new ProviderUnavailableError(grant, of.reason, afterSeconds),
        );
    }
  }

  function keep(
    grant: WantedGrant,
    { version, token, receivedAtMs, lifetimeMs }: CarriedOut & { kind: "token" },
  ): HeldToken {
    const { id, generation } = grant;
    if (lifetimeMs === usualLifetimeMs(grant)) lifetimes.delete(id);
    else lifetimes.set(id, lifetimeMs);
    pauses.delete(id);
    const expiresAtMs = receivedAtMs + lifetimeMs;
    const leftMs = expiresAtMs - clock.monotonicMs();
    void accessTokens.put({ id, generation, version }, token, leftMs);
    return { token, version, expiresAtMs };
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
      case "waiting": {
        const { retryAt, reason } = result;
        return putOff(grant, retryAt, (afterSeconds) =>
          refusalsOfPerson.has(reason)
            ? new AppRefusedError(grant, reason)
            : new ProviderUnavailableError(grant, reason, afterSeconds),
        );
      }
      case "app_refused":
        return putOff(grant, result.retryAt, () => new AppRefusedError(grant, result.reason));
      case "failed":
        return result.error;
    }
  }

  async function refreshDue(signal?: AbortSignal): Promise<void> {
    const now = clock.now();
    const sql = sqlOfPool(hotPool);
    await eachAtOnce(
      mostInFlight,
      signal,
      pagesOf((after: DueGrant | null) => listDueGrants(sql, now, after, mostInFlight)),
      (grant) => join(grant, grant.tokenVersion, "background"),
    );
  }

  async function recover(signal?: AbortSignal): Promise<void> {
    await finishSpooled(deps, settle).catch((error: unknown) =>
      deps.log.warn("a refresh is not finished from the spool yet", { error }),
    );
    const left = (await listIntents(sqlOfPool(hotPool))).filter(
      ({ intent }) =>
        !own.has(intent.fence) && (!intent.isHolderAlive || watch.look(intent) !== "wait"),
    );
    await eachAtOnce(mostInFlight, signal, left, ({ grant }) =>
      join(grant, grant.tokenVersion, "recovery"),
    );
  }

  return {
    fresh,
    refreshDue,
    recover,
    async stop() {
      isStopping = true;
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

function passageOf(of: CarriedOut): Passage {
  if (of.kind === "again") return { outcome: "not_called" };
  if (of.kind !== "put_off" || of.outcome.kind !== "failed") return { outcome: "answered" };
  const { as, isOfHost, askedToWaitMs } = of.outcome;
  // One grant's own trouble, such as a person's limit, is nobody else's under the same host.
  if (as !== "transient" || !isOfHost) return { outcome: "answered" };
  return { outcome: "trouble", askedToWaitMs };
}

/** The flight goes on when the wait is over: its result serves whoever asks next. */
async function within<T>(work: Promise<T>, limitMs: number, grant: WantedGrant): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new RefreshBusyError(grant, 1)), Math.max(0, limitMs));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
