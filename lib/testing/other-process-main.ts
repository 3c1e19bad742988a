import { setTimeout } from "node:timers/promises";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { loadEnv } from "#lib/core/env.ts";
import { Secret } from "#lib/core/secret.ts";
import { createDatabase } from "#lib/db/client.ts";
import { assembleDeps, type StudioDeps } from "#lib/deps.ts";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { testClock } from "#lib/testing/clock.ts";
import type { OtherProcessSettings, OtherProcessTask } from "#lib/testing/other-process.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { createKeyRing } from "#lib/vault/key-ring.ts";

type Message = { settings: OtherProcessSettings; task: OtherProcessTask };

async function work({ settings, task }: Message): Promise<void> {
  const { vaultKey, rootKey, databaseUrl, connectMap, caPem, demoUrl, now } = settings;
  const db = createDatabase(databaseUrl, { poolSize: 5 });
  const egress = createEgress({
    demoOrigin: demoUrl,
    connectMap: parseConnectMap(connectMap, "http://localhost:3000"),
    ca: [caPem],
  });
  const deps = assembleDeps({
    settings: loadEnv({ DEMO_URL: demoUrl, LOG_LEVEL: "silent" }),
    db,
    databaseUrl,
    keyRing: createKeyRing([{ id: "test", key: new Secret(Buffer.from(vaultKey, "base64")) }]),
    derivedKeys: deriveKeys(new Secret(Buffer.from(rootKey, "base64"))),
    clock: testClock(new Date(now)),
    egress,
  });
  if (task.do === "authenticate") await watchKey(deps, task.key);
  else if (task.do === "disconnect") await disconnectGrant(deps, task.principal, task.grantId);
  else await attemptDueRevocations(deps);
  await egress.close();
  await Promise.all([deps.changes.stop(), deps.hotPool.end(), db.$disconnect()]);
  process.exit(0);
}

/** Until this process is killed. */
async function watchKey(deps: StudioDeps, key: string): Promise<void> {
  for (let before: boolean | null = null; ; ) {
    const isAccepted = (await authenticateAgent(deps, key)) !== null;
    if (isAccepted !== before) process.send?.({ isAccepted });
    before = isAccepted;
    await setTimeout(1);
  }
}

process.channel?.ref();
process.once("message", (message: Message) => void work(message));
