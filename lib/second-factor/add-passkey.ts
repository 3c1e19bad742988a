import type { Client } from "#lib/auth/open-session.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { makeChallenge, takeChallenge } from "#lib/second-factor/challenge.ts";
import {
  type Added,
  finishAdding,
  requireMayAdd,
  requireMayBegin,
} from "#lib/second-factor/confirm-factor.ts";
import { PasskeyRefusedError } from "#lib/second-factor/errors.ts";
import { findPasskeys } from "#lib/second-factor/find-passkeys.ts";
import { lockPerson } from "#lib/second-factor/lock-person.ts";
import type { RecoveryDeps } from "#lib/second-factor/recovery-codes.ts";
import type { PasskeyMade } from "#lib/second-factor/schema.ts";
import { creationOptions, judgeMade } from "#lib/second-factor/webauthn.ts";

type Deps = RecoveryDeps & { db: Database; studioUrl: string };

/**
 * What the browser needs to make a passkey for this session's person; good for five minutes, once.
 * @throws {SecondFactorRequiredError} there is a factor, and it was not given within the last minutes
 * @throws {RecentSignInNeededError} there is none, and the sign-in is older than a quarter of an hour
 */
export async function beginPasskey(deps: Deps, principal: Principal) {
  await requireMayBegin(deps, principal);
  const { userId, sessionId } = principal;
  const person = await deps.db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { id: true, email: true, name: true },
  });
  const challenge = await makeChallenge(deps, sessionId, "add");
  return creationOptions(deps.studioUrl, person, challenge, await findPasskeys(deps, userId));
}

/**
 * Keeps the passkey that the browser made. It is its own proof, so it counts at once.
 * @throws {PasskeyRefusedError} it does not answer what this session was asked, or is known already
 */
export async function addPasskey(
  deps: Deps,
  principal: Principal,
  input: { name: string; made: PasskeyMade },
  client: Client,
): Promise<Added> {
  const { userId, sessionId } = principal;
  const challenge = await takeChallenge(deps, sessionId, "add");
  if (challenge === null) throw new PasskeyRefusedError();
  const passkey = await judgeMade(deps.studioUrl, challenge, input.made);
  return inTransaction(deps.db, async (tx) => {
    const { absoluteExpiresAt } = await lockPerson(tx, principal);
    const isFirst = await requireMayAdd({ ...deps, db: tx }, principal);
    const now = deps.clock.now();
    const id = deps.random.uuid();
    const made = await tx.secondFactor.createMany({
      data: {
        id,
        userId,
        kind: "passkey",
        name: input.name,
        credentialId: passkey.credentialId,
        publicKey: passkey.publicKey,
        counter: BigInt(passkey.counter),
        transports: input.made.response.transports ?? [],
        createdAt: now,
        confirmedAt: now,
        lastUsedAt: now,
      },
      skipDuplicates: true,
    });
    // One authenticator's credential is one person's one factor.
    if (made.count === 0) throw new PasskeyRefusedError();
    const added = { id, kind: "passkey" as const, isFirst, absoluteExpiresAt };
    return finishAdding(tx, deps, principal, added, client);
  });
}
