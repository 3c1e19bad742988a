import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";
import { createInMemoryVolatileStore } from "#lib/volatile/in-memory-volatile-store.ts";
import { openRedisVolatileStore } from "#lib/volatile/redis-volatile-store.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

/**
 * The store that `REDIS_URL` names, or this process's own where none is named.
 *
 * @throws {SettingsError} the server is not fit for it
 */
export async function openVolatileStore(deps: {
  redisUrl: Secret | null;
  namingKey: Secret;
  clock: Clock;
  log: Logger;
}): Promise<VolatileStore> {
  const { redisUrl, namingKey, clock, log } = deps;
  if (redisUrl === null) return createInMemoryVolatileStore(clock);
  return openRedisVolatileStore({ url: redisUrl, namingKey, log });
}
