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
/** Use is noted at most so often. */
export const SESSION_TOUCH_MS = MINUTE_MS;

const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[\w-]{43}$/;
const MAX_USER_AGENT_LENGTH = 200;

export type SessionDeps = { db: DatabaseOrTransaction; clock: Clock; random: Random };
type SessionEnd = "signed_out" | "ended_by_person" | "password_changed" | "replaced" | "disabled";

const hashOf = (token: Secret) =>
  Uint8Array.from(createHash("sha256").update(token.revealBytes()).digest());

/**
 * Makes a session in the caller's transaction.
 * @returns its token, 256 random bits: only the hash is stored, so this is the one time it is known
 */
export async function createSession(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  input: { userId: string; teamId: string; network: string; userAgent: string | null },
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
      absoluteExpiresAt: new Date(now.getTime() + SESSION_ABSOLUTE_MS),
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

type LiveRow = {
  id: string;
  user_id: string;
  team_id: string;
  role: Role;
  email: string;
  name: string;
  team_name: string;
  last_seen_at: Date;
};

/**
 * Who holds this token, read from the database on each call: the session is neither ended nor over,
 * the person not disabled and still a member (WEB-3, WEB-4). One round trip, two once a minute.
 */
export async function findLiveSession(
  deps: SessionDeps,
  token: Secret,
): Promise<LiveSession | null> {
  if (!TOKEN_PATTERN.test(token.reveal())) return null;
  const now = deps.clock.now();
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  const [row] = await deps.db.$queryRaw<LiveRow[]>`
    select s.id, s.user_id, s.team_id, m.role::text as role, u.email, u.name, t.name as team_name,
      s.last_seen_at
    from sessions s
    join users u on u.id = s.user_id and u.disabled_at is null
    join memberships m on m.user_id = s.user_id and m.team_id = s.team_id
    join teams t on t.id = s.team_id
    where s.token_hash = ${hashOf(token)} and s.ended_at is null
      and s.absolute_expires_at > ${now} and s.last_seen_at > ${idleSince}`;
  if (!row) return null;
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
    },
    user: { email: row.email, name: row.name },
    teamName: row.team_name,
  };
}

const liveOf = (deps: { clock: Clock }, userId: string) => {
  const now = deps.clock.now();
  return {
    userId,
    endedAt: null,
    absoluteExpiresAt: { gt: now },
    lastSeenAt: { gt: new Date(now.getTime() - SESSION_IDLE_MS) },
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
  principal: Principal,
  sessionId: string,
  reason: SessionEnd = "ended_by_person",
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const ended = await end(
      tx,
      deps,
      principal,
      { id: sessionId, userId: principal.userId },
      reason,
    );
    if (ended === 0) throw new NotFoundError();
  });
}

/** Ends all of the caller's sessions but the current one. @returns how many there were */
export async function endOtherSessions(
  deps: SessionDeps,
  principal: Principal,
  reason: SessionEnd = "ended_by_person",
): Promise<number> {
  const others = { userId: principal.userId, id: { not: principal.sessionId } };
  return inTransaction(deps.db, (tx) => end(tx, deps, principal, others, reason));
}

/** Ends all sessions of a person: for disabling, removal and a changed role or password. */
export async function endAllSessionsOf(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  actor: Principal,
  userId: string,
  reason: SessionEnd,
): Promise<number> {
  return end(tx, deps, actor, { userId }, reason);
}

async function end(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  actor: Principal,
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
