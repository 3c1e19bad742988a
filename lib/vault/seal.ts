import { randomBytes } from "node:crypto";
import type { Secret } from "#lib/core/secret.ts";
import { encrypt } from "#lib/vault/cipher.ts";
import { secretLabel, type WrapDeps, wrapDataKey } from "#lib/vault/data-key.ts";
import { formatSealed, keyBytes } from "#lib/vault/sealed-format.ts";
import { encodeContext, type SecretContext } from "#lib/vault/secret-context.ts";

/** Seals one secret for the place it was prepared for, with nothing but memory; once. */
export type PreparedSeal = {
  /** @throws {TypeError} an empty secret, or a second one */
  seal(secret: Secret): string;
  /** Wipes the key of a seal that is not needed after all. */
  discard(): void;
};

/**
 * Does beforehand what sealing may fail at: the data key is made, counted and wrapped, so that a secret
 * that comes later is sealed whatever has become of database and key source (RF-4, RF-5).
 *
 * @throws {KeyExhaustedError} the active version may wrap no more (VA-8)
 * @throws {KeySourceUnavailableError} safe to repeat
 */
export async function prepareSeal(deps: WrapDeps, context: SecretContext): Promise<PreparedSeal> {
  const dataKey = randomBytes(keyBytes);
  const wrapped = await wrapDataKey(deps, dataKey, context).catch((error: unknown) => {
    dataKey.fill(0);
    throw error;
  });
  let isUsed = false;
  return {
    seal(secret) {
      if (secret.byteLength === 0) throw new TypeError("an empty secret is not sealed");
      // A data key is used for one secret and one write (VA-1).
      if (isUsed) throw new TypeError("a prepared seal is used once");
      isUsed = true;
      const plain = secret.revealBytes();
      try {
        const encrypted = encrypt(dataKey, plain, encodeContext(secretLabel, context));
        return formatSealed({ ...wrapped, ...encrypted });
      } finally {
        dataKey.fill(0);
        plain.fill(0);
      }
    },
    discard() {
      isUsed = true;
      dataKey.fill(0);
    },
  };
}

/**
 * Encrypts a secret for one place (VA-1, VA-2): under a data key made for this write and used for no
 * other, itself wrapped by the active key version.
 *
 * @returns text to store: `v1.<key id>.<wrapped key>.<nonce>.<ciphertext>.<tag>`
 * @throws {KeyExhaustedError} the active version may wrap no more (VA-8)
 * @throws {KeySourceUnavailableError} safe to repeat
 * @see SP 800-38D; security rows VA-1, VA-2, VA-8
 */
export async function seal(
  deps: WrapDeps,
  secret: Secret,
  context: SecretContext,
): Promise<string> {
  if (secret.byteLength === 0) throw new TypeError("an empty secret is not sealed");
  const prepared = await prepareSeal(deps, context);
  try {
    return prepared.seal(secret);
  } finally {
    prepared.discard();
  }
}
