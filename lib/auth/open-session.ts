import { recordEvent } from "#lib/audit/record-event.ts";
import { networkOf } from "#lib/auth/network.ts";
import { createSession, endOwnSession, type SessionHolder } from "#lib/auth/sessions.ts";
import type { WayId } from "#lib/auth/sign-in-ways.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";

/** Where a request came from, as far as the studio itself saw it. */
export type Client = {
  /** The socket's address; `null` where unknown. */
  address: string | null;
  userAgent: string | null;
  requestId?: string;
};

export type OpenedSession = { userId: string; sessionId: string; token: Secret };

/**
 * Signs somebody in who was proven, by whichever way, in the caller's transaction: a session with a new
 * id and token, and the end of the one that this browser had (WEB-3). The one place where a sign-in
 * becomes a session.
 *
 * @param replaced - the browser's session from before, of whomever, whole or half
 */
export async function openSession(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  who: { userId: string; teamId: string; method: "password" | WayId },
  client: Client,
  replaced: SessionHolder | null,
): Promise<OpenedSession> {
  const { userId, teamId, method } = who;
  const network = networkOf(client.address);
  const { userAgent } = client;
  const session = await createSession(tx, deps, { userId, teamId, network, userAgent });
  if (replaced) {
    await endOwnSession({ ...deps, db: tx }, replaced, "replaced");
  }
  await recordEvent(tx, deps, {
    action: "user.signed_in",
    principal: { userId, teamId, sessionId: session.id },
    target: { kind: "user", id: userId },
    result: "success",
    detail: { network, method },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  });
  return { userId, sessionId: session.id, token: session.token };
}

/** The team that somebody used or joined last, where a sign-in opens; `null` for who is in none. */
export async function firstTeamOf(
  db: DatabaseOrTransaction,
  userId: string,
): Promise<string | null> {
  const [latest] = await db.$queryRaw<{ team_id: string }[]>`
    select m.team_id from memberships m where m.user_id = ${userId}::uuid
    order by greatest(m.created_at, (select max(s.last_seen_at) from sessions s
      where s.user_id = m.user_id and s.team_id = m.team_id)) desc limit 1`;
  return latest?.team_id ?? null;
}
