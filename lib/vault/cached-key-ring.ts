import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";
import { KeySourceUnavailableError } from "#lib/vault/errors.ts";
import { createKeyRing, type KeyEntry, type KeyRing } from "#lib/vault/key-ring.ts";

/** Where keys are kept; another process may change what it gives. */
export type KeySource = {
  /** All versions, the active one first. @throws when it does not answer, or not with fit keys */
  read(): readonly KeyEntry[] | Promise<readonly KeyEntry[]>;
};

/** So long a ring is used without asking its source: within it every process takes up a new version. */
export const keysFreshMs = 5_000;
/** So long it serves while the source does not answer; then it refuses. */
export const keysKeptMs = 60_000;

/**
 * A ring over a source that is asked again every few seconds, and at once for a version that is not known
 * yet, because another process rotates (VA-6). What it holds is bounded by age: with its source away it
 * goes on for a minute and then refuses, retryably (VA-7).
 *
 * @param entries - as just read from the source
 */
export function createCachedKeyRing(
  deps: { clock: Clock; source: KeySource },
  entries: readonly KeyEntry[],
): KeyRing {
  const { clock, source } = deps;
  let held = { ring: createKeyRing(entries), atMs: clock.monotonicMs() };
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    try {
      const ring = createKeyRing(await source.read());
      held = { ring, atMs: clock.monotonicMs() };
    } catch (cause) {
      throw new KeySourceUnavailableError("the source of keys does not answer", { cause });
    }
  }
  const readOnce = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };

  async function get(keyId: string): Promise<Secret | undefined> {
    const ageMs = clock.monotonicMs() - held.atMs;
    if (ageMs >= keysFreshMs) {
      await readOnce().catch((error: unknown) => {
        if (ageMs >= keysKeptMs) throw error;
      });
    }
    const known = await held.ring.get(keyId);
    if (known !== undefined) return known;
    await readOnce();
    return held.ring.get(keyId);
  }

  return Object.freeze({
    get activeKeyId() {
      return held.ring.activeKeyId;
    },
    get keyIds() {
      return held.ring.keyIds;
    },
    get,
  });
}
