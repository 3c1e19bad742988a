import { recordEvent } from "#lib/audit/record-event.ts";
import { IdentityTakenError, LastWayInError, LinkExpiredError } from "#lib/auth/errors.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { requireRecentSignIn } from "#lib/auth/recent-sign-in.ts";
import type { LinkedWay } from "#lib/auth/schema.ts";
import { endOtherSessions } from "#lib/auth/sessions.ts";
import type { ProvenIdentity, SignInWays, WayId } from "#lib/auth/sign-in-ways.ts";
import { lockIdentity, pendingHash, storeIdentity } from "#lib/auth/sign-in-with-identity.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import {
  type Database,
  type DatabaseOrTransaction,
  inTransaction,
  type Transaction,
} from "#lib/db/client.ts";

type Deps = { db: Database; clock: Clock; random: Random };

/**
 * Links an identity that was just proven to the signed-in person: both are proven (WEB-12).
 *
 * @throws {RecentSignInNeededError} the session is too old to vouch for its person
 * @throws {IdentityTakenError} it is another account's way in
 */
export async function linkIdentity(
  deps: Deps,
  principal: Principal,
  identity: ProvenIdentity,
  client: Client,
): Promise<void> {
  await inTransaction(deps.db, (tx) => link(tx, deps, principal, identity, client));
}

/**
 * Links the identity that waits in this browser, once, to the account whose address it has, for that
 * account's signed-in person only.
 *
 * @param token - from the cookie that the identity's own sign-in left in this browser
 * @throws {LinkExpiredError} unknown, used, too old, or meant for another account
 * @throws {RecentSignInNeededError}
 * @throws {IdentityTakenError}
 */
export async function linkPendingIdentity(
  deps: Deps,
  principal: Principal,
  token: Secret,
  client: Client,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const taken = await tx.$queryRaw<
      { way: WayId; issuer: string; subject: string; email: string }[]
    >`
      delete from pending_identities
      where token_hash = ${pendingHash(token)} and user_id = ${principal.userId}::uuid
        and expires_at > ${deps.clock.now()}
      returning way, issuer, subject, email`;
    const [pending] = taken;
    if (!pending) throw new LinkExpiredError();
    const identity = { ...pending, verifiedEmail: pending.email, name: null };
    await link(tx, deps, principal, identity, client);
  });
}

/** What waits in this browser for the signed-in person's word; `null` for nothing of theirs. */
export async function findPendingIdentity(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
  token: Secret,
): Promise<{ way: WayId; email: string } | null> {
  const pending = await deps.db.pendingIdentity.findFirst({
    where: {
      tokenHash: pendingHash(token),
      userId: principal.userId,
      expiresAt: { gt: deps.clock.now() },
    },
    select: { way: true, email: true },
  });
  return pending && { way: pending.way as WayId, email: pending.email };
}

/** Which way an identity that waits in this browser came by, for whoever holds its token. */
export async function findPendingWay(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  token: Secret,
): Promise<WayId | null> {
  const pending = await deps.db.pendingIdentity.findFirst({
    where: { tokenHash: pendingHash(token), expiresAt: { gt: deps.clock.now() } },
    select: { way: true },
  });
  return (pending?.way as WayId | undefined) ?? null;
}

async function link(
  tx: Transaction,
  deps: Deps,
  principal: Principal,
  identity: ProvenIdentity,
  client: Client,
): Promise<void> {
  await requireRecentSignIn({ ...deps, db: tx }, principal);
  await lockIdentity(tx, identity);
  const held = await tx.identity.findUnique({
    where: { issuer_subject: { issuer: identity.issuer, subject: identity.subject } },
    select: { userId: true },
  });
  if (held && held.userId !== principal.userId) throw new IdentityTakenError();
  if (!held) await storeIdentity(tx, deps, identity, principal, client);
}

/**
 * Takes a way in away from the signed-in person and ends their other sessions, which it may have made.
 *
 * @throws {NotFoundError} absent, or somebody else's
 * @throws {LastWayInError} nothing else would let them in
 * @throws {RecentSignInNeededError}
 */
export async function unlinkIdentity(
  deps: Deps & { signInWays: SignInWays },
  principal: Principal,
  identityId: string,
  client: Client,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    // Two at once must not take the last two ways.
    await tx.$queryRaw`select id from users where id = ${principal.userId}::uuid for update`;
    await requireRecentSignIn({ ...deps, db: tx }, principal);
    const { hasPassword, ways } = await listLinkedWays({ ...deps, db: tx }, principal);
    const leaving = ways.find(({ id }) => id === identityId);
    if (!leaving) throw new NotFoundError();
    const others = ways.filter(({ id, isOffered }) => id !== identityId && isOffered);
    if (!hasPassword && others.length === 0) throw new LastWayInError();
    await tx.identity.delete({ where: { id: identityId } });
    await recordEvent(tx, deps, {
      action: "user.identity_unlinked",
      principal,
      target: { kind: "identity", id: identityId },
      result: "success",
      detail: { method: leaving.way },
      ...(client.requestId ? { requestId: client.requestId } : {}),
    });
    await endOtherSessions({ ...deps, db: tx }, principal, "way_removed");
  });
}

/** How the signed-in person can sign in. A way that the operator took away counts for nothing. */
export async function listLinkedWays(
  deps: { db: DatabaseOrTransaction; signInWays: SignInWays },
  principal: Principal,
): Promise<{ hasPassword: boolean; ways: LinkedWay[] }> {
  const user = await deps.db.user.findUniqueOrThrow({
    where: { id: principal.userId },
    select: { passwordHash: true, identities: { orderBy: { createdAt: "asc" } } },
  });
  const offered = deps.signInWays.list();
  const ways = user.identities.map((row): LinkedWay => {
    const way = offered.find(
      ({ id, issuer }) => id === row.way && issuer === withoutSlash(row.issuer),
    );
    return {
      id: row.id,
      way: row.way as WayId,
      name: way?.name ?? new URL(row.issuer).host,
      email: row.email,
      isOffered: way !== undefined,
      lastUsedAt: row.lastUsedAt.toISOString(),
    };
  });
  return { hasPassword: user.passwordHash !== null, ways };
}

const withoutSlash = (address: string) => address.replace(/\/+$/, "");
