import { decrypt, encrypt } from "#lib/vault/cipher.ts";
import { KeySourceUnavailableError, UnreadableSecretError } from "#lib/vault/errors.ts";
import type { KeyRing } from "#lib/vault/key-ring.ts";
import { keyBytes, nonceBytes, tagBytes } from "#lib/vault/sealed-format.ts";
import { encodeContext, type SecretContext } from "#lib/vault/secret-context.ts";
import type { WrapCounter } from "#lib/vault/wrap-counter.ts";

export type WrapDeps = { keyRing: KeyRing; wrapCounter: WrapCounter };

const wrapLabel = (keyId: string) => `meshmesh/vault/v1/data-key/${keyId}`;

/** What binds the secret itself; without the key's id, so that a rewrap leaves it as it is. */
export const secretLabel = "meshmesh/vault/v1/secret";

/** Wraps a data key with the active key version, counted before it is done (VA-8). */
export async function wrapDataKey(
  deps: WrapDeps,
  dataKey: Buffer,
  context: SecretContext,
): Promise<{ keyId: string; wrappedKey: Buffer }> {
  const keyId = deps.keyRing.activeKeyId;
  const held = await deps.keyRing.get(keyId);
  if (held === undefined) throw new KeySourceUnavailableError(`active key ${keyId} is not given`);
  await deps.wrapCounter.count(keyId);
  const key = held.revealBytes();
  try {
    const { nonce, ciphertext, tag } = encrypt(
      key,
      dataKey,
      encodeContext(wrapLabel(keyId), context),
    );
    return { keyId, wrappedKey: Buffer.concat([nonce, ciphertext, tag]) };
  } finally {
    key.fill(0);
  }
}

/** @returns the data key, the caller's to wipe @throws {UnreadableSecretError} */
export async function unwrapDataKey(
  deps: Pick<WrapDeps, "keyRing">,
  keyId: string,
  wrappedKey: Buffer,
  context: SecretContext,
): Promise<Buffer> {
  const held = await deps.keyRing.get(keyId);
  if (held === undefined) throw new UnreadableSecretError();
  const key = held.revealBytes();
  try {
    const parts = {
      nonce: wrappedKey.subarray(0, nonceBytes),
      ciphertext: wrappedKey.subarray(nonceBytes, nonceBytes + keyBytes),
      tag: wrappedKey.subarray(nonceBytes + keyBytes, nonceBytes + keyBytes + tagBytes),
    };
    return decrypt(key, parts, encodeContext(wrapLabel(keyId), context));
  } finally {
    key.fill(0);
  }
}
