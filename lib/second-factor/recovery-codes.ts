import { createHmac } from "node:crypto";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { SessionHolder } from "#lib/auth/sessions.ts";
import { makeTypedCode, readTypedCode } from "#lib/auth/typed-code.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireFreshSecondFactor } from "#lib/core/second-factor.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { lockPerson } from "#lib/second-factor/lock-person.ts";
import { RECOVERY_CODE_COUNT } from "#lib/second-factor/schema.ts";

const GROUPS = 4; // 80 bits

export type RecoveryDeps = {
  clock: Clock;
  random: Random;
  derivedKeys: { readonly recoveryCodes: Secret };
};

/**
 * Makes ten new codes in the caller's transaction; those before are gone.
 * @returns them as they are typed: the one time that they are known
 */
export async function makeRecoveryCodes(
  tx: Transaction,
  deps: RecoveryDeps,
  holder: SessionHolder,
): Promise<string[]> {
  const { userId } = holder;
  const codes = Array.from({ length: RECOVERY_CODE_COUNT }, () =>
    makeTypedCode(deps.random, GROUPS),
  );
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({
      id: deps.random.uuid(),
      userId,
      codeHash: hashOf(deps, userId, code),
      createdAt: deps.clock.now(),
    })),
  });
  await recordEvent(tx, deps, {
    action: "recovery_codes.made",
    principal: holder,
    target: { kind: "user", id: userId },
    result: "success",
    detail: { count: codes.length },
  });
  return codes;
}

/**
 * New codes in place of the old ones, which are void at once.
 * @throws {SecondFactorRequiredError} none was given within the last minutes
 */
export async function remakeRecoveryCodes(
  deps: RecoveryDeps & { db: Database },
  principal: Principal,
): Promise<string[]> {
  requireFreshSecondFactor(principal, deps.clock);
  return inTransaction(deps.db, async (tx) => {
    await lockPerson(tx, principal);
    return makeRecoveryCodes(tx, deps, principal);
  });
}

/** Takes a code for good. @returns false where it is none, or was used: one of any number of callers wins */
export async function takeRecoveryCode(
  tx: Transaction,
  deps: RecoveryDeps,
  userId: string,
  code: Secret,
): Promise<boolean> {
  const taken = await tx.recoveryCode.updateMany({
    where: { userId, codeHash: hashOf(deps, userId, code.reveal()), usedAt: null },
    data: { usedAt: deps.clock.now() },
  });
  return taken.count === 1;
}

function hashOf(deps: RecoveryDeps, userId: string, code: string): Uint8Array<ArrayBuffer> {
  const key = deps.derivedKeys.recoveryCodes.revealBytes();
  try {
    const text = `${userId}\n${readTypedCode(code)}`;
    return Uint8Array.from(createHmac("sha256", key).update(text).digest());
  } finally {
    key.fill(0);
  }
}
