import { randomBytes } from "node:crypto";
import type { Secret } from "#lib/core/secret.ts";
import { encrypt } from "#lib/vault/cipher.ts";
import { secretLabel, type WrapDeps, wrapDataKey } from "#lib/vault/data-key.ts";
import { formatSealed, keyBytes } from "#lib/vault/sealed-format.ts";
import { encodeContext, type SecretContext } from "#lib/vault/secret-context.ts";

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
  const dataKey = randomBytes(keyBytes);
  const plain = secret.revealBytes();
  try {
    const wrapped = await wrapDataKey(deps, dataKey, context);
    return formatSealed({
      ...wrapped,
      ...encrypt(dataKey, plain, encodeContext(secretLabel, context)),
    });
  } finally {
    dataKey.fill(0);
    plain.fill(0);
  }
}
