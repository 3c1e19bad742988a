import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { UnreadableSecretError } from "#lib/vault/errors.ts";
import { nonceBytes, tagBytes } from "#lib/vault/sealed-format.ts";

const algorithm = "aes-256-gcm";

export type Encrypted = { nonce: Buffer; ciphertext: Buffer; tag: Buffer };

/** AES-256-GCM under a nonce drawn here, so that no caller can repeat one (SP 800-38D §8.2.2). */
export function encrypt(key: Buffer, plain: Buffer, associatedData: Buffer): Encrypted {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, {
    authTagLength: tagBytes,
  });
  cipher.setAAD(associatedData);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

/** @throws {UnreadableSecretError} for every failure */
export function decrypt(key: Buffer, parts: Encrypted, associatedData: Buffer): Buffer {
  // Node would take a nonce of any length.
  if (parts.nonce.byteLength !== nonceBytes || parts.tag.byteLength !== tagBytes) {
    throw new UnreadableSecretError();
  }
  const decipher = createDecipheriv(algorithm, key, parts.nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(parts.tag);
  const plain = decipher.update(parts.ciphertext);
  try {
    decipher.final();
    return plain;
  } catch {
    plain.fill(0);
    throw new UnreadableSecretError();
  }
}
