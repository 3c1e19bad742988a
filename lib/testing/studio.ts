import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { createSession } from "#lib/auth/sessions.ts";
import { createConnection } from "#lib/connections/create-connection.ts";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { loadEnv } from "#lib/core/env.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { assembleDeps, type StudioDeps } from "#lib/deps.ts";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { beginFlow } from "#lib/grants/begin-flow.ts";
import { type CallbackOutcome, completeFlow } from "#lib/grants/complete-flow.ts";
import type { StartedFlow } from "#lib/grants/schema.ts";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import { testClock } from "#lib/testing/clock.ts";
import { type TestDatabase, testDatabase } from "#lib/testing/database.ts";
import type { OtherProcessSettings } from "#lib/testing/other-process.ts";
import type { TestRedis } from "#lib/testing/redis.ts";
import { sharedStoreOf } from "#lib/testing/shared-store.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { createKeyRing } from "#lib/vault/key-ring.ts";

/** Origin whose callbacks the seeded companies' apps have registered. */
export const testStudioUrl = "https://studio.meshmesh.example";

type GivenPerson = {
  role?: Role;
  teamId?: string;
  name?: string;
  /** They have a second factor and gave it just now. */
  secondFactor?: boolean;
};

export type TestStudio = {
  deps: StudioDeps & { clock: ReturnType<typeof testClock> };
  database: TestDatabase;
  simulator: Simulator;
  given: {
    /** A person with a session; without a team of their own they join the one given. */
    person(options?: GivenPerson): Promise<Principal>;
    /** Input as it comes over the wire: parsed here. */
    connection(principal: Principal, definition: object): Promise<string>;
  };
  /** What another process of this studio is told, see `second-process.ts`. */
  settingsOfAnother: OtherProcessSettings;
  /** Begins a flow as its browser does and keeps the cookie. */
  begin(principal: Principal, connectionId: string): Promise<StartedFlow & { binding: string }>;
  /** Signs in at the provider; gives the callback's query. */
  approve(flow: StartedFlow, username: string): Promise<URLSearchParams>;
  /** Brings a callback to the studio, from the browser that holds the flow's cookie. */
  callback(
    principal: Principal | null,
    flow: { flowId: string; binding: string },
    params: URLSearchParams,
    provider?: "salesforce" | "marketing-cloud",
  ): Promise<CallbackOutcome>;
  /** The whole way, for tests about something else. @returns the flow that came of it */
  connect(
    principal: Principal,
    connectionId: string,
    username: string,
  ): Promise<StartedFlow & { binding: string }>;
};

/**
 * A studio on a database of its own, with both providers under their true host names over TLS. Call
 * it once, at the top of a `*.db.test.ts`.
 *
 * @param options.redis - what its instances share
 */
export async function testStudio(options: { redis?: TestRedis } = {}): Promise<TestStudio> {
  const redisUrl = options.redis?.url.reveal() ?? null;
  const database = await testDatabase();
  const clock = testClock();
  const spoolDir = await mkdtemp(path.join(os.tmpdir(), "studio-spool-"));
  const [vaultKey, rootKey] = [randomBytes(32), randomBytes(32)];
  const simulator = await startSimulator({
    seed: "test",
    tls: true,
    control: false,
    studioUrl: testStudioUrl,
  });
  const egress = createEgress({
    demoOrigin: simulator.loopbackUrl,
    connectMap: parseConnectMap(simulator.connectMap(), "http://localhost:3000"),
    ca: [simulator.caPem],
  });
  const deps = {
    ...assembleDeps({
      settings: loadEnv({
        STUDIO_URL: testStudioUrl,
        DEMO_URL: simulator.loopbackUrl,
        SALESFORCE_CLIENT_ID: simulator.salesforce.studioClientId,
        SALESFORCE_PACKAGE_CLIENT_ID: simulator.salesforce.studioClientId,
        LOG_LEVEL: "silent",
        REDIS_URL: redisUrl ?? "",
        SPOOL_DIR: spoolDir,
      }),
      db: database.db,
      databaseUrl: database.url,
      keyRing: createKeyRing([{ id: "test", key: new Secret(vaultKey) }]),
      derivedKeys: deriveKeys(new Secret(rootKey)),
      clock,
      egress,
      ...(redisUrl
        ? { volatile: await sharedStoreOf({ redisUrl, rootKey: rootKey.toString("base64") }) }
        : {}),
    }),
    clock,
  };
  afterAll(async () => {
    await deps.planExecutor.stop();
    await deps.refreshes.stop();
    await Promise.all([deps.changes.stop(), deps.instance.stop(), deps.volatile.close()]);
    await Promise.all([deps.hotPool.end(), egress.close()]);
    await simulator.close();
    await rm(spoolDir, { recursive: true, force: true });
  });

  const begin: TestStudio["begin"] = (principal, connectionId) =>
    beginFlow(deps, principal, { connectionId, surface: "web", returnTo: null });
  const approve: TestStudio["approve"] = async (flow, username) => {
    const provider = flow.authorizeUrl.includes("/v2/authorize") ? "marketingCloud" : "salesforce";
    const back = await simulator[provider].approve(flow.authorizeUrl, { username });
    return new URL(back).searchParams;
  };
  const callback: TestStudio["callback"] = (principal, flow, params, provider = "salesforce") =>
    completeFlow(deps, principal, {
      provider,
      params,
      binding: (flowId) => (flowId === flow.flowId ? flow.binding : null),
    });

  return {
    deps,
    database,
    simulator,
    settingsOfAnother: {
      databaseUrl: database.url,
      vaultKey: vaultKey.toString("base64"),
      rootKey: rootKey.toString("base64"),
      connectMap: simulator.connectMap(),
      caPem: simulator.caPem,
      demoUrl: simulator.loopbackUrl,
      spoolDir,
      now: clock.now().toISOString(),
      redisUrl,
    },
    given: {
      person: (options = {}) => givenPerson(deps, options),
      connection: (principal, definition) =>
        createConnection(deps, principal, connectionDefinitionSchema.parse(definition)),
    },
    begin,
    approve,
    callback,
    async connect(principal, connectionId, username) {
      const flow = await begin(principal, connectionId);
      const params = await approve(flow, username);
      const provider = flow.authorizeUrl.includes("/v2/authorize")
        ? "marketing-cloud"
        : "salesforce";
      await callback(principal, flow, params, provider);
      return flow;
    },
  };
}

async function givenPerson(deps: StudioDeps, options: GivenPerson): Promise<Principal> {
  const userId = randomUUID();
  const teamId = options.teamId ?? randomUUID();
  const role = options.role ?? "owner";
  const name = options.name ?? "Dana";
  const createdAt = deps.clock.now();
  if (!options.teamId) {
    await deps.db.team.create({ data: { id: teamId, name: `${name}'s team`, createdAt } });
  }
  await deps.db.user.create({
    data: { id: userId, email: `${userId}@studio.example`, name, createdAt },
  });
  await deps.db.membership.create({ data: { teamId, userId, role, createdAt } });
  const hasSecondFactor = options.secondFactor ?? false;
  const secondFactorAt = hasSecondFactor ? createdAt : null;
  if (hasSecondFactor) {
    await deps.db.secondFactor.create({
      data: {
        id: randomUUID(),
        userId,
        kind: "passkey",
        name: "Test key",
        credentialId: randomBytes(16),
        createdAt,
        confirmedAt: createdAt,
      },
    });
  }
  const { id: sessionId } = await createSession(deps.db, deps, {
    userId,
    teamId,
    network: "127.0.0.0/24",
    userAgent: null,
    secondFactorAt,
  });
  return { kind: "user", userId, teamId, role, sessionId, hasSecondFactor, secondFactorAt };
}
