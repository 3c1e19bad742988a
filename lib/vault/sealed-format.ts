import { UnreadableSecretError } from "#lib/vault/errors.ts";

export const keyBytes = 32;
export const nonceBytes = 12;
export const tagBytes = 16;
const wrappedBytes = nonceBytes + keyBytes + tagBytes;

export const sealedVersion = "v1";

/** Key ids have no dot, so that they can stand in a sealed value. */
export const keyIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** A sealed value's parts, as bytes of the right lengths; nothing is yet proven about them. */
export type SealedParts = {
  keyId: string;
  /** nonce, encrypted data key and tag, in this order */
  wrappedKey: Buffer;
  nonce: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
};

/** `v1.<key id>.<wrapped key>.<nonce>.<ciphertext>.<tag>`, bytes as base64url without padding. */
export function formatSealed(parts: SealedParts): string {
  const bytes = [parts.wrappedKey, parts.nonce, parts.ciphertext, parts.tag];
  return [sealedVersion, parts.keyId, ...bytes.map((part) => part.toString("base64url"))].join(".");
}

function decode(text: string, byteCount?: number): Buffer {
  const bytes = Buffer.from(text, "base64url");
  // Node skips what is not base64; only the one canonical spelling is taken.
  if (bytes.byteLength === 0 || bytes.toString("base64url") !== text) {
    throw new UnreadableSecretError();
  }
  if (byteCount !== undefined && bytes.byteLength !== byteCount) throw new UnreadableSecretError();
  return bytes;
}

/** @throws {UnreadableSecretError} another version, or any part missing, misspelt or of another length (VA-3) */
export function parseSealed(sealed: string): SealedParts {
  const [version, keyId, wrappedKey, nonce, ciphertext, tag, ...rest] = sealed.split(".");
  if (version !== sealedVersion || rest.length > 0) throw new UnreadableSecretError();
  if (keyId === undefined || !keyIdPattern.test(keyId)) throw new UnreadableSecretError();
  return {
    keyId,
    wrappedKey: decode(wrappedKey ?? "", wrappedBytes),
    nonce: decode(nonce ?? "", nonceBytes),
    ciphertext: decode(ciphertext ?? ""),
    tag: decode(tag ?? "", tagBytes),
  };
}

/** True where both are one sealing of one secret: a rewrap changes only what wraps its data key. */
export function isSameSealing(a: string, b: string): boolean {
  const secretOf = (sealed: string) => sealed.split(".").slice(3).join(".");
  return secretOf(a) !== "" && secretOf(a) === secretOf(b);
}
