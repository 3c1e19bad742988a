import crypto, { randomUUID } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeAgentKey } from "#lib/agents/agent-key.ts";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange, type Change, type ChangeFeed, deafFeed } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;

/** A feed in the test's hands. */
function handFeed() {
  const listeners = new Set<(change: Change | "all") => void>();
  const state = { isCurrent: true, answer: async () => true };
  const feed: ChangeFeed = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isCurrent: () => state.isCurrent,
    current: () => state.answer(),
    stop: async () => {},
  };
  const tell = (change: Change | "all") => {
    for (const listener of listeners) listener(change);
  };
  return { feed, state, tell };
}

let hand: ReturnType<typeof handFeed>;
let queries = 0;
const connect = deps.hotPool.connect.bind(deps.hotPool);

beforeEach(() => {
  hand = handFeed();
  deps.changes = hand.feed;
  queries = 0;
  Object.assign(deps.hotPool, {
    connect: () => {
      queries += 1;
      return connect();
    },
  });
});
afterEach(async () => {
  await deps.agentKeys.settled();
  Object.assign(deps.hotPool, { connect });
});

const who = (credential: string) => authenticateAgent(deps, credential);

async function givenOwner() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  return { owner, connectionId };
}

test("[BRK-1] a key proves its agent, with owner, mode and connections", async () => {
  const { owner, connectionId } = await givenOwner();
  const until = new Date(deps.clock.now().getTime() + 60_000);
  const { agentId, keyId, key } = await givenAgent(deps, owner, {
    mode: "build",
    connections: [{ id: connectionId, directWritesUntil: until }],
  });
  const expected = {
    kind: "agent",
    agentId,
    keyId,
    teamId: owner.teamId,
    ownerId: owner.userId,
    mode: "build",
    budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
    asksForConnections: true,
    connections: new Map([[connectionId, { directWritesUntil: until }]]),
  };
  expect(await who(key)).toEqual(expected);
  expect(await who(`00D5g0000012345EAA!${key}`)).toEqual(expected);
});

test("[BRK-1] a connection of another team is not within reach, whatever a row says", async () => {
  const { owner } = await givenOwner();
  const elsewhere = await givenOwner();
  const { key } = await givenAgent(deps, owner, { connections: [elsewhere.connectionId] });
  expect((await who(key))?.connections.size).toBe(0);
});

const refusals: [
  string,
  (of: { owner: Principal; agentId: string; keyId: string }) => Promise<unknown>,
][] = [
  [
    "a revoked key",
    ({ keyId: id }) =>
      deps.db.agentKey.update({ where: { id }, data: { revokedAt: deps.clock.now() } }),
  ],
  [
    "an ended key",
    ({ keyId: id }) =>
      deps.db.agentKey.update({ where: { id }, data: { expiresAt: deps.clock.now() } }),
  ],
  ["a deleted key", ({ keyId: id }) => deps.db.agentKey.delete({ where: { id } })],
  [
    "a disabled agent",
    ({ agentId: id }) =>
      deps.db.agent.update({ where: { id }, data: { disabledAt: deps.clock.now() } }),
  ],
  ["a deleted agent", ({ agentId: id }) => deps.db.agent.delete({ where: { id } })],
  [
    "an owner who left the team",
    ({ owner: { userId } }) => deps.db.membership.deleteMany({ where: { userId } }),
  ],
  [
    "an owner whose account is disabled",
    ({ owner: { userId: id } }) =>
      deps.db.user.update({ where: { id }, data: { disabledAt: deps.clock.now() } }),
  ],
];

test.each(refusals)("[BRK-1] %s is refused, from memory too once it was heard", async (_, end) => {
  const { owner } = await givenOwner();
  const agent = await givenAgent(deps, owner);
  expect(await who(agent.key)).not.toBeNull();
  await end({ owner, ...agent });
  hand.tell({ kind: "agent", id: agent.agentId });
  expect(await who(agent.key)).toBeNull();
  expect(await who(agent.key)).toBeNull();
});

test("[BRK-1] a key ends by itself at its time, in memory too", async () => {
  const { owner } = await givenOwner();
  const expiresAt = new Date(deps.clock.now().getTime() + 5_000);
  const { key } = await givenAgent(deps, owner, { expiresAt });
  deps.clock.advanceSeconds(4.999);
  expect(await who(key)).not.toBeNull();
  deps.clock.advanceSeconds(0.001);
  expect(await who(key)).toBeNull();
});

test("[BRK-1] another secret under a key's id, and an id of nobody, are refused", async () => {
  const { owner } = await givenOwner();
  const { key, keyId } = await givenAgent(deps, owner);
  const forged = makeAgentKey(deps.random, keyId).reveal();
  expect(await who(forged)).toBeNull();
  expect(await who(key)).not.toBeNull();
  expect(await who(forged)).toBeNull();
  expect(await who(makeAgentKey(deps.random, randomUUID()).reveal())).toBeNull();
});

test("[BRK-1] right or wrong, a key's hash is compared whole and in constant time", async () => {
  const { owner } = await givenOwner();
  const { key, keyId } = await givenAgent(deps, owner);
  const compare = vi.spyOn(crypto, "timingSafeEqual");
  syncBuiltinESMExports();
  try {
    await who(key);
    await who(makeAgentKey(deps.random, keyId).reveal());
    expect(compare.mock.results.map(({ value }) => value)).toEqual([true, false]);
    for (const pair of compare.mock.calls) {
      expect(pair.map(({ byteLength }) => byteLength)).toEqual([32, 32]);
    }
  } finally {
    compare.mockRestore();
    syncBuiltinESMExports();
  }
});

test("[BRK-1] a hash that is put into another key's row proves nothing", async () => {
  const { owner } = await givenOwner();
  const [mine, theirs] = [await givenAgent(deps, owner), await givenAgent(deps, owner)];
  const { secretHash } = await deps.db.agentKey.findUniqueOrThrow({ where: { id: mine.keyId } });
  await deps.db.agentKey.update({ where: { id: theirs.keyId }, data: { secretHash } });
  const moved = `${theirs.key.slice(0, 27)}${mine.key.slice(27)}`;
  expect(await who(moved)).toBeNull();
});

test("a key that is known is answered without asking the database", async () => {
  const { owner } = await givenOwner();
  const { key } = await givenAgent(deps, owner);
  await who(key);
  await deps.agentKeys.settled();
  queries = 0;
  for (let calls = 0; calls < 100; calls += 1) expect(await who(key)).not.toBeNull();
  expect(queries).toBe(0);
});

test("many keys that nobody has cost few queries and push nothing out", async () => {
  const { owner } = await givenOwner();
  const { key } = await givenAgent(deps, owner);
  await who(key);
  await deps.agentKeys.settled();
  queries = 0;
  const madeUp = Array.from({ length: 500 }, () =>
    makeAgentKey(deps.random, randomUUID()).reveal(),
  );
  expect(new Set(await Promise.all(madeUp.map(who)))).toEqual(new Set([null]));
  expect(queries).toBeLessThanOrEqual(4);
  expect(await who("not a key")).toBeNull();
  const before = queries;
  expect(await who(key)).not.toBeNull();
  expect(queries).toBe(before);
});

const heard: [
  string,
  (of: { owner: Principal; agentId: string; connectionId: string }) => Change | "all",
][] = [
  ["its agent", ({ agentId: id }) => ({ kind: "agent", id })],
  ["its owner", ({ owner }) => ({ kind: "member", id: owner.userId })],
  ["its team", ({ owner }) => ({ kind: "team", id: owner.teamId })],
  ["one of its connections", ({ connectionId: id }) => ({ kind: "connection", id })],
  ["something that was missed", () => "all"],
];

test.each(heard)("[BRK-11] a change of %s makes a key be read anew", async (_, changeOf) => {
  const { owner, connectionId } = await givenOwner();
  const { key, agentId } = await givenAgent(deps, owner, { connections: [connectionId] });
  await who(key);
  await deps.db.agent.update({ where: { id: agentId }, data: { mode: "build" } });
  expect((await who(key))?.mode).toBe("plan");
  hand.tell({ kind: "agent", id: randomUUID() });
  hand.tell({ kind: "lease", id: agentId });
  expect((await who(key))?.mode).toBe("plan");
  hand.tell(changeOf({ owner, agentId, connectionId }));
  expect((await who(key))?.mode).toBe("build");
});

test("[BRK-11] while the feed may lag, memory is used only after it caught up, and what it heard counts", async () => {
  const { owner } = await givenOwner();
  const { key, keyId, agentId } = await givenAgent(deps, owner);
  await who(key);
  hand.state.isCurrent = false;
  await deps.agentKeys.settled();
  queries = 0;
  expect(await who(key)).not.toBeNull();
  expect(queries).toBe(0);
  await deps.db.agentKey.update({ where: { id: keyId }, data: { revokedAt: deps.clock.now() } });
  hand.state.answer = async () => {
    hand.tell({ kind: "agent", id: agentId });
    return true;
  };
  expect(await who(key)).toBeNull();
});

test("[BRK-11] a feed that hears nothing makes every use read anew, one that fails refuses", async () => {
  const { owner } = await givenOwner();
  const { key, keyId } = await givenAgent(deps, owner);
  await who(key);
  hand.state.isCurrent = false;
  hand.state.answer = async () => {
    throw new Error("no answer");
  };
  await expect(who(key)).rejects.toThrow("no answer");
  deps.changes = deafFeed;
  expect(await who(key)).not.toBeNull();
  await deps.db.agentKey.update({ where: { id: keyId }, data: { revokedAt: deps.clock.now() } });
  expect(await who(key)).toBeNull();
});

test("[BRK-11] what changes while a key is read is not kept from before", async () => {
  const { owner } = await givenOwner();
  const { key, keyId, agentId } = await givenAgent(deps, owner);
  const reading = who(key);
  hand.tell({ kind: "agent", id: agentId });
  expect(await reading).not.toBeNull();
  await deps.db.agentKey.update({ where: { id: keyId }, data: { revokedAt: deps.clock.now() } });
  expect(await who(key)).toBeNull();
});

test("the last use is noted once a minute, for key and agent, and never by a refused call", async () => {
  const { owner } = await givenOwner();
  const { key, keyId, agentId } = await givenAgent(deps, owner);
  const lastUses = async () => {
    await deps.agentKeys.settled();
    const agent = await deps.db.agent.findUniqueOrThrow({ where: { id: agentId } });
    const row = await deps.db.agentKey.findUniqueOrThrow({ where: { id: keyId } });
    expect(agent.lastUsedAt).toEqual(row.lastUsedAt);
    return row.lastUsedAt;
  };
  await who(makeAgentKey(deps.random, keyId).reveal());
  expect(await lastUses()).toBeNull();
  const first = deps.clock.now();
  await who(key);
  deps.clock.advanceSeconds(59);
  await who(key);
  expect(await lastUses()).toEqual(first);
  hand.tell({ kind: "agent", id: agentId });
  await who(key);
  expect(await lastUses()).toEqual(first);
  deps.clock.advanceSeconds(1);
  await who(key);
  expect(await lastUses()).toEqual(deps.clock.now());
});

test("[BRK-1] the database dump holds no key", async () => {
  const { owner } = await givenOwner();
  const { key } = await givenAgent(deps, owner);
  await inTransaction(deps.db, (tx) => announceChange(tx, { kind: "agent", id: owner.userId }));
  const { rows } = await studio.database.pool.query<{ row: string }>(
    `select t::text as row from agent_keys t`,
  );
  const dump = rows.map(({ row }) => row).join("\n");
  const secret = key.slice(27);
  const bytes = Buffer.from(secret.replaceAll(".", "-"), "base64url").toString("hex");
  for (const form of [key, secret, bytes, Buffer.from(secret).toString("hex")]) {
    expect(dump).not.toContain(form);
  }
});
