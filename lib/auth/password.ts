import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { GuessablePasswordError } from "#lib/auth/errors.ts";
import { newPasswordSchema } from "#lib/auth/schema.ts";
import type { Secret } from "#lib/core/secret.ts";

/** How much work one hash is. Raise it freely: older hashes are made anew at the next sign-in. */
export type HashCost = { memoryKiB: number; passes: number; lanes: number };

export const HASH_COST: HashCost = { memoryKiB: 32 * 1024, passes: 3, lanes: 1 };
/** Guesses that an attacker who knows the person needs: ten to this power, at least. */
const MIN_GUESSES_LOG10 = 10;

/** Letters and digits that must be left when all that is known about the person is taken away. */
const MIN_UNKNOWN_LENGTH = 8;
const firstTried = ["meshmesh", "studio", "salesforce", "marketing", "cloud"];

const argon2id = 2;
const phcPattern = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/;

// Composed first: one password typed on two keyboards is one password.
const composed = (password: Secret) => password.reveal().normalize("NFC");

/** Argon2id with a salt of its own, as a PHC string (WEB-1). */
export async function hashPassword(password: Secret, cost: HashCost = HASH_COST): Promise<string> {
  return hash(composed(password), {
    algorithm: argon2id,
    memoryCost: cost.memoryKiB,
    timeCost: cost.passes,
    parallelism: cost.lanes,
  });
}

/** True where a hash was made with less work than is asked today. */
export function isHashOutdated(passwordHash: string, cost: HashCost = HASH_COST): boolean {
  const [, memoryKiB, passes, lanes] = phcPattern.exec(passwordHash) ?? [];
  return (
    Number(memoryKiB ?? 0) < cost.memoryKiB ||
    Number(passes ?? 0) < cost.passes ||
    Number(lanes ?? 0) < cost.lanes
  );
}

let standIn: Promise<string> | undefined;
async function standInHash(): Promise<string> {
  standIn ??= hash(randomBytes(32), {
    algorithm: argon2id,
    memoryCost: HASH_COST.memoryKiB,
    timeCost: HASH_COST.passes,
    parallelism: HASH_COST.lanes,
  });
  return standIn;
}

/**
 * Compares a password with a stored hash. Without a hash (no such person, or no password) the same
 * work is done against a hash that nobody's password fits, so the time tells nothing (WEB-1).
 */
export async function verifyPassword(
  passwordHash: string | null,
  password: Secret,
): Promise<boolean> {
  const other = await standInHash();
  const matches = await verify(passwordHash ?? other, composed(password));
  return passwordHash !== null && matches;
}

let estimator: ZxcvbnFactory | undefined;

/**
 * Refuses a new password that is too short, too long or easy to guess: a common one, a pattern, or
 * made of what is known about the person (WEB-1).
 *
 * @param path - the input's field, for the form
 * @param knownAboutThem - e-mail, names: what an attacker would try first
 * @throws {GuessablePasswordError} with words for the person; never the password
 */
export function requireGoodPassword(
  password: Secret,
  path: string,
  knownAboutThem: readonly string[],
): void {
  const parsed = newPasswordSchema.safeParse(password.reveal());
  if (!parsed.success) {
    throw new GuessablePasswordError(
      path,
      parsed.error.issues[0]?.message ?? "Choose another one.",
    );
  }
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const words = knownAboutThem.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  const known = [...words, ...firstTried].filter((word) => word.length > 2);
  const isGuessable =
    estimator.check(composed(password), known).guessesLog10 < MIN_GUESSES_LOG10 ||
    lengthWithout(known, composed(password)) < MIN_UNKNOWN_LENGTH;
  if (isGuessable) {
    throw new GuessablePasswordError(
      path,
      "This password is easy to guess. Four or five unrelated words are better.",
    );
  }
}

// The estimator takes the separators between known words for chance.
function lengthWithout(words: readonly string[], password: string): number {
  const rest = [...words]
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word.toLowerCase(), " "), password.toLowerCase());
  return [...rest.replace(/[^\p{L}\p{N}]/gu, "")].length;
}
