import { Secret } from "#lib/core/secret.ts";
import { decrypt } from "#lib/vault/cipher.ts";
import { secretLabel, unwrapDataKey } from "#lib/vault/data-key.ts";
import type { KeyRing } from "#lib/vault/key-ring.ts";
import { parseSealed } from "#lib/vault/sealed-format.ts";
import { encodeContext, type SecretContext } from "#lib/vault/secret-context.ts";

/** Why a secret is opened, for the audit: `refresh`, `code_exchange`, `revoke` … */
export type Opening = { purpose: string };

export type RecordedOpening = {
  purpose: string;
  context: SecretContext;
  keyId: string;
};

export type OpenDeps = {
  keyRing: KeyRing;
  /** Writes the opening to the audit trail; where it throws, the secret is not given (AUD-2). */
  recordOpening(opening: RecordedOpening): Promise<void>;
};

/**
 * Opens a sealed value in its place. The opening is recorded before the secret is given (VA-11);
 * what does not open is not recorded, as nothing was learnt.
 *
 * @param context - exactly as it was sealed
 * @throws {UnreadableSecretError} whatever the reason (VA-3)
 * @throws {KeySourceUnavailableError} safe to repeat
 * @throws whatever `recordOpening` throws
 */
export async function openSecret(
  deps: OpenDeps,
  sealed: string,
  context: SecretContext,
  opening: Opening,
): Promise<Secret> {
  if (opening.purpose.trim() === "") throw new TypeError("opening a secret needs a purpose");
  const parts = parseSealed(sealed);
  const dataKey = await unwrapDataKey(deps, parts.keyId, parts.wrappedKey, context);
  try {
    const plain = decrypt(dataKey, parts, encodeContext(secretLabel, context));
    try {
      await deps.recordOpening({
        purpose: opening.purpose,
        context,
        keyId: parts.keyId,
      });
      return new Secret(plain);
    } finally {
      plain.fill(0);
    }
  } finally {
    dataKey.fill(0);
  }
}
