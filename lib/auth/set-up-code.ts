import { createHash } from "node:crypto";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";

// Crockford's base 32: no letter that could be taken for a digit.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 5;
const GROUP_LENGTH = 4;
const CODE_LENGTH = GROUPS * GROUP_LENGTH; // 100 bits
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
  const bytes = Buffer.from(deps.random.token(CODE_LENGTH), "base64url");
  const symbols = [...bytes].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
  const groups = Array.from({ length: GROUPS }, (_, group) =>
    symbols.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH),
  );
  await deps.db.setupCode.deleteMany({ where: { createdAt: { lt: oldest(deps.clock) } } });
  await deps.db.setupCode.create({
    data: { id: deps.random.uuid(), codeHash: hashOf(symbols), createdAt: deps.clock.now() },
  });
  return new Secret(groups.join("-"));
}

/** True for a code that a running server printed. Case, spaces and dashes do not matter. */
export async function isSetUpCode(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  code: Secret,
): Promise<boolean> {
  const symbols = code
    .reveal()
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  const found = await deps.db.setupCode.findFirst({
    where: { codeHash: hashOf(symbols), createdAt: { gte: oldest(deps.clock) } },
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
