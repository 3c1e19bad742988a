import { unwrapDataKey, type WrapDeps, wrapDataKey } from "#lib/vault/data-key.ts";
import { formatSealed, parseSealed } from "#lib/vault/sealed-format.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

/**
 * Moves a sealed value to the active key version (VA-6). The secret itself is not opened: only its
 * data key is wrapped anew, so the same secret stays under the same ciphertext.
 *
 * @returns the new text, or the same text where it is under the active version already
 * @throws {UnreadableSecretError} the row is its own problem; go on with the others (VA-12)
 */
export async function rewrap(
  deps: WrapDeps,
  sealed: string,
  context: SecretContext,
): Promise<string> {
  const parts = parseSealed(sealed);
  if (parts.keyId === deps.keyRing.activeKeyId) return sealed;
  const dataKey = await unwrapDataKey(deps, parts.keyId, parts.wrappedKey, context);
  try {
    return formatSealed({
      ...parts,
      ...(await wrapDataKey(deps, dataKey, context)),
    });
  } finally {
    dataKey.fill(0);
  }
}
