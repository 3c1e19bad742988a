import { appendEvents } from "#lib/audit/append-events.ts";
import type { ChainKey, EventContent } from "#lib/audit/chain.ts";
import { eventOf } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { chanceOf, type Random } from "#lib/core/ids.ts";
import type { Sql } from "#lib/db/sql.ts";
import type { BegunRefresh } from "#lib/grants/begin-refresh.ts";
import type { RefreshOutcome } from "#lib/grants/present-refresh.ts";
import {
  endIntents,
  findStoredToken,
  firstOfEach,
  lockGrantRows,
  noteFailures,
  type Presented,
  retireTokens,
  storeTokens,
} from "#lib/grants/refresh-repository.ts";
import { idleDeadlineFrom, keepAliveAt, pauseMs } from "#lib/grants/refresh-schedule.ts";
import type { SpooledToken } from "#lib/grants/refresh-spool.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";
import { isSameSealing } from "#lib/vault/sealed-format.ts";

export type SettleDeps = { clock: Clock; random: Random; chainKey: ChainKey };

/** A result, ready to be written however often that has to be tried. */
export type Settlement = Presented & {
  about: { teamId: string; connectionId: string; userId: string; isRecovery: boolean };
  result:
    | { kind: "stored"; values: StoredValues }
    | { kind: "failed"; as: "transient" | "app" | "person"; values: FailedValues }
    | { kind: "refused"; reason: ReasonCode }
    | { kind: "unsent" };
};

type StoredValues = Omit<Parameters<typeof storeTokens>[1][number], keyof Presented>;
type FailedValues = Omit<Parameters<typeof noteFailures>[1][number], keyof Presented>;

export type SettleResult =
  /** As presented, so written. */
  | { kind: "written" }
  /**
   * Nothing of the result counts: its authorization ended or was made anew meanwhile (RF-13), or another
   * token of it stands by now.
   */
  | { kind: "lost"; isSameAuthorization: boolean }
  /** Somebody writes the row this moment: once more, soon. */
  | { kind: "locked" };

/**
 * What is to be written of an outcome. The new token is sealed here, with what was prepared: from now on
 * it needs no key, and stands in no other place but the answer.
 */
export function settlementOf(
  deps: SettleDeps,
  refresh: BegunRefresh,
  outcome: RefreshOutcome,
): Settlement {
  const { grant, fence, seal, isRecovery } = refresh;
  const presented = {
    grantId: grant.id,
    fence,
    generation: grant.generation,
    tokenVersion: grant.tokenVersion,
    about: {
      teamId: grant.teamId,
      connectionId: grant.connectionId,
      userId: grant.userId,
      isRecovery,
    },
  };
  const now = deps.clock.now();
  const retryIn = (kind: "transient" | "app" | "person", askedToWaitMs: number) => {
    const failures = grant.refreshFailures + 1;
    const wait = pauseMs({ kind, failures, chance: chanceOf(deps.random), askedToWaitMs });
    return new Date(now.getTime() + Math.round(wait));
  };
  switch (outcome.kind) {
    case "refreshed": {
      const { scopes, refreshToken, hosts } = outcome;
      const { missingScopes } = providerOf(grant.connection.provider);
      const passedMs = deps.clock.monotonicMs() - outcome.receivedAtMs;
      const values: StoredValues = {
        ...kept(deps, refresh, now),
        sealed: refreshToken ? seal.seal(refreshToken) : null,
        accessTokenExpiresAt: new Date(now.getTime() - passedMs + outcome.lifetimeMs),
        hosts,
        scopes,
        missingScopes: scopes && missingScopes(grant.connection.scopes, scopes),
        problem: null,
        retryAt: null,
      };
      return { ...presented, result: { kind: "stored", values } };
    }
    case "rotated": {
      const values: StoredValues = {
        ...kept(deps, refresh, now),
        sealed: seal.seal(outcome.refreshToken),
        accessTokenExpiresAt: null,
        hosts: null,
        scopes: null,
        missingScopes: null,
        problem: outcome.reason,
        retryAt: retryIn("transient", 0),
      };
      return { ...presented, result: { kind: "stored", values } };
    }
    case "failed": {
      const { as, reason, askedToWaitMs, isUncertain } = outcome;
      const values = { problem: reason, retryAt: retryIn(as, askedToWaitMs), isUncertain };
      return { ...presented, result: { kind: "failed", as, values } };
    }
    case "refused":
      return { ...presented, result: { kind: "refused", reason: outcome.reason } };
    case "unsent":
      return { ...presented, result: { kind: "unsent" } };
  }
}

/** What is to be written of a token that was found in the spool. */
export function settlementOfSpooled(entry: SpooledToken): Settlement {
  const { grantId, fence, generation, tokenVersion } = entry;
  const { teamId, connectionId, userId, isRecovery } = entry;
  const { sealed, lastRefreshedAt, idleDeadline, refreshDueAt } = entry;
  const values: StoredValues = {
    sealed,
    lastRefreshedAt,
    idleDeadline,
    refreshDueAt,
    accessTokenExpiresAt: null,
    hosts: null,
    scopes: null,
    missingScopes: null,
    problem: null,
    retryAt: null,
  };
  return {
    grantId,
    fence,
    generation,
    tokenVersion,
    about: { teamId, connectionId, userId, isRecovery },
    result: { kind: "stored", values },
  };
}

/** What of a settlement must survive this process; null where nothing is new but what can be had again. */
export function spooledOf({ about, result, ...presented }: Settlement): SpooledToken | null {
  if (result.kind !== "stored" || result.values.sealed === null) return null;
  const { sealed, lastRefreshedAt, idleDeadline, refreshDueAt } = result.values;
  return { ...presented, ...about, sealed, lastRefreshedAt, idleDeadline, refreshDueAt };
}

/** A use starts the idle time anew. */
function kept({ random }: SettleDeps, { grant }: BegunRefresh, now: Date) {
  const idleDeadline = idleDeadlineFrom(now, grant.connection);
  return {
    lastRefreshedAt: now,
    idleDeadline,
    refreshDueAt: keepAliveAt(idleDeadline, chanceOf(random)),
  };
}

/**
 * One transaction for many: each result is written over the authorization and token that were presented,
 * under the intent that presented them, and over nothing else; with its event. The same result may be
 * brought again where nobody knows whether its first commit stood.
 */
export async function settleRefreshes(
  deps: SettleDeps,
  sql: Sql,
  settlements: readonly Settlement[],
): Promise<SettleResult[]> {
  const held = await lockGrantRows(
    sql,
    settlements.map(({ grantId }) => grantId),
  );
  const isFirst = firstOfEach(settlements);
  const mine = settlements.filter((each) => held.has(each.grantId) && isFirst(each));
  const withIntent = await endIntents(sql, mine.map(presentedOf));
  const live = mine.filter(({ grantId }) => withIntent.has(grantId));

  const stored = await storeTokens(
    sql,
    live.flatMap((each) =>
      each.result.kind === "stored" ? [{ ...presentedOf(each), ...each.result.values }] : [],
    ),
  );
  await noteFailures(
    sql,
    live.flatMap((each) =>
      each.result.kind === "failed" ? [{ ...presentedOf(each), ...each.result.values }] : [],
    ),
  );
  const retired = await retireTokens(
    sql,
    live.flatMap((each) =>
      each.result.kind === "refused" ? [{ ...presentedOf(each), reason: each.result.reason }] : [],
    ),
  );

  const events: EventContent[] = [];
  const results: SettleResult[] = [];
  for (const each of settlements) {
    const { grantId, result } = each;
    if (!isFirst(each)) {
      results.push({ kind: "locked" });
      continue;
    }
    const isWritten =
      withIntent.has(grantId) &&
      (result.kind === "stored"
        ? stored.has(grantId)
        : result.kind === "refused"
          ? retired.has(grantId)
          : true);
    if (isWritten) {
      events.push(eventOf(deps, settledEvent(each)));
      results.push({ kind: "written" });
    } else {
      results.push(await whyNotWritten(sql, held, each));
    }
  }
  await appendEvents(sql, deps, events);
  return results;
}

const presentedOf = ({ grantId, fence, generation, tokenVersion }: Settlement): Presented => ({
  grantId,
  fence,
  generation,
  tokenVersion,
});

/** A row that cannot be had is gone, or in somebody's hands; one that holds this very token has it already. */
async function whyNotWritten(
  sql: Sql,
  held: ReadonlySet<string>,
  { grantId, generation, tokenVersion, result }: Settlement,
): Promise<SettleResult> {
  const now = await findStoredToken(sql, grantId);
  if (!now) return { kind: "lost", isSameAuthorization: false };
  if (!held.has(grantId)) return { kind: "locked" };
  const isThere =
    result.kind === "stored" &&
    result.values.sealed !== null &&
    now.sealed !== null &&
    isSameSealing(now.sealed, result.values.sealed) &&
    now.generation === generation &&
    now.tokenVersion === tokenVersion + 1;
  if (isThere) return { kind: "written" };
  return { kind: "lost", isSameAuthorization: now.generation === generation };
}

function settledEvent({ grantId, about, fence, tokenVersion, result }: Settlement) {
  const { teamId, connectionId, userId, isRecovery } = about;
  const of = {
    principal: null,
    teamId,
    target: { kind: "grant", id: grantId },
    connectionId,
    onBehalfOf: userId,
  } as const;
  const detail = { version: tokenVersion, try: fence, isRecovery };
  if (result.kind === "stored") {
    const { sealed, problem } = result.values;
    return {
      ...of,
      action: "grant.refreshed",
      result: "success",
      detail: { ...detail, version: tokenVersion + 1, isRotated: sealed !== null, reason: problem },
    } as const;
  }
  const reason =
    result.kind === "refused"
      ? result.reason
      : result.kind === "failed"
        ? result.values.problem
        : "unsent";
  return {
    ...of,
    action: "grant.refresh_failed",
    result: result.kind === "refused" ? "refused" : "failed",
    detail: { ...detail, reason, outcome: result.kind === "failed" ? result.as : result.kind },
  } as const;
}
