import { createHash } from "node:crypto";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { SessionJson } from "#lib/auth/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { type DatabaseOrTransaction, inTransaction, type Transaction } from "#lib/db/client.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A session unused for so long is over. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
/** So long after the sign-in it is over in any case. */
export const SESSION_ABSOLUTE_MS = 7 * 24 * HOUR_MS;
/** So long a sign-in waits for its second step; then one begins anew. */
export const SECOND_STEP_MS = 10 * MINUTE_MS;
/** Use is noted at most so often. */
export const SESSION_TOUCH_MS = MINUTE_MS;

export const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[\w-]{43}$/;
const MAX_USER_AGENT_LENGTH = 200;

export type SessionDeps = { db: DatabaseOrTransaction; clock: Clock; random: Random };
type SessionEnd =
  | "signed_out"
  | "ended_by_person"
  | "password_changed"
  | "replaced"
  | "disabled"
  | "way_removed"
  | "second_factor_changed"
  | "second_factor_reset";

/** Whose session, and which: enough to act on sessions and to be named in the trail. */
export type SessionHolder = Pick<Principal, "userId" | "teamId" | "sessionId">;

/** The form in which a session's token is stored. */
export const hashOf = (token: Secret) =>
  Uint8Array.from(createHash("sha256").update(token.revealBytes()).digest());

/**
 * Makes a session in the caller's transaction.
 * @returns its token, 256 random bits: only the hash is stored, so this is the one time it is known
 */
export async function createSession(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  input: {
    userId: string;
    teamId: string;
    network: string;
    userAgent: string | null;
    /** When the second factor was given; without it a person who has one is only half signed in. */
    secondFactorAt?: Date | null;
    /** Of the session that this one goes on from: a second step prolongs nothing. */
    absoluteExpiresAt?: Date;
  },
): Promise<{ id: string; token: Secret }> {
  const token = new Secret(deps.random.token(TOKEN_BYTES));
  const id = deps.random.uuid();
  const now = deps.clock.now();
  await tx.session.create({
    data: {
      id,
      userId: input.userId,
      teamId: input.teamId,
      tokenHash: hashOf(token),
      createdAt: now,
      lastSeenAt: now,
      absoluteExpiresAt: input.absoluteExpiresAt ?? new Date(now.getTime() + SESSION_ABSOLUTE_MS),
      secondFactorAt: input.secondFactorAt ?? null,
      network: input.network,
      userAgent: printable(input.userAgent),
    },
  });
  return { id, token };
}

function printable(userAgent: string | null): string | null {
  return userAgent?.replace(/[^\x20-\x7e]/g, "").slice(0, MAX_USER_AGENT_LENGTH) || null;
}

export type LiveSession = {
  principal: Principal;
  user: { email: string; name: string };
  teamName: string;
};

/** Signed in as far as the second step: nobody yet, except to that step and to signing out. */
export type HalfSession = SessionHolder & {
  user: { email: string; name: string };
  expiresAt: Date;
};

type LiveRow = {
  id: string;
  user_id: string;
  team_id: string;
  role: Role;
  email: string;
  name: string;
  team_name: string;
  created_at: Date;
  last_seen_at: Date;
  second_factor_at: Date | null;
  has_factor: boolean;
};

/**
 * Who holds this token, read from the database on each call: the session is neither ended nor over,
 * the person not disabled and still a member (WEB-3, WEB-4). Whoever has a second factor is somebody
 * only once it was given, however they signed in (WEB-11). One round trip, two once a minute.
 */
export async function findLiveSession(
  deps: SessionDeps,
  token: Secret,
): Promise<LiveSession | null> {
  const row = await findRow(deps, token);
  if (!row || isHalf(row)) return null;
  const now = deps.clock.now();
  if (now.getTime() - row.last_seen_at.getTime() >= SESSION_TOUCH_MS) {
    await deps.db.session.updateMany({
      where: { id: row.id, lastSeenAt: { lt: now } },
      data: { lastSeenAt: now },
    });
  }
  return {
    principal: {
      kind: "user",
      userId: row.user_id,
      teamId: row.team_id,
      role: row.role,
      sessionId: row.id,
      hasSecondFactor: row.has_factor,
      secondFactorAt: row.has_factor ? row.second_factor_at : null,
    },
    user: { email: row.email, name: row.name },
    teamName: row.team_name,
  };
}

/** Whose second step this token waits for, for at most ten minutes; `null` for a whole session. */
export async function findHalfSession(
  deps: SessionDeps,
  token: Secret,
): Promise<HalfSession | null> {
  const row = await findRow(deps, token);
  if (!row || !isHalf(row)) return null;
  const expiresAt = new Date(row.created_at.getTime() + SECOND_STEP_MS);
  if (expiresAt <= deps.clock.now()) return null;
  return { ...holderOf(row), user: { email: row.email, name: row.name }, expiresAt };
}

/** The session of this token, whole or half: to end it. */
export async function findSessionHolder(
  deps: SessionDeps,
  token: Secret,
): Promise<SessionHolder | null> {
  const row = await findRow(deps, token);
  return row && holderOf(row);
}

const isHalf = (row: LiveRow) => row.has_factor && row.second_factor_at === null;
const holderOf = (row: LiveRow): SessionHolder => ({
  userId: row.user_id,
  teamId: row.team_id,
  sessionId: row.id,
});

async function findRow(deps: SessionDeps, token: Secret): Promise<LiveRow | null> {
  if (!TOKEN_PATTERN.test(token.reveal())) return null;
  const now = deps.clock.now();
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  const [row] = await deps.db.$queryRaw<LiveRow[]>`
    select s.id, s.user_id, s.team_id, m.role::text as role, u.email, u.name, t.name as team_name,
      s.created_at, s.last_seen_at, s.second_factor_at,
      exists (select 1 from second_factors f
        where f.user_id = s.user_id and f.confirmed_at is not null) as has_factor
    from sessions s
    join users u on u.id = s.user_id and u.disabled_at is null
    join memberships m on m.user_id = s.user_id and m.team_id = s.team_id
    join teams t on t.id = s.team_id
    where s.token_hash = ${hashOf(token)} and s.ended_at is null
      and s.absolute_expires_at > ${now} and s.last_seen_at > ${idleSince}`;
  return row ?? null;
}

const liveOf = (deps: { clock: Clock }, userId: string) => {
  const now = deps.clock.now();
  return {
    userId,
    endedAt: null,
    absoluteExpiresAt: { gt: now },
    lastSeenAt: { gt: new Date(now.getTime() - SESSION_IDLE_MS) },
    // A sign-in that waits for its second step is no session yet.
    OR: [
      { secondFactorAt: { not: null } },
      { user: { secondFactors: { none: { confirmedAt: { not: null } } } } },
    ],
  };
};

/** The caller's own live sessions, last used first. */
export async function listSessions(
  deps: SessionDeps,
  principal: Principal,
): Promise<SessionJson[]> {
  const rows = await deps.db.session.findMany({
    where: liveOf(deps, principal.userId),
    orderBy: [{ lastSeenAt: "desc" }, { id: "asc" }],
    take: 200,
  });
  return rows.map((row) => ({
    id: row.id,
    isCurrent: row.id === principal.sessionId,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.absoluteExpiresAt.toISOString(),
    network: row.network,
    userAgent: row.userAgent,
  }));
}

/**
 * Ends one of the caller's own sessions, the current one too; at once, in all processes.
 * @throws {NotFoundError} absent, somebody else's, or over already
 */
export async function endSession(
  deps: SessionDeps,
  principal: SessionHolder,
  sessionId: string,
): Promise<void> {
  const one = { id: sessionId, userId: principal.userId };
  await inTransaction(deps.db, async (tx) => {
    if ((await end(tx, deps, principal, one, "ended_by_person")) === 0) throw new NotFoundError();
  });
}

/** Ends the holder's own session. @returns false where another request just did: it is over in any case */
export async function endOwnSession(
  deps: SessionDeps,
  holder: SessionHolder,
  reason: "signed_out" | "replaced",
): Promise<boolean> {
  const own = { id: holder.sessionId, userId: holder.userId };
  return (await inTransaction(deps.db, (tx) => end(tx, deps, holder, own, reason))) === 1;
}

/** Ends all of the caller's sessions but the current one. @returns how many there were */
export async function endOtherSessions(
  deps: SessionDeps,
  principal: SessionHolder,
  reason: SessionEnd = "ended_by_person",
): Promise<number> {
  const others = { userId: principal.userId, id: { not: principal.sessionId } };
  return inTransaction(deps.db, (tx) => end(tx, deps, principal, others, reason));
}

/** Ends all sessions of a person: for disabling, removal and a changed role or password. */
export async function endAllSessionsOf(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  actor: SessionHolder,
  userId: string,
  reason: SessionEnd,
): Promise<number> {
  return end(tx, deps, actor, { userId }, reason);
}

async function end(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  actor: SessionHolder,
  which: { userId: string; id?: string | { not: string } },
  reason: SessionEnd,
): Promise<number> {
  const ended = await tx.session.updateManyAndReturn({
    where: { ...which, endedAt: null },
    data: { endedAt: deps.clock.now(), endedReason: reason },
    select: { id: true },
  });
  for (const { id } of ended) {
    await recordEvent(tx, deps, {
      action: "session.ended",
      principal: actor,
      target: { kind: "session", id },
      ...(which.userId === actor.userId ? {} : { onBehalfOf: which.userId }),
      result: "success",
      detail: { reason },
    });
  }
  return ended.length;
}
