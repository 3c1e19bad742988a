import { recordEvent } from "#lib/audit/record-event.ts";
import { NotSignedInError } from "#lib/auth/errors.ts";
import { hashOf, TOKEN_BYTES } from "#lib/auth/sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import type { Transaction } from "#lib/db/client.ts";

type Deps = { clock: Clock; random: Random };
type Reason = "removed" | "left" | "role_changed" | "ended_by_admin" | "team_switched";
type Actor = Pick<Principal, "userId" | "teamId"> & { sessionId: string | null };

/**
 * Ends a person's sessions in the actor's team, at once and in all processes; those in other teams go
 * on (WEB-3, TEN-1).
 *
 * @param spared - a session that goes on
 * @returns how many there were
 */
export async function endTeamSessionsOf(
  tx: Transaction,
  deps: Deps,
  actor: Actor,
  userId: string,
  reason: Reason,
  spared: string | null = null,
): Promise<number> {
  const ended = await tx.session.updateManyAndReturn({
    where: {
      userId,
      teamId: actor.teamId,
      endedAt: null,
      ...(spared === null ? {} : { id: { not: spared } }),
    },
    data: { endedAt: deps.clock.now(), endedReason: reason },
    select: { id: true },
  });
  for (const { id } of ended) {
    await recordEvent(tx, deps, {
      action: "session.ended",
      principal: actor,
      target: { kind: "session", id },
      ...(userId === actor.userId ? {} : { onBehalfOf: userId }),
      result: "success",
      detail: { reason },
    });
  }
  return ended.length;
}

/**
 * Goes on with the principal's session under a new id and token, in the given team (WEB-3). It proves
 * what the one before proved and lasts no longer; the one before is ended.
 *
 * @returns the new session's id and its token: the one time that it is known
 * @throws {NotSignedInError} it has ended meanwhile
 */
export async function renewSession(
  tx: Transaction,
  deps: Deps,
  principal: Principal,
  teamId: string,
  reason: Reason,
): Promise<{ id: string; token: Secret }> {
  const now = deps.clock.now();
  const [before] = await tx.session.updateManyAndReturn({
    where: { id: principal.sessionId, endedAt: null },
    data: { endedAt: now, endedReason: reason },
  });
  if (!before) throw new NotSignedInError();
  await recordEvent(tx, deps, {
    action: "session.ended",
    principal,
    target: { kind: "session", id: before.id },
    result: "success",
    detail: { reason },
  });
  const token = new Secret(deps.random.token(TOKEN_BYTES));
  const id = deps.random.uuid();
  // `createdAt` stays: moving proves nothing again, so an old sign-in does not become a recent one.
  const goesOn = { endedAt: null, endedReason: null, lastSeenAt: now };
  await tx.session.create({
    data: { ...before, ...goesOn, id, teamId, tokenHash: hashOf(token) },
  });
  return { id, token };
}
