import path from "node:path";
import { type AgentActivity, createAgentActivity } from "#lib/agents/agent-activity.ts";
import { type AgentKeys, createAgentKeys } from "#lib/agents/agent-keys.ts";
import { type AgentNetworks, createAgentNetworks } from "#lib/agents/agent-networks.ts";
import type { EndAgentDeps } from "#lib/agents/create-agent.ts";
import { endAgentsOf } from "#lib/agents/end-agents.ts";
import { pauseIfUnusual } from "#lib/agents/pause-agent.ts";
import { keepAuditTrail } from "#lib/audit/append-events.ts";
import { type ChainKey, createChainKey } from "#lib/audit/chain.ts";
import { requireAppendOnly } from "#lib/audit/require-append-only.ts";
import { createSignInWays, type SignInWays } from "#lib/auth/sign-in-ways.ts";
import type { Admit } from "#lib/auth/sign-in-with-identity.ts";
import { type CallPlaces, createCallPlaces } from "#lib/broker/call-places.ts";
import { createLeaseBook, type LeaseBook } from "#lib/broker/lease-book.ts";
import { createGrantsInUse, type GrantsInUse } from "#lib/broker/usable-grant.ts";
import { createDemoConnections } from "#lib/connections/create-demo-connections.ts";
import { type Clock, systemClock } from "#lib/core/clock.ts";
import { type Env, processEnv, rawEnv } from "#lib/core/env.ts";
import { type Random, systemRandom } from "#lib/core/ids.ts";
import { createLogger, type Logger } from "#lib/core/log.ts";
import { createMetrics, type Metrics } from "#lib/core/metrics.ts";
import { noTracer, type Tracer } from "#lib/core/tracing.ts";
import { createChangeFeed } from "#lib/db/change-feed.ts";
import type { ChangeFeed } from "#lib/db/changes.ts";
import { type Database, sharedDatabase, type Transaction } from "#lib/db/client.ts";
import { createHotPool, type HotPool } from "#lib/db/hot-pool.ts";
import { createInstance, type Instance } from "#lib/db/instance.ts";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { createEgress, type Egress } from "#lib/egress/egress.ts";
import { type AccessTokens, createAccessTokens } from "#lib/grants/access-tokens.ts";
import { endGrantsOf } from "#lib/grants/end-grants.ts";
import { forgetEndedTokens } from "#lib/grants/forget-ended-tokens.ts";
import type { RevocationQueue } from "#lib/grants/queue-revocation.ts";
import { createRefreshEngine, type RefreshEngine } from "#lib/grants/refresh-engine.ts";
import { createRefreshSpool, type RefreshSpool } from "#lib/grants/refresh-spool.ts";
import { createSharedTokens } from "#lib/grants/shared-tokens.ts";
import { createUsage, type Usage } from "#lib/grants/usage.ts";
import { sealedColumns } from "#lib/jobs/sealed-columns.ts";
import { createLimits, type Limits } from "#lib/limits/limits.ts";
import { createLiveHub, type LiveHub } from "#lib/live/live-hub.ts";
import { createOtelTracer } from "#lib/operator/otel-tracer.ts";
import type { PlanQueue } from "#lib/plans/apply-queue.ts";
import { stopPlansOf } from "#lib/plans/end-plan.ts";
import { createPlanExecutor, type PlanExecutor } from "#lib/plans/execute-plan.ts";
import { type ProviderAddresses, providerAddresses } from "#lib/providers/addresses.ts";
import { admitInvited } from "#lib/team/admit-invited.ts";
import { admitNewcomer } from "#lib/team/admit-newcomer.ts";
import type { MembershipDeps } from "#lib/team/remove-member.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import type { DerivedKeys } from "#lib/vault/derived-keys.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { sealedKeyIdsIn } from "#lib/vault/sealed-repository.ts";
import { createSharedBox } from "#lib/vault/shared-box.ts";
import { createPostgresWrapStore, createWrapCounter } from "#lib/vault/wrap-counter.ts";
import { createInMemoryVolatileStore } from "#lib/volatile/in-memory-volatile-store.ts";
import { openVolatileStore } from "#lib/volatile/open-volatile-store.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

/** Everything that is chosen once for the process; a function names the slice it needs. */
export type StudioDeps = {
  settings: Env;
  studioUrl: string;
  log: Logger;
  metrics: Metrics;
  tracer: Tracer;
  clock: Clock;
  /** Measures this process itself, in tests too. */
  stopwatch: Clock;
  random: Random;
  db: Database;
  /** Plain connections, for what is too hot for the other client; connects when first used. */
  hotPool: HotPool;
  /** What every instance changes; connects when first asked whether it is current. */
  changes: ChangeFeed;
  /** The pages of this process that hear at once what changed. */
  live: LiveHub;
  derivedKeys: DerivedKeys;
  /** Seals the audit trail's chains. */
  chainKey: ChainKey;
  vault: WrapDeps;
  egress: Egress;
  addresses: ProviderAddresses;
  /** Shared by all instances where `REDIS_URL` is set; never on disk. */
  volatile: VolatileStore;
  /** How often agents may ask; shared where the store is. */
  limits: Limits;
  /** What agents have under way in this process. */
  callPlaces: CallPlaces;
  accessTokens: AccessTokens;
  /** This process among the others; joins them when first asked. */
  instance: Instance;
  /** Sealed refresh tokens that are not in the database yet. */
  spool: RefreshSpool;
  /** Asked through `freshAccessToken`. */
  refreshes: RefreshEngine;
  /** The agent keys that this process knows. */
  agentKeys: AgentKeys;
  /** What agents do and may use up. */
  agentActivity: AgentActivity;
  /** Where agents' keys are used from. */
  agentNetworks: AgentNetworks;
  /** How each grant is used, and how that goes. */
  usage: Usage;
  /** The grants that agents use, as this process read them. */
  grantsInUse: GrantsInUse;
  /** Where leases are written and read. */
  leaseBook: LeaseBook;
  signInWays: SignInWays;
  /** Set by the server once its queue runs; without one, what is due is found by whoever looks. */
  revocationQueue: RevocationQueue;
  /** The same for plans that are to be applied. */
  planQueue: PlanQueue;
  /** Applies plans in this process. */
  planExecutor: PlanExecutor;
  admit: Admit;
  onTeamCreated(tx: Transaction, made: { teamId: string; userId: string }): Promise<void>;
  onMembershipEnded: MembershipDeps["onMembershipEnded"];
  onAgentEnded: EndAgentDeps["onAgentEnded"];
};

// Next gives each entry its own copy of this module; the process has one set.
const shared = globalThis as typeof globalThis & { studioDeps?: StudioDeps };

/**
 * The process's dependencies.
 *
 * @throws {Error} `openDeps` has not run: nothing works without its checks (WEB-4)
 */
export function deps(): StudioDeps {
  if (!shared.studioDeps) throw new Error("the studio was not started by server.ts");
  return shared.studioDeps;
}

/**
 * Chooses the real clock, database, keys and egress, once, before anything listens.
 *
 * @throws {SettingsError | KeyConfigurationError | EgressConfigurationError} names the setting, never
 *   its value (VA-4)
 */
export async function openDeps(): Promise<StudioDeps> {
  const settings = processEnv();
  if (settings.databaseUrl === null) throw new Error("openDeps needs DATABASE_URL");
  const db = sharedDatabase(settings.databaseUrl.reveal());
  await requireAppendOnly(db);
  const { keyRing, derivedKeys } = loadKeys({
    env: rawEnv(),
    dataDir: settings.dataDir,
    sealedKeyIds: await sealedKeyIdsIn(db, sealedColumns),
  });
  const volatile = await openVolatileStore({
    redisUrl: settings.redisUrl,
    namingKey: derivedKeys.sharedNames,
    clock: systemClock,
    log: createLogger({ level: settings.logLevel }),
  });
  shared.studioDeps = assembleDeps({
    settings,
    volatile,
    db,
    databaseUrl: settings.databaseUrl.reveal(),
    keyRing,
    derivedKeys,
  });
  return shared.studioDeps;
}

/** Puts the parts together; tests bring their own database, keys and egress. */
export function assembleDeps(parts: {
  settings: Env;
  db: Database;
  databaseUrl: string;
  keyRing: WrapDeps["keyRing"];
  derivedKeys: DerivedKeys;
  clock?: Clock;
  random?: Random;
  egress?: Egress;
  /** Without one, this process's own. */
  volatile?: VolatileStore;
}): StudioDeps {
  const { settings, db } = parts;
  const clock = parts.clock ?? systemClock;
  const log = createLogger({ level: settings.logLevel });
  const metrics = createMetrics();
  const chainKey = createChainKey(parts.derivedKeys.auditChain);
  keepAuditTrail(db, { clock, chainKey });
  const wrapCounter = createWrapCounter({
    store: createPostgresWrapStore(async (sql, params) => ({
      rows: await db.$queryRawUnsafe<Record<string, unknown>[]>(sql, ...params),
    })),
    onAlarm: ({ keyId, wraps }) =>
      log.warn("vault key nearly used up", { keyId, count: Number(wraps) }),
  });
  const egress =
    parts.egress ??
    createEgress({
      demoOrigin: settings.demoUrl,
      issuerOrigins: settings.signInWays.map(({ issuer }) => new URL(issuer).origin),
      ...(settings.egressConnectMap
        ? { connectMap: parseConnectMap(settings.egressConnectMap, settings.studioUrl) }
        : {}),
    });
  const hotPool = createHotPool(parts.databaseUrl);
  const changes = createChangeFeed({
    databaseUrl: parts.databaseUrl,
    clock: systemClock,
    log,
  });
  const volatile = parts.volatile ?? createInMemoryVolatileStore(clock);
  const box = createSharedBox(parts.derivedKeys.sharedStore);
  const accessTokens = createAccessTokens({
    clock,
    ...(volatile.isShared
      ? { shared: createSharedTokens({ store: volatile, box, clock, log }) }
      : {}),
  });
  forgetEndedTokens({ changes, accessTokens, db, log });
  const all: Omit<StudioDeps, "refreshes" | "planExecutor"> = {
    settings,
    studioUrl: settings.studioUrl,
    log,
    metrics,
    tracer: settings.collector
      ? createOtelTracer({ collector: settings.collector, log })
      : noTracer,
    clock,
    stopwatch: systemClock,
    random: parts.random ?? systemRandom,
    db,
    hotPool,
    changes,
    live: createLiveHub({ db, changes, clock, log }),
    derivedKeys: parts.derivedKeys,
    chainKey,
    vault: { keyRing: parts.keyRing, wrapCounter },
    egress,
    addresses: providerAddresses({ demoOrigin: settings.demoUrl }),
    volatile,
    limits: createLimits({ clock, store: volatile, factor: settings.limitsFactor }),
    callPlaces: createCallPlaces(),
    accessTokens,
    instance: createInstance(parts.databaseUrl),
    spool: createRefreshSpool(settings.spoolDir ?? path.join(settings.dataDir, "spool")),
    agentKeys: createAgentKeys({ hotPool, log, derivedKeys: parts.derivedKeys }),
    agentActivity: createAgentActivity({
      hotPool,
      clock,
      log,
      onLargeDay: (use) => pauseIfUnusual(all, use),
    }),
    agentNetworks: createAgentNetworks({
      db,
      hotPool,
      clock,
      random: parts.random ?? systemRandom,
    }),
    usage: createUsage({ db, clock, log }),
    grantsInUse: createGrantsInUse(),
    leaseBook: createLeaseBook({
      hotPool,
      metrics,
      clock,
      chainKey,
      derivedKeys: parts.derivedKeys,
    }),
    signInWays: createSignInWays({ settings: settings.signInWays, egress, clock }),
    revocationQueue: { deliver: async () => {} },
    planQueue: { deliver: async () => {} },
    admit: async (tx, newcomer) =>
      (await admitInvited(tx, all, { ...newcomer, emailVerified: true })) ??
      admitNewcomer(tx, all, newcomer),
    onMembershipEnded: async (tx, principal, { teamId, userId }) => {
      const of = { teamId, userId };
      const { agentsEnded } = await endAgentsOf(tx, all, principal, of);
      const { ended: grantsEnded } = await endGrantsOf(tx, all, principal, of);
      await stopPlansOf(tx, all, principal, { teamId, ownerId: userId }, "member_removed");
      return { agentsEnded, grantsEnded };
    },
    onAgentEnded: async (tx, principal, { teamId, agentId, keyId, isDeleted = false }) => {
      const ofKey = keyId === undefined ? null : { teamId, keyId };
      const reason = isDeleted ? "agent_ended" : "agent_disabled";
      if (ofKey) await stopPlansOf(tx, all, principal, ofKey, "key_revoked");
      else await stopPlansOf(tx, all, principal, { teamId, agentId }, reason);
    },
    onTeamCreated: (tx, owner) => createDemoConnections({ ...all, db: tx }, owner),
  };
  const withRefreshes = Object.assign(all, { refreshes: createRefreshEngine(all) });
  return Object.assign(withRefreshes, { planExecutor: createPlanExecutor(withRefreshes) });
}
