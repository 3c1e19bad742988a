import { createHmac } from "node:crypto";
import { Secret } from "#lib/core/secret.ts";
import { decrypt, encrypt } from "#lib/vault/cipher.ts";
import { nonceBytes, tagBytes } from "#lib/vault/sealed-format.ts";

/** What may be put in the hands of a store that all instances share, for minutes (VA-9). */
export type SharedBox = {
  /** @param about - what this is and of whom; it opens only for the same */
  seal(secret: Secret, about: SharedContext): Buffer;
  /** @throws {UnreadableSecretError} for every failure */
  open(sealed: Uint8Array, about: SharedContext): Secret;
};

/** `of`: whose it is, which also chooses the key; `facts`: all else that it is bound to. */
export type SharedContext = { of: string; facts: Uint8Array };

const label = "meshmesh-studio/shared-box/v1";

/**
 * AES-256-GCM under a key for each owner, derived from the instances' common one: however often everything
 * is sealed anew, no key comes near the number of random nonces it may be used with (SP 800-38D §8.3).
 */
export function createSharedBox(key: Secret): SharedBox {
  const root = key.revealBytes();
  const keyFor = (of: string) => createHmac("sha256", root).update(`${label}\0${of}`).digest();
  const bound = ({ of, facts }: SharedContext) =>
    Buffer.concat([Buffer.from(`${label}\0${of}\0`), facts]);
  return {
    seal(secret, about) {
      const own = keyFor(about.of);
      const plain = secret.revealBytes();
      const { nonce, tag, ciphertext } = encrypt(own, plain, bound(about));
      own.fill(0);
      plain.fill(0);
      return Buffer.concat([nonce, tag, ciphertext]);
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const own = keyFor(about.of);
      const tagEnd = nonceBytes + tagBytes;
      const parts = {
        nonce: bytes.subarray(0, nonceBytes),
        tag: bytes.subarray(nonceBytes, tagEnd),
        ciphertext: bytes.subarray(tagEnd),
      };
      try {
        const plain = decrypt(own, parts, bound(about));
        const secret = new Secret(plain);
        plain.fill(0);
        return secret;
      } finally {
        own.fill(0);
      }
    },
  };
}
