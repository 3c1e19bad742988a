import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createAgentApi } from "#lib/agent-api/app.ts";
import { authenticateCaller } from "#lib/broker/authenticate-caller.ts";
import { loadEnv } from "#lib/core/env.ts";
import { Secret } from "#lib/core/secret.ts";
import { createDatabase } from "#lib/db/client.ts";
import { assembleDeps, type StudioDeps } from "#lib/deps.ts";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { createEgress, type Egress } from "#lib/egress/egress.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { createShutdown } from "#lib/http/shutdown.ts";
import { addKeyVersion, isRotationUnfinished, rewrapAll } from "#lib/operator/rotate-keys.ts";
import { createPlanExecutor } from "#lib/plans/execute-plan.ts";
import { testClock } from "#lib/testing/clock.ts";
import type { OtherProcessSettings, OtherProcessTask } from "#lib/testing/other-process.ts";
import { sharedStoreOf } from "#lib/testing/shared-store.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { createKeyRing } from "#lib/vault/key-ring.ts";
import { loadKeys } from "#lib/vault/keys.ts";

type Message = { settings: OtherProcessSettings; task: OtherProcessTask };

async function work({ settings, task }: Message): Promise<void> {
  const { vaultKey, rootKey, databaseUrl, connectMap, caPem, demoUrl, spoolDir, now } = settings;
  const db = createDatabase(databaseUrl, { poolSize: 5 });
  const egress = createEgress({
    demoOrigin: demoUrl,
    connectMap: parseConnectMap(connectMap, "http://localhost:3000"),
    ca: [caPem],
  });
  const deps = assembleDeps({
    settings: loadEnv({
      DEMO_URL: demoUrl,
      REDIS_URL: settings.redisUrl ?? "",
      LOG_LEVEL: "silent",
      SPOOL_DIR: spoolDir,
      STUDIO_DATA_DIR: task.do === "rotate-keys" ? task.dataDir : "",
    }),
    db,
    databaseUrl,
    keyRing:
      task.do === "rotate-keys"
        ? loadKeys({ env: {}, dataDir: task.dataDir }).keyRing
        : createKeyRing([{ id: "test", key: new Secret(Buffer.from(vaultKey, "base64")) }]),
    derivedKeys: deriveKeys(new Secret(Buffer.from(rootKey, "base64"))),
    clock: testClock(new Date(now)),
    egress: egressOf(task, egress),
    ...(settings.redisUrl ? { volatile: await sharedStoreOf(settings) } : {}),
  });
  if (task.do === "authenticate") await watchKey(deps, task.key);
  else if (task.do === "authenticate-each") await watchKeys(deps, task.keys);
  else if (task.do === "watch-token") await watchToken(deps, task);
  else if (task.do === "disconnect") await disconnectGrant(deps, task.principal, task.grantId);
  else if (task.do === "serve") await serveAgents(deps);
  else if (task.do === "rotate-keys") await rotate(deps, task.stopAfter);
  else if (task.do === "refresh") await refresh(deps, task);
  else if (task.do === "apply-plan") await applyPlan(deps, task);
  else await attemptDueRevocations(deps);
  await deps.planExecutor.stop();
  await deps.refreshes.stop();
  await egress.close();
  await Promise.all([deps.changes.stop(), deps.instance.stop(), deps.volatile.close()]);
  await Promise.all([deps.hotPool.end(), db.$disconnect()]);
  process.exit(0);
}

/** Until this process is killed. */
async function watchKey(deps: StudioDeps, key: string): Promise<void> {
  for (let before: boolean | null = null; ; ) {
    const isAccepted = (await authenticateCaller(deps, key)) !== null;
    if (isAccepted !== before) process.send?.({ isAccepted });
    before = isAccepted;
    await setTimeout(1);
  }
}

/** Until this process is killed. */
async function watchKeys(deps: StudioDeps, keys: readonly string[]): Promise<void> {
  const lastTakenAt = keys.map(() => 0);
  for (let before = ""; ; ) {
    const taken: boolean[] = [];
    for (const [at, key] of keys.entries()) {
      const beganAt = performance.timeOrigin + performance.now();
      taken.push((await authenticateCaller(deps, key)) !== null);
      if (taken[at]) lastTakenAt[at] = beganAt;
    }
    if (String(taken) !== before) process.send?.({ taken, lastTakenAt });
    before = String(taken);
    await setTimeout(1);
  }
}

/** A pause that is longer than what was heard may count. */
const PAUSED_MS = 1_000;

/** Until this process is killed. */
async function watchToken(
  deps: StudioDeps,
  { grantId: id, generation }: { grantId: string; generation: number },
): Promise<void> {
  await deps.changes.current();
  await deps.accessTokens.find({ id, generation });
  let before: boolean | null = null;
  for (let lastMs = performance.now(); ; lastMs = performance.now()) {
    await setTimeout(1);
    const isHeld = deps.accessTokens.get({ id, generation }) !== null;
    if (isHeld !== before) process.send?.({ isHeld });
    before = isHeld;
    const wasPaused = performance.now() - lastMs > PAUSED_MS;
    if (wasPaused) process.send?.({ isCurrentAfterPause: deps.changes.isCurrent() });
  }
}

function egressOf(task: OtherProcessTask, egress: Egress): Egress {
  if (task.do === "refresh") return announcing(egress, task.isHeldUp);
  return task.do === "apply-plan" ? heldUpAtWrite(egress, task.heldUp) : egress;
}

/** Says when it is about to send its first write, or has the answer to it, and waits to be told. */
function heldUpAtWrite(
  egress: Egress,
  heldUp: { at: "sending" | "answered"; path: string } | null,
): Egress {
  if (heldUp === null) return egress;
  const { at, path } = heldUp;
  let isFirst = true;
  const word = once(process, "message");
  return {
    ...egress,
    async stream(request) {
      const isHeldUp = isFirst && request.path.startsWith(path);
      if (isHeldUp) isFirst = false;
      const holdUp = async (when: typeof at) => {
        if (!isHeldUp || when !== at) return;
        process.send?.(at);
        await word;
      };
      await holdUp("sending");
      const answer = await egress.stream(request);
      await holdUp("answered");
      return answer;
    },
  };
}

async function applyPlan(
  deps: StudioDeps,
  { planId, looks }: OtherProcessTask & { do: "apply-plan" },
): Promise<void> {
  const executor = createPlanExecutor(deps, { looks });
  await executor.run(planId);
  await executor.stop();
  const plan = await deps.db.plan.findUniqueOrThrow({ where: { id: planId } });
  process.send?.({ state: plan.state, fence: plan.fence });
}

/** Says when it is between its intent and its call; where it is held up there, until it is told once. */
function announcing(egress: Egress, isHeldUp: boolean): Egress {
  const word = isHeldUp ? once(process, "message") : null;
  return {
    ...egress,
    async send(request) {
      process.send?.("calling");
      await word;
      return egress.send(request);
    },
  };
}

async function refresh(
  deps: StudioDeps,
  { grant, callers }: OtherProcessTask & { do: "refresh" },
): Promise<void> {
  const ends = await Promise.all(
    Array.from({ length: callers }, () =>
      freshAccessToken(deps, grant).then(
        ({ version }) => ({ version }),
        (error: { code?: string }) => ({ code: error.code ?? String(error) }),
      ),
    ),
  );
  process.send?.({ ends });
}

async function serveAgents(deps: StudioDeps): Promise<void> {
  const server = createServer();
  const shutdown = createShutdown({
    server,
    graceMs: 25_000,
    endRefreshes: () => deps.refreshes.stop(),
    endJobs: async () => {},
    flush: () => deps.leaseBook.idle(),
    onTrouble: (step, error) => process.send?.({ trouble: step, error: String(error) }),
  });
  const handleAgent = createAgentApi(deps, shutdown);
  server.on("request", (req, res) => {
    if (req.url === "/ready") res.writeHead(shutdown.isStopping ? 503 : 200).end();
    else handleAgent(req, res);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send?.({ port: (server.address() as AddressInfo).port });
  await once(process, "SIGTERM");
  await shutdown.stop();
}

async function rotate(deps: StudioDeps, stopAfter: number | null): Promise<void> {
  if (!(await isRotationUnfinished(deps))) await addKeyVersion(deps);
  let batches = 0;
  await rewrapAll(deps, async () => {
    if (++batches !== stopAfter) return;
    process.send?.("stopped");
    await new Promise(() => {});
  });
}

process.channel?.ref();
process.once("message", (message: Message) => void work(message));
