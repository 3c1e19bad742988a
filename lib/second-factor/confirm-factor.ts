import { recordEvent } from "#lib/audit/record-event.ts";
import { networkOf } from "#lib/auth/network.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { requireRecentSignIn } from "#lib/auth/recent-sign-in.ts";
import { createSession, endAllSessionsOf } from "#lib/auth/sessions.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireFreshSecondFactor } from "#lib/core/second-factor.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import { TooManyFactorsError } from "#lib/second-factor/errors.ts";
import { makeRecoveryCodes, type RecoveryDeps } from "#lib/second-factor/recovery-codes.ts";
import type { FactorKind } from "#lib/second-factor/schema.ts";

const MAX_FACTORS = 10;

/** What adding a factor gives: codes with the first one, and the session to go on with. */
export type Added = { recoveryCodes: string[] | null; token: Secret | null };

/**
 * Whoever has a factor adds another only when they gave one just now: else a session left open would
 * be enough to get in for good.
 *
 * @returns whether it is the first
 * @throws {SecondFactorRequiredError} there is one, and it was not given within the last minutes
 * @throws {TooManyFactorsError}
 */
export async function requireMayAdd(
  deps: { db: DatabaseOrTransaction; clock: RecoveryDeps["clock"] },
  principal: Principal,
): Promise<boolean> {
  const where = { userId: principal.userId, confirmedAt: { not: null } };
  const count = await deps.db.secondFactor.count({ where });
  if (count > 0) requireFreshSecondFactor(principal, deps.clock);
  if (count >= MAX_FACTORS) throw new TooManyFactorsError();
  return count === 0;
}

/**
 * As `requireMayAdd`, before anything is made; the first factor wants a recent sign-in, so that an open
 * or a stolen session cannot shut its person out.
 *
 * @throws {RecentSignInNeededError} it would be the first, and the sign-in is older than a quarter of an hour
 */
export async function requireMayBegin(
  deps: { db: DatabaseOrTransaction; clock: RecoveryDeps["clock"] },
  principal: Principal,
): Promise<void> {
  if (await requireMayAdd(deps, principal)) await requireRecentSignIn(deps, principal);
}

/**
 * Writes that a factor was added, in the transaction that confirms it. With the first one the person's
 * sessions end and this browser goes on with a new one, in which the factor counts as given (WEB-3).
 */
export async function finishAdding(
  tx: Transaction,
  deps: RecoveryDeps,
  principal: Principal,
  added: { id: string; kind: FactorKind; isFirst: boolean; absoluteExpiresAt: Date },
  client: Client,
): Promise<Added> {
  await recordEvent(tx, deps, {
    action: "second_factor.added",
    principal,
    target: { kind: "second_factor", id: added.id },
    result: "success",
    detail: { kind: added.kind },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  });
  if (!added.isFirst) return { recoveryCodes: null, token: null };
  const recoveryCodes = await makeRecoveryCodes(tx, deps, principal);
  await endAllSessionsOf(tx, deps, principal, principal.userId, "second_factor_changed");
  const { token } = await createSession(tx, deps, {
    userId: principal.userId,
    teamId: principal.teamId,
    network: networkOf(client.address),
    userAgent: client.userAgent,
    secondFactorAt: deps.clock.now(),
    absoluteExpiresAt: added.absoluteExpiresAt,
  });
  return { recoveryCodes, token };
}
