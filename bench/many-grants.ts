import { createSecretKey, randomUUID } from "node:crypto";
import { hashAgentKey, makeAgentKey, parseAgentKey } from "#lib/agents/agent-key.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import type { Database } from "#lib/db/client.ts";
import { refreshTokenContext } from "#lib/grants/secrets.ts";
import { demoMarketingCloud } from "#lib/simulator/marketing-cloud/demo.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { createInMemoryWrapStore } from "#lib/vault/in-memory-wrap-store.ts";
import { createKeyRing } from "#lib/vault/key-ring.ts";
import { seal } from "#lib/vault/seal.ts";
import { createWrapCounter } from "#lib/vault/wrap-counter.ts";
import type { Fleet } from "./fleet.ts";

export type ManyGrants = {
  teamId: string;
  userId: string;
  /** Of an agent that may use all of them. */
  agentKey: string;
  grants: readonly { grantId: string; connectionId: string }[];
};

/** One statement's worth: of more, Prisma sends parts side by side on a transaction's one connection. */
const rowsAtOnce = 1_000;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Gives the owner so many connections to the demo tenant, each with an active grant whose refresh token the
 * simulator knows and whose access token nobody holds yet, and an agent that may use them all.
 *
 * @param db - as the tables' owner
 */
export async function fillGrants(fleet: Fleet, db: Database, count: number): Promise<ManyGrants> {
  const owner = await db.membership.findFirstOrThrow({ where: { role: "owner" } });
  const { teamId, userId } = owner;
  const model = await db.connection.findFirstOrThrow({
    where: { teamId, clientId: demoMarketingCloud.clientId, createdById: userId },
    orderBy: { createdAt: "asc" },
  });
  const principal = { teamId };
  const definition = await findConnection(db, principal, model.id);
  if (!definition) throw new Error("there is no demo tenant");
  const vault = {
    keyRing: createKeyRing([{ id: "bench", key: new Secret(fleet.keys.vault) }]),
    wrapCounter: createWrapCounter({ store: createInMemoryWrapStore(), onAlarm: () => {} }),
  };
  const { refreshTokens } = (await fleet.control("POST", "sign-ins", {
    username: demoMarketingCloud.users.maya,
    count,
  })) as { refreshTokens: string[] };
  const grants: { grantId: string; connectionId: string }[] = [];
  const now = new Date();
  for (let from = 0; from < count; from += rowsAtOnce) {
    const part = refreshTokens.slice(from, from + rowsAtOnce).map((token) => ({
      grantId: randomUUID(),
      connectionId: randomUUID(),
      token: new Secret(token),
    }));
    await db.connection.createMany({
      data: part.map(({ connectionId }, at) => ({
        ...model,
        id: connectionId,
        name: `Unit ${from + at}`,
      })),
    });
    const data = await Promise.all(
      part.map(async ({ grantId: id, connectionId, token }) => ({
        id,
        teamId,
        connectionId,
        userId,
        state: "active" as const,
        surface: "web" as const,
        scopes: model.scopes,
        missingScopes: [],
        providerUserId: "bench",
        username: demoMarketingCloud.users.maya,
        memberId: demoMarketingCloud.enterpriseId,
        enterpriseId: demoMarketingCloud.enterpriseId,
        restHost: demoMarketingCloud.restHost,
        soapHost: demoMarketingCloud.soapHost,
        connectedAt: now,
        lastProvenAt: now,
        idleDeadline: new Date(now.getTime() + 30 * dayMs),
        refreshTokenSealed: await seal(
          vault,
          token,
          refreshTokenContext({ id, userId, connection: { ...definition, id: connectionId } }),
        ),
      })),
    );
    await db.grant.createMany({ data });
    grants.push(...part.map(({ grantId, connectionId }) => ({ grantId, connectionId })));
  }
  await db.$executeRawUnsafe("analyze grants");
  await db.$executeRawUnsafe("analyze connections");
  return {
    teamId,
    userId,
    grants,
    agentKey: await makeAgent(fleet, db, { teamId, userId, grants }),
  };
}

async function makeAgent(
  fleet: Fleet,
  db: Database,
  { teamId, userId, grants }: Omit<ManyGrants, "agentKey">,
): Promise<string> {
  const [agentId, keyId] = [randomUUID(), randomUUID()];
  const now = new Date();
  const key = makeAgentKey(systemRandom, keyId);
  const hashing = deriveKeys(new Secret(fleet.keys.root)).agentKeyHashing.revealBytes();
  const text = parseAgentKey(key.reveal())?.text ?? "";
  await db.agent.create({
    data: {
      id: agentId,
      teamId,
      ownerId: userId,
      name: "Bench",
      mode: "plan",
      createdAt: now,
      updatedAt: now,
    },
  });
  // As busy as in this run on each of its last days: else it were paused for what is unlike it (BRK-13).
  await db.agentDay.createMany({
    data: [1, 2, 3].map((ago) => ({
      agentId,
      day: new Date(now.getTime() - ago * dayMs),
      calls: 1_000_000,
      kilobytes: 1_000_000,
    })),
  });
  await db.agentKey.create({
    data: {
      id: keyId,
      agentId,
      teamId,
      name: "Bench",
      secretHash: Uint8Array.from(hashAgentKey(createSecretKey(hashing), text)),
      createdAt: now,
      expiresAt: new Date(now.getTime() + dayMs),
    },
  });
  for (let from = 0; from < grants.length; from += rowsAtOnce) {
    await db.agentConnection.createMany({
      data: grants
        .slice(from, from + rowsAtOnce)
        .map(({ connectionId }) => ({ agentId, connectionId })),
    });
  }
  return key.reveal();
}
