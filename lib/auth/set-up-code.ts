import { createHash } from "node:crypto";
import { makeTypedCode, readTypedCode } from "#lib/auth/typed-code.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";

const GROUPS = 5; // 100 bits
const CODE_LIFE_MS = 30 * 24 * 3_600_000;

/** True once somebody has set this studio up. */
export async function hasOwner(deps: { db: DatabaseOrTransaction }): Promise<boolean> {
  return (await deps.db.user.findFirst({ select: { id: true } })) !== null;
}

/**
 * Makes a one-time code for the server's terminal while there is no owner; each process has its own.
 *
 * @returns five groups of four characters, 100 random bits, of which only the hash is stored;
 *   `null` where there is an owner already
 */
export async function announceSetup(deps: {
  db: DatabaseOrTransaction;
  clock: Clock;
  random: Random;
}): Promise<Secret | null> {
  if (await hasOwner(deps)) return null;
  const code = makeTypedCode(deps.random, GROUPS);
  await deps.db.setupCode.deleteMany({ where: { createdAt: { lt: oldest(deps.clock) } } });
  await deps.db.setupCode.create({
    data: {
      id: deps.random.uuid(),
      codeHash: hashOf(readTypedCode(code)),
      createdAt: deps.clock.now(),
    },
  });
  return new Secret(code);
}

/** True for a code that a running server printed. Case, spaces and dashes do not matter. */
export async function isSetUpCode(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  code: Secret,
): Promise<boolean> {
  const found = await deps.db.setupCode.findFirst({
    where: {
      codeHash: hashOf(readTypedCode(code.reveal())),
      createdAt: { gte: oldest(deps.clock) },
    },
    select: { id: true },
  });
  return found !== null;
}

/** No code is valid any more. */
export async function removeSetUpCodes(deps: { db: DatabaseOrTransaction }): Promise<void> {
  await deps.db.setupCode.deleteMany({});
}

const oldest = (clock: Clock) => new Date(clock.now().getTime() - CODE_LIFE_MS);
const hashOf = (symbols: string) =>
  Uint8Array.from(createHash("sha256").update(`setup-code:${symbols}`).digest());
