import { recordEvent } from "#lib/audit/record-event.ts";
import { networkOf } from "#lib/auth/network.ts";
import { type Client, type OpenedSession, openSession } from "#lib/auth/open-session.ts";
import { hashPassword, isHashOutdated, verifyPassword } from "#lib/auth/password.ts";
import { findSessionHolder } from "#lib/auth/sessions.ts";
import {
  accountPolicy,
  beginAttempt,
  forgetAttempts,
  networkPolicy,
  refundAttempt,
  throttleKey,
} from "#lib/auth/throttle.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";

type Deps = { db: Database; clock: Clock; random: Random };

type Candidate = {
  user_id: string;
  team_id: string | null;
  password_hash: string | null;
  is_disabled: boolean;
  knows_network: boolean;
};

/** How long a network stays known to an account after a sign-in from it. */
const NETWORK_KNOWN_MS = 90 * 24 * 3_600_000;

/**
 * Checks e-mail and password and makes a new session. An unknown address, a wrong password, a
 * disabled person and one without a team all give `null`, after the same work (WEB-1).
 *
 * @param input.email - normalised
 * @param input.replaces - token of the session that this browser had: it ends (WEB-3)
 * @returns the new session's token: the one time that it is known
 * @throws {ThrottledError} too many failures for this account or network (WEB-2)
 */
export async function signIn(
  deps: Deps,
  input: { email: string; password: Secret; replaces?: Secret | null },
  client: Client,
): Promise<OpenedSession | null> {
  const network = networkOf(client.address);
  const candidate = await findCandidate(deps, input.email, network);
  // Strangers' networks share one count, so that guessing from many does not help; a network that
  // the person signed in from has its own, so that strangers slow the person little.
  const accountBucket = {
    key: candidate?.knows_network
      ? throttleKey("sign-in-known", input.email, network)
      : throttleKey("sign-in", input.email),
    policy: accountPolicy,
  };
  const networkBucket = { key: throttleKey("sign-in-network", network), policy: networkPolicy };
  await beginAttempt(deps, [networkBucket, accountBucket]);

  const isRight = await verifyPassword(candidate?.password_hash ?? null, input.password);
  const { user_id: userId, team_id: teamId } = candidate ?? {};
  if (!isRight || !userId || !teamId || candidate?.is_disabled) {
    await recordRefusedSignIn(deps, { userId, teamId }, client);
    return null;
  }

  const oldHash = candidate?.password_hash ?? "";
  const newHash = isHashOutdated(oldHash) ? await hashPassword(input.password) : null;
  const replaced = input.replaces ? await findSessionHolder(deps, input.replaces) : null;
  return inTransaction(deps.db, async (tx) => {
    // The hash is asked for again: a password changed meanwhile must not be undone, nor got around.
    const stillRight = await tx.user.updateMany({
      where: { id: userId, passwordHash: oldHash, disabledAt: null },
      data: { passwordHash: newHash ?? oldHash },
    });
    if (stillRight.count === 0) return null;
    const who = { userId, teamId, method: "password" } as const;
    const opened = await openSession(tx, deps, who, client, replaced);
    await forgetAttempts({ ...deps, db: tx }, accountBucket);
    await refundAttempt({ ...deps, db: tx }, networkBucket);
    return opened;
  });
}

/** Writes that a password, or whoever gave it, let nobody in. */
export async function recordRefusedSignIn(
  deps: Deps,
  { userId, teamId }: { userId?: string | undefined; teamId?: string | null | undefined },
  client: Client,
): Promise<void> {
  await inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, {
      action: "user.sign_in_refused",
      principal: null,
      ...(teamId ? { teamId } : {}),
      ...(userId ? { target: { kind: "user", id: userId } } : {}),
      result: "refused",
      detail: { network: networkOf(client.address) },
      ...(client.requestId ? { requestId: client.requestId } : {}),
    }),
  );
}

// One statement whether the person exists or not: two would show in the time.
async function findCandidate(
  deps: Deps,
  email: string,
  network: string,
): Promise<Candidate | undefined> {
  const knownSince = new Date(deps.clock.now().getTime() - NETWORK_KNOWN_MS);
  const [candidate] = await deps.db.$queryRaw<Candidate[]>`
    select u.id as user_id, u.password_hash, u.disabled_at is not null as is_disabled,
      (select m.team_id from memberships m where m.user_id = u.id
        order by greatest(m.created_at, (select max(s.last_seen_at) from sessions s
          where s.user_id = m.user_id and s.team_id = m.team_id)) desc limit 1) as team_id,
      exists (select 1 from sessions s where s.user_id = u.id and s.network = ${network}
        and s.created_at > ${knownSince}) as knows_network
    from users u where u.email = ${email}`;
  return candidate;
}
