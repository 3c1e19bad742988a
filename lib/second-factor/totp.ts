import { timingSafeEqual } from "node:crypto";
import { HOTP, Secret as OtpSecret, TOTP } from "otpauth";
import type { Secret } from "#lib/core/secret.ts";

/** What every authenticator app understands (RFC 6238). */
const TOTP_STEP_SECONDS = 30;
export const TOTP_SECRET_BYTES = 20;
const DIGITS = 6;
const ALGORITHM = "SHA1";
/** Clocks differ: one step before and after is taken too. */
const TOLERATED_STEPS = 1;
const ISSUER = "MeshMesh Studio";

export const totpStepAt = (at: Date): number =>
  Math.floor(at.getTime() / 1_000 / TOTP_STEP_SECONDS);

/** The code of a time step. */
export function totpCode(secret: Secret, step: number): string {
  return HOTP.generate({
    secret: otpSecret(secret),
    counter: step,
    digits: DIGITS,
    algorithm: ALGORITHM,
  });
}

/**
 * The time step whose code this is, around `at` and after the last one taken; `null` for none. The time
 * it takes does not depend on how much of the code is right, nor on which step it is.
 *
 * @param code - six digits
 * @param lastStep - of the last code that was taken; it and those before count no more
 * @see RFC 6238 §5.2; RFC 4226 §7
 */
export function matchingStep(
  secret: Secret,
  code: string,
  at: Date,
  lastStep: number | null,
): number | null {
  const now = totpStepAt(at);
  const given = Buffer.from(code);
  let found: number | null = null;
  for (let step = now - TOLERATED_STEPS; step <= now + TOLERATED_STEPS; step++) {
    const expected = Buffer.from(totpCode(secret, step));
    const fits = given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
    if (fits && step > (lastStep ?? -1)) found = step;
  }
  return found;
}

/** What an app is told: the secret for typing, and as an address for its camera. */
export function totpSetUp(secret: Secret, email: string): { base32: string; uri: string } {
  const totp = new TOTP({
    issuer: ISSUER,
    label: email,
    secret: otpSecret(secret),
    digits: DIGITS,
    period: TOTP_STEP_SECONDS,
    algorithm: ALGORITHM,
  });
  return { base32: totp.secret.base32, uri: totp.toString() };
}

const otpSecret = (secret: Secret) =>
  new OtpSecret({ buffer: Uint8Array.from(secret.revealBytes()).buffer });
