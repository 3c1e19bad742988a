import { appendEvents } from "#lib/audit/append-events.ts";
import type { ChainKey, EventContent } from "#lib/audit/chain.ts";
import { eventOf } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Sql } from "#lib/db/sql.ts";
import {
  firstOfEach,
  type Intent,
  insertIntents,
  lockGrantRows,
  noteUncertain,
  type RefreshedGrant,
  readForRefresh,
  takeOverIntents,
} from "#lib/grants/refresh-repository.ts";
import { clientSecretPlace, openInGroup, refreshTokenContext } from "#lib/grants/secrets.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import { isUnreadable } from "#lib/vault/errors.ts";
import { type PreparedSeal, prepareSeal } from "#lib/vault/seal.ts";

/** For this long a definition's refused app is not presented again by anybody under it. */
const refusedAppMs = 5 * 60 * 1000;

export type BeginDeps = {
  vault: WrapDeps;
  clock: Clock;
  random: Random;
  chainKey: ChainKey;
  settings: Pick<Env, "salesforce">;
  /** Measures this process: a paused one must find out, whatever time its tests play. */
  stopwatch: Clock;
};

/** Which refresh is wanted. */
export type BeginRequest = {
  grantId: string;
  generation: number;
  /** The latest token that whoever asks knows of: a later one is to be looked for first (RF-2). */
  knownVersion: number;
  instance: number;
  /** An intent that stands in the way and may be taken away, by its fence. */
  takeOver: { fence: string; wasSent: boolean; isOverdue: boolean } | null;
};

/** A refresh whose intent is committed: its holder, and nobody else, presents the token once. */
export type BegunRefresh = {
  grant: RefreshedGrant;
  fence: string;
  /** The try after one that ended without an answer. */
  isRecovery: boolean;
  refreshToken: Secret;
  clientSecret: Secret | null;
  /** Wipes what was opened and made for it. */
  discard(): void;
  /** For the token that comes; needs nothing but memory. */
  seal: PreparedSeal;
  /** On the stopwatch, before the intent could be seen by anybody. */
  begunAtMs: number;
};

export type BeginResult =
  | { kind: "begun"; refresh: BegunRefresh }
  /** Somebody refreshed meanwhile. */
  | { kind: "newer"; version: number }
  | { kind: "held"; intent: Intent }
  /** Somebody writes the row this moment, or this instance is not known to live: once more, soon. */
  | { kind: "locked" }
  /** Gone, or of another authorization by now. */
  | { kind: "moved" }
  | { kind: "ended"; reason: ReasonCode }
  /** A failure is not long enough ago. */
  | { kind: "waiting"; retryAt: Date; reason: ReasonCode }
  | { kind: "app_refused"; reason: ReasonCode; retryAt: Date }
  | { kind: "unreadable" }
  | { kind: "failed"; error: unknown };

/**
 * One transaction for many: for each grant that may be refreshed now, its secrets are opened, the seal of
 * what will come is prepared, and the intent is written with its events. Its commit proves that database,
 * key and trail can be written (RF-4); only after it may anything be presented.
 *
 * @returns an outcome each, in their order; a grant that is asked for more than once is begun once
 */
export async function beginRefreshes(
  deps: BeginDeps,
  sql: Sql,
  requests: readonly BeginRequest[],
): Promise<BeginResult[]> {
  const begunAtMs = deps.stopwatch.monotonicMs();
  const now = deps.clock.now();
  const ids = requests.map(({ grantId }) => grantId);
  const held = await lockGrantRows(sql, ids);
  const instance = requests[0]?.instance ?? 0;
  const { grants, isInstanceHeld } = await readForRefresh(sql, ids, instance);
  const events: EventContent[] = [];

  const isFirst = firstOfEach(requests);
  const judged = requests.map((request) => {
    const grant = grants.get(request.grantId);
    if (!grant) return { kind: "moved" } as const;
    if (!held.has(request.grantId) || !isInstanceHeld || !isFirst(request)) {
      return { kind: "locked" } as const;
    }
    return judge(grant, request, now) ?? { kind: "may_begin" as const, grant };
  });
  const results: BeginResult[] = await Promise.all(
    judged.map(async (each) =>
      each.kind === "may_begin" ? open(deps, events, each.grant, begunAtMs) : each,
    ),
  );

  const taken = await takeOverIntents(
    sql,
    requests.flatMap(({ grantId, takeOver }, at) =>
      takeOver && results[at]?.kind === "begun" ? [{ grantId, fence: takeOver.fence }] : [],
    ),
  );
  const uncertain: string[] = [];
  const begun = results.flatMap((result, at) => {
    const request = requests[at];
    if (result.kind !== "begun" || !request) return [];
    const { refresh } = result;
    const wasSent = taken.has(request.grantId) && request.takeOver?.wasSent === true;
    refresh.isRecovery = wasSent || refresh.grant.refreshUncertain;
    if (wasSent) uncertain.push(refresh.grant.id);
    return [refresh];
  });
  await noteUncertain(sql, uncertain);
  const fences = await insertIntents(
    sql,
    instance,
    now,
    begun.map(({ grant, isRecovery }) => ({
      grantId: grant.id,
      teamId: grant.teamId,
      generation: grant.generation,
      tokenVersion: grant.tokenVersion,
      isRecovery,
    })),
  );
  for (const refresh of begun) {
    const fence = fences.get(refresh.grant.id);
    if (fence === undefined) refresh.discard();
    else {
      refresh.fence = fence;
      events.push(eventOf(deps, begunEvent(refresh)));
    }
  }
  await appendEvents(sql, deps, events);
  return results.map((result) =>
    result.kind === "begun" && result.refresh.fence === "" ? { kind: "locked" } : result,
  );
}

/** What stands against a refresh now; null: nothing. The row is held. */
function judge(grant: RefreshedGrant, request: BeginRequest, now: Date): BeginResult | null {
  const { connection, intent } = grant;
  if (grant.generation !== request.generation) return { kind: "moved" };
  if (grant.state !== "active" || grant.refreshTokenSealed === null) {
    return { kind: "ended", reason: grant.reason ?? "reconnect_required" };
  }
  if (grant.tokenVersion > request.knownVersion) {
    return { kind: "newer", version: grant.tokenVersion };
  }
  if (intent && !mayTakeOver(intent, request)) return { kind: "held", intent };
  if (grant.refreshRetryAt && grant.refreshRetryAt > now) {
    const reason = grant.refreshProblem ?? "provider_down";
    return { kind: "waiting", retryAt: grant.refreshRetryAt, reason };
  }
  const { problem, problemAt } = connection;
  const askAgainAt = problemAt && new Date(problemAt.getTime() + refusedAppMs);
  if (problem && askAgainAt && askAgainAt > now) {
    return { kind: "app_refused", reason: problem, retryAt: askAgainAt };
  }
  return null;
}

function mayTakeOver(intent: Intent, { takeOver }: BeginRequest): boolean {
  if (takeOver?.fence !== intent.fence) return false;
  // Its holder may have come back since whoever asks looked last.
  return takeOver.isOverdue || !takeOver.wasSent || !intent.isHolderAlive;
}

async function open(
  deps: BeginDeps,
  events: EventContent[],
  grant: RefreshedGrant,
  begunAtMs: number,
): Promise<BeginResult> {
  const { connection } = grant;
  const context = refreshTokenContext(grant);
  const opening = { purpose: "refresh", connectionId: connection.id } as const;
  const opened: Secret[] = [];
  const wipe = () => {
    for (const secret of opened) secret.wipe();
  };
  try {
    const refreshToken = await openInGroup(
      deps,
      events,
      grant.refreshTokenSealed ?? "",
      context,
      opening,
    );
    opened.push(refreshToken);
    const place = clientSecretPlace(deps.settings, connection);
    const clientSecret =
      "given" in place
        ? place.given
        : await openInGroup(deps, events, place.sealed, place.context, opening);
    // The operator's own is given to all, and stays.
    if (clientSecret && !("given" in place)) opened.push(clientSecret);
    const seal = await prepareSeal(deps.vault, context);
    return {
      kind: "begun",
      refresh: {
        grant,
        fence: "",
        isRecovery: false,
        refreshToken,
        clientSecret,
        seal,
        begunAtMs,
        discard() {
          wipe();
          seal.discard();
        },
      },
    };
  } catch (error) {
    wipe();
    return isUnreadable(error) ? { kind: "unreadable" } : { kind: "failed", error };
  }
}

function begunEvent({ grant, isRecovery, fence }: BegunRefresh) {
  return {
    action: "grant.refresh_begun",
    principal: null,
    teamId: grant.teamId,
    target: { kind: "grant", id: grant.id },
    connectionId: grant.connectionId,
    onBehalfOf: grant.userId,
    result: "intent",
    detail: { version: grant.tokenVersion, try: fence, isRecovery },
  } as const;
}
