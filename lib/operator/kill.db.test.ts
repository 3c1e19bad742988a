import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { createAgent } from "#lib/agents/create-agent.ts";
import { makeKey } from "#lib/agents/make-key.ts";
import { agentInputSchema } from "#lib/agents/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { countKill, kill, liftKill } from "#lib/operator/kill.ts";
import { pageOfReceipts } from "#lib/operator/kill-repository.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const revoke = "/services/oauth2/revoke";
const now = { asksProviders: true };
beforeEach(() => simulator.log.clear());
afterEach(async () => {
  await database.pool.query("delete from connections");
});

/** Somebody with a connected org and an agent that may use it. */
async function connected(options: { teamId?: string } = {}) {
  const principal = await given.person({ secondFactor: true, ...options });
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  const input = agentInputSchema.parse({ name: "Reader", connections: [{ connectionId }] });
  const { id: agentId } = await createAgent(deps, principal, input);
  const { key } = await makeKey(deps, principal, agentId, { name: "first", expiresInDays: 1 });
  const grant = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
  return { principal, connectionId, agentId, key: key.reveal(), grantId: grant.id };
}
type Connected = Awaited<ReturnType<typeof connected>>;

const isAccepted = async ({ key }: Connected) => (await authenticateAgent(deps, key)) !== null;
const grantOf = ({ grantId }: Connected) =>
  deps.db.grant.findUniqueOrThrow({ where: { id: grantId } });
const hasSession = async ({ sessionId }: Principal) =>
  (await deps.db.session.findUniqueOrThrow({ where: { id: sessionId } })).endedAt === null;
const killedRevocations = ({ principal }: Connected) =>
  deps.db.revocation.findMany({ where: { teamId: principal.teamId, cause: "killed" } });
const trailOf = async (teamId: string | null) =>
  (
    await database.pool.query(
      "select action, result, detail from audit_events where team_id is not distinct from $1 order by sequence",
      [teamId],
    )
  ).rows;

test("[OPS-4] an agent is stopped: its key is refused, its leases end, and nobody else's", async () => {
  const [one, other] = [await connected(), await connected()];
  const lease = await givenLease(one);
  // From memory, as a studio that hears what others end.
  expect(await deps.changes.current()).toBe(true);
  expect([await isAccepted(one), await isAccepted(one)]).toEqual([true, true]);
  await kill(deps, { kind: "agent", id: one.agentId }, now);
  await vi.waitFor(async () => expect(await isAccepted(one)).toBe(false), 5_000);
  expect(await isAccepted(other)).toBe(true);
  expect((await deps.db.lease.findUniqueOrThrow({ where: { id: lease } })).endedAt).not.toBeNull();
  expect((await grantOf(one)).state).toBe("active");
  expect(simulator.log.requestsTo(revoke)).toHaveLength(0);
});

test("[OPS-4] a connection is stopped: its grants end, each token is revoked with a receipt, its leases end", async () => {
  const [one, other] = [await connected(), await connected()];
  const lease = await givenLease(one);
  const before = await grantOf(one);
  const { revocations } = await kill(deps, { kind: "connection", id: one.connectionId }, now);
  const after = await grantOf(one);
  expect(after).toMatchObject({ state: "disconnected", refreshTokenSealed: null });
  expect(after.generation).toBeGreaterThan(before.generation);
  expect(revocations).toMatchObject([
    { state: "confirmed", grantId: one.grantId, cause: "killed" },
  ]);
  expect(simulator.log.requestsTo(revoke)).toHaveLength(1);
  const since = new Date(deps.clock.now().getTime() - 1000);
  const receipts = await pageOfReceipts(deps.db, since, { after: null, limit: 500 });
  expect(receipts.find(({ grantId }) => grantId === one.grantId)).toMatchObject({
    id: revocations[0]?.id,
    state: "confirmed",
    httpStatus: 200,
  });
  expect((await deps.db.lease.findUniqueOrThrow({ where: { id: lease } })).endedAt).not.toBeNull();
  expect((await grantOf(other)).state).toBe("active");
  expect(await hasSession(one.principal)).toBe(true);
});

test("[OPS-4] a person is stopped: account, sessions, agents, grants; their teammates go on, and they come back only when let in", async () => {
  const one = await connected();
  const mate = await connected({ teamId: one.principal.teamId });
  await kill(deps, { kind: "user", id: one.principal.userId }, now);
  expect([await isAccepted(one), await isAccepted(mate)]).toEqual([false, true]);
  expect([await hasSession(one.principal), await hasSession(mate.principal)]).toEqual([
    false,
    true,
  ]);
  expect([(await grantOf(one)).state, (await grantOf(mate)).state]).toEqual([
    "disconnected",
    "active",
  ]);
  const disabledAt = async () =>
    (await deps.db.user.findUniqueOrThrow({ where: { id: one.principal.userId } })).disabledAt;
  expect(await disabledAt()).not.toBeNull();
  await liftKill(deps, one.principal.userId);
  expect(await disabledAt()).toBeNull();
  expect(await isAccepted(one)).toBe(false);
  await expect(liftKill(deps, one.principal.userId)).rejects.toMatchObject({ status: 404 });
});

test("[OPS-4] a team is stopped, and no other; sign-ins at a provider that are under way end with it", async () => {
  const [one, other] = [await connected(), await connected()];
  const mate = await connected({ teamId: one.principal.teamId });
  const flow = await studio.begin(one.principal, one.connectionId);
  await kill(deps, { kind: "team", id: one.principal.teamId }, now);
  for (const member of [one, mate]) {
    expect(await isAccepted(member)).toBe(false);
    expect((await grantOf(member)).state).toBe("disconnected");
    expect(await hasSession(member.principal)).toBe(false);
  }
  const stored = await deps.db.flow.findUniqueOrThrow({ where: { id: flow.flowId } });
  expect(stored.status).toBe("expired");
  expect(await isAccepted(other)).toBe(true);
  expect((await grantOf(other)).state).toBe("active");
});

test("[OPS-4] all is stopped, and running it again finds nothing left", async () => {
  const people = [await connected(), await connected()];
  const target = { kind: "all", id: null } as const;
  await kill(deps, target, now);
  for (const one of people) {
    expect(await isAccepted(one)).toBe(false);
    expect((await grantOf(one)).refreshTokenSealed).toBeNull();
  }
  expect(await countKill(deps, target)).toEqual({
    agents: 0,
    leases: 0,
    sessions: 0,
    grants: 0,
    unqueued: 0,
  });
  const again = await kill(deps, target, now);
  expect(again).toEqual({
    agents: 0,
    leases: 0,
    sessions: 0,
    flows: 0,
    grants: 0,
    revocations: [],
  });
});

test("[OPS-4] another process refuses the agent within five seconds", async () => {
  const one = await connected();
  const other = startOtherProcess(studio.settingsOfAnother, { do: "authenticate", key: one.key });
  expect((await other.told.next()).value).toMatchObject([{ isAccepted: true }, undefined]);
  const beganMs = performance.now();
  await kill(deps, { kind: "agent", id: one.agentId }, { asksProviders: false });
  expect((await other.told.next()).value).toMatchObject([{ isAccepted: false }, undefined]);
  expect(performance.now() - beganMs).toBeLessThan(5_000);
});

test("[OPS-4] cut off after blocking, the next run hands over what is left: blocked first, each token revoked once", async () => {
  const one = await connected();
  const target = { kind: "connection", id: one.connectionId } as const;
  const cut = {
    ...deps,
    revocationQueue: {
      deliver: async () => {
        throw new Error("killed");
      },
    },
  };
  await expect(kill(cut, target, now)).rejects.toThrow("killed");
  const blocked = await grantOf(one);
  expect(blocked.state).toBe("disconnected");
  expect(blocked.refreshTokenSealed).not.toBeNull();
  expect(await countKill(deps, target)).toMatchObject({ grants: 0, unqueued: 1 });
  await kill(deps, target, now);
  expect((await grantOf(one)).refreshTokenSealed).toBeNull();
  expect(await killedRevocations(one)).toMatchObject([{ state: "confirmed" }]);
  expect(simulator.log.requestsTo(revoke)).toHaveLength(1);
});

test("[OPS-4] a provider that is away leaves the revocation in the list, and everything blocked", async () => {
  const one = await connected();
  simulator.faults.set(wireFaults.answer, { status: 503, body: "" }, { path: revoke });
  try {
    const { revocations } = await kill(deps, { kind: "connection", id: one.connectionId }, now);
    expect(revocations).toMatchObject([{ state: "pending", attempts: 1 }]);
    expect((await grantOf(one)).state).toBe("disconnected");
  } finally {
    simulator.faults.clear();
  }
});

test("[AUD-1] each thing that ends has its event in its team's chain, and the stop its own in the instance's", async () => {
  const one = await connected();
  await kill(deps, { kind: "team", id: one.principal.teamId }, now);
  const killed = (await trailOf(one.principal.teamId)).filter(
    ({ detail }) => detail.cause === "killed" && detail.by === "operator",
  );
  expect(killed.map(({ action }) => action).sort()).toEqual([
    "agent.disabled",
    "grant.disconnected",
    "session.ended",
  ]);
  const own = (await trailOf(null)).filter(({ action }) => action === "studio.killed").slice(-2);
  expect(own.map(({ result }) => result)).toEqual(["intent", "success"]);
  expect(own[1]?.detail).toMatchObject({ kind: "team", agents: 1, grants: 1, revocations: 1 });
});

test("what is not there is not stopped", async () => {
  for (const kind of ["agent", "connection", "user", "team"] as const) {
    await expect(kill(deps, { kind, id: randomUUID() }, now)).rejects.toMatchObject({
      status: 404,
    });
  }
});

async function givenLease({ principal, agentId, connectionId, grantId }: Connected) {
  const id = randomUUID();
  const issuedAt = deps.clock.now();
  await deps.db.lease.create({
    data: {
      id,
      teamId: principal.teamId,
      agentId,
      keyId: randomUUID(),
      ownerId: principal.userId,
      connectionId,
      grantId,
      generation: 1,
      mode: "plan",
      isRaw: false,
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + 600_000),
    },
  });
  return id;
}
