import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { openRedisVolatileStore } from "#lib/volatile/redis-volatile-store.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

/** What a busy machine may take to answer. */
const PATIENT_MS = 10_000;

/** The store that a test's instances share; the same for all with this root key, base64. */
export const sharedStoreOf = (settings: {
  redisUrl: string | null;
  rootKey: string;
}): Promise<VolatileStore> =>
  openRedisVolatileStore({
    url: new Secret(settings.redisUrl ?? ""),
    namingKey: deriveKeys(new Secret(Buffer.from(settings.rootKey, "base64"))).sharedNames,
    log: createLogger({ level: "silent" }),
    answerLimitMs: PATIENT_MS,
  });
