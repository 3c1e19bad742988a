import type { Secret } from "#lib/core/secret.ts";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { keyBytes, keyIdPattern } from "#lib/vault/sealed-format.ts";

/**
 * The vault's keys by version, from wherever they are kept (VA-7): memory now, a key service later.
 * `get` gives undefined for a version that does not exist.
 *
 * @throws {KeySourceUnavailableError} from `get`, when the source does not answer
 */
export type KeyRing = {
  readonly activeKeyId: string;
  readonly keyIds: readonly string[];
  get(keyId: string): Promise<Secret | undefined>;
};

export type KeyEntry = { id: string; key: Secret };

/** A ring over keys already checked; the first is active. */
export function createKeyRing(entries: readonly KeyEntry[]): KeyRing {
  const byId = new Map(entries.map((entry) => [entry.id, entry.key]));
  const [first] = entries;
  if (first === undefined || byId.size !== entries.length) {
    throw new TypeError("a key ring needs at least one key, and each id once");
  }
  for (const { id, key } of entries) {
    if (!keyIdPattern.test(id) || key.byteLength !== keyBytes) {
      throw new TypeError("a key ring takes 32-byte keys under plain ids");
    }
  }
  return Object.freeze({
    activeKeyId: first.id,
    keyIds: Object.freeze([...byId.keys()]),
    get: async (keyId: string) => byId.get(keyId),
  });
}

/**
 * Refuses a ring that lacks a version which stored rows are sealed under (VA-4).
 *
 * @param usedKeyIds - as they stand in sealed values, repeats allowed
 * @throws {KeyConfigurationError}
 */
export function assertKeysFor(
  keyRing: KeyRing,
  usedKeyIds: Iterable<string>,
  setting = "VAULT_KEYS",
): void {
  const missing = [...new Set(usedKeyIds)].filter((id) => !keyRing.keyIds.includes(id)).sort();
  if (missing.length === 0) return;
  const named = missing
    .filter((id) => keyIdPattern.test(id))
    .slice(0, 5)
    .join(", ");
  throw new KeyConfigurationError(
    setting,
    `stored credentials are sealed with ${missing.length} key version(s) that are not here (${named})`,
  );
}
