import type { Client } from "#lib/auth/open-session.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import {
  type Added,
  finishAdding,
  requireMayAdd,
  requireMayBegin,
} from "#lib/second-factor/confirm-factor.ts";
import { WrongCodeError } from "#lib/second-factor/errors.ts";
import { pendingSince } from "#lib/second-factor/list-second-factors.ts";
import { lockPerson } from "#lib/second-factor/lock-person.ts";
import { qrPath } from "#lib/second-factor/qr.ts";
import type { RecoveryDeps } from "#lib/second-factor/recovery-codes.ts";
import type { TotpBegunJson } from "#lib/second-factor/schema.ts";
import { openTotpSecret, sealTotpSecret } from "#lib/second-factor/secrets.ts";
import { matchingStep, TOTP_SECRET_BYTES, totpSetUp } from "#lib/second-factor/totp.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";

const UNNAMED = "Authenticator app";

type Deps = RecoveryDeps & { db: Database; vault: WrapDeps };

/**
 * Makes a secret for an authenticator app; it counts once a code of it was given. One begun before and
 * not confirmed is gone.
 *
 * @returns the secret: the one time that it is told
 * @throws {SecondFactorRequiredError} there is a factor, and it was not given within the last minutes
 * @throws {RecentSignInNeededError} there is none, and the sign-in is older than a quarter of an hour
 */
export async function beginTotp(deps: Deps, principal: Principal): Promise<TotpBegunJson> {
  await requireMayBegin(deps, principal);
  const { userId } = principal;
  const id = deps.random.uuid();
  const secret = new Secret(Buffer.from(deps.random.token(TOTP_SECRET_BYTES), "base64url"));
  const secretSealed = await sealTotpSecret(deps, { id, userId }, secret);
  const { email } = await inTransaction(deps.db, async (tx) => {
    await lockPerson(tx, principal);
    await tx.secondFactor.deleteMany({ where: { userId, confirmedAt: null } });
    await tx.secondFactor.create({
      data: {
        id,
        userId,
        kind: "totp",
        name: UNNAMED,
        secretSealed,
        createdAt: deps.clock.now(),
      },
    });
    return tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
  });
  const { base32, uri } = totpSetUp(secret, email);
  return { factorId: id, secret: base32, uri, qr: qrPath(uri) };
}

/**
 * Confirms an app by one right code, which then counts as used.
 *
 * @throws {NotFoundError} none was begun within the last quarter of an hour
 * @throws {WrongCodeError} the code does not fit
 */
export async function confirmTotp(
  deps: Deps,
  principal: Principal,
  input: { factorId: string; name: string; code: string },
  client: Client,
): Promise<Added> {
  const { userId } = principal;
  const pending = { id: input.factorId, userId, kind: "totp" as const, confirmedAt: null };
  const where = { ...pending, createdAt: { gt: pendingSince(deps.clock) } };
  const factor = await deps.db.secondFactor.findFirst({ where });
  if (!factor?.secretSealed) throw new NotFoundError();
  const sealed = { id: factor.id, userId, secretSealed: factor.secretSealed };
  const secret = await openTotpSecret(deps, principal, sealed);
  const now = deps.clock.now();
  const step = matchingStep(secret, input.code, now, null);
  if (step === null) throw new WrongCodeError();
  return inTransaction(deps.db, async (tx) => {
    const { absoluteExpiresAt } = await lockPerson(tx, principal);
    const isFirst = await requireMayAdd({ ...deps, db: tx }, principal);
    const confirmed = await tx.secondFactor.updateMany({
      where,
      data: { name: input.name, confirmedAt: now, lastUsedAt: now, lastStep: BigInt(step) },
    });
    if (confirmed.count === 0) throw new NotFoundError();
    const added = { id: factor.id, kind: "totp" as const, isFirst, absoluteExpiresAt };
    return finishAdding(tx, deps, principal, added, client);
  });
}
