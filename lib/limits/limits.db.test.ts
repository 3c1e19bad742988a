import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "#lib/core/clock.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createLimits } from "#lib/limits/limits.ts";
import { testRedis } from "#lib/testing/redis.ts";
import { openRedisVolatileStore } from "#lib/volatile/redis-volatile-store.ts";

const redis = await testRedis();
const namingKey = new Secret(randomBytes(32));

async function instance() {
  const store = await openRedisVolatileStore({
    url: redis.url,
    namingKey,
    log: createLogger({ level: "silent" }),
    answerLimitMs: 10_000,
  });
  const limits = createLimits({ clock: systemClock, store });
  onTestFinished(async () => {
    await limits.stop();
    await store.close();
  });
  return { limits, store };
}

test("[BRK-10] three instances on one Redis grant one limit together", async () => {
  const instances = [await instance(), await instance(), await instance()];
  const limit = { key: "a", limit: 300, windowSeconds: 3_600 };
  let granted = 0;
  const takeAll = () => {
    for (const each of instances) if (each.limits.take([limit]).allowed) granted += 1;
  };
  for (let quiet = 0; quiet < 200; ) {
    const before = granted;
    takeAll();
    quiet = granted === before ? quiet + 1 : 0;
    // At the server's own pace: what was shared before is answered before this is.
    await Promise.all(instances.map(({ store }) => store.get("pace")));
  }
  expect(granted).toBeGreaterThanOrEqual(300);
  expect(granted).toBeLessThanOrEqual(300 + 3 * 30 + 30);
});
