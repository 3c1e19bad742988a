import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { createAgent } from "#lib/agents/create-agent.ts";
import { deleteAgent } from "#lib/agents/delete-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { endUnusedKeys } from "#lib/agents/end-unused-keys.ts";
import { AgentDisabledError, KeyOverError, TooManyAgentsError } from "#lib/agents/errors.ts";
import { getAgent, listAgents } from "#lib/agents/list-agents.ts";
import { makeKey } from "#lib/agents/make-key.ts";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import {
  agentInputSchema,
  agentPatchSchema,
  agentQuerySchema,
  type KeyInput,
  keyInputSchema,
} from "#lib/agents/schema.ts";
import { RecentSignInNeededError } from "#lib/auth/errors.ts";
import {
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  SecondFactorRequiredError,
} from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { removeMember } from "#lib/team/remove-member.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database } = studio;

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const daysAhead = (days: number) =>
  new Date(deps.clock.now().getTime() + days * DAY * 1000).toISOString();

const make = (person: Principal, input: object = {}) =>
  createAgent(deps, person, agentInputSchema.parse({ name: "Nightly report", ...input }));
const edit = (person: Principal, id: string, patch: object) =>
  editAgent(deps, person, id, agentPatchSchema.parse(patch));
const newKey = async (person: Principal, id: string, input: object = {}) => {
  const { key, facts } = await makeKey(deps, person, id, keyInputSchema.parse(input) as KeyInput);
  return { key: key.reveal(), ...facts };
};
/** Once everything committed so far was heard. */
async function who(key: string) {
  await deps.changes.current();
  return authenticateAgent(deps, key);
}

async function givenTeam() {
  const owner = await given.person({ secondFactor: true, name: "Robin" });
  const { teamId } = owner;
  return {
    owner,
    admin: await given.person({ teamId, role: "admin", secondFactor: true, name: "Ada" }),
    member: await given.person({ teamId, role: "member", name: "Mo" }),
    other: await given.person({ teamId, role: "member", name: "Bo" }),
  };
}

/** As after signing in once more. */
async function signInAgain(person: Principal): Promise<Principal> {
  const now = deps.clock.now();
  await deps.db.session.update({ where: { id: person.sessionId }, data: { confirmedAt: now } });
  return person.hasSecondFactor ? { ...person, secondFactorAt: now } : person;
}

const eventsOf = (agentId: string) =>
  deps.db.auditEvent.findMany({
    where: { targetKind: "agent", targetId: agentId },
    orderBy: { sequence: "asc" },
  });
const actionsOf = async (agentId: string) => (await eventsOf(agentId)).map(({ action }) => action);

async function givenLease(person: Principal, agentId: string, keyId: string) {
  const id = randomUUID();
  const issuedAt = deps.clock.now();
  await deps.db.lease.create({
    data: {
      id,
      teamId: person.teamId,
      agentId,
      keyId,
      ownerId: person.userId,
      connectionId: randomUUID(),
      grantId: randomUUID(),
      generation: 1,
      mode: "plan",
      isRaw: false,
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + 15 * MINUTE * 1000),
    },
  });
  return async () => (await deps.db.lease.findUniqueOrThrow({ where: { id } })).endedAt;
}

test("an agent is made with its connections, and does nothing until it has a key", async () => {
  const { member } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const agent = await make(member, { connections: [{ connectionId }] });
  expect(agent).toMatchObject({
    name: "Nightly report",
    mode: "plan",
    isMine: true,
    owner: { id: member.userId, name: "Mo" },
    connections: [
      { connectionId, environment: "production", directWritesUntil: null, grantState: null },
    ],
    keys: [],
    canEdit: true,
    canEnd: true,
  });
  const { key } = await newKey(member, agent.id);
  expect(await who(key)).toMatchObject({ agentId: agent.id, ownerId: member.userId, mode: "plan" });
  expect(await actionsOf(agent.id)).toEqual(["agent.created", "agent_key.made"]);
});

test("[BRK-1] a key is answered once, and neither the row, the trail nor any later answer holds it", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  const { key, expiresAt, prefix } = await newKey(member, id, { name: "Laptop" });
  const secret = key.slice(27);
  expect(key.startsWith(prefix)).toBe(true);
  expect(expiresAt).toBe(daysAhead(90));
  const parts: string[] = [JSON.stringify(await getAgent(deps, member, id))];
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables) {
    const { rows } = await database.pool.query<{ row: string }>(
      `select t::text as row from ${name} t`,
    );
    parts.push(...rows.map(({ row }) => row));
  }
  const dump = parts.join("\n");
  const bytes = Buffer.from(secret.replaceAll(".", "-"), "base64url").toString("hex");
  expect(dump).toContain(id);
  for (const form of [key, secret, bytes, Buffer.from(key).toString("hex")]) {
    expect(dump).not.toContain(form);
  }
});

test("[BRK-1] a key ends within a year, after ninety days unless asked otherwise", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  expect((await newKey(member, id, { expiresInDays: 365 })).expiresAt).toBe(daysAhead(365));
  for (const expiresInDays of [366, 0, -1, 1.5, null, "90"]) {
    expect(keyInputSchema.safeParse({ expiresInDays }).success).toBe(false);
  }
});

test("[BRK-1] a rotated key goes on for the overlap asked for and then ends by itself", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  const old = await newKey(member, id);
  const fresh = await newKey(member, id, { replaces: { keyId: old.id, overlapMinutes: 60 } });
  expect(await who(old.key)).not.toBeNull();
  expect(await who(fresh.key)).not.toBeNull();
  deps.clock.advanceSeconds(60 * MINUTE);
  expect(await who(old.key)).toBeNull();
  expect(await who(fresh.key)).not.toBeNull();

  await signInAgain(member);
  const next = await newKey(member, id, { replaces: { keyId: fresh.id, overlapMinutes: 0 } });
  expect(await who(fresh.key)).toBeNull();
  const again = newKey(member, id, { replaces: { keyId: fresh.id, overlapMinutes: 5 } });
  await expect(again).rejects.toThrow(KeyOverError);
  const absent = newKey(member, id, { replaces: { keyId: randomUUID(), overlapMinutes: 5 } });
  await expect(absent).rejects.toThrow(NotFoundError);
  // An overlap never makes a key live longer than it would have.
  deps.clock.advanceSeconds(89.999 * DAY);
  await signInAgain(member);
  await newKey(member, id, { replaces: { keyId: next.id, overlapMinutes: 24 * 60 } });
  const { keys } = await getAgent(deps, member, id);
  expect(keys.find((key) => key.id === next.id)?.expiresAt).toBe(next.expiresAt);
  expect(keyInputSchema.safeParse({ replaces: { keyId: id, overlapMinutes: 1441 } }).success).toBe(
    false,
  );
});

test("[BRK-1] a revoked key is refused and its leases end; the agent's other key goes on", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  const [one, two] = [await newKey(member, id), await newKey(member, id)];
  const [ofOne, ofTwo] = [
    await givenLease(member, id, one.id),
    await givenLease(member, id, two.id),
  ];
  await revokeKey(deps, member, id, one.id);
  await revokeKey(deps, member, id, one.id);
  expect(await who(one.key)).toBeNull();
  expect(await who(two.key)).not.toBeNull();
  expect(await ofOne()).toEqual(deps.clock.now());
  expect(await ofTwo()).toBeNull();
  expect((await actionsOf(id)).filter((action) => action === "agent_key.revoked")).toHaveLength(1);
});

test("[BRK-1] an agent has ten keys that count at most", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  const first = await newKey(member, id);
  for (let count = 1; count < 10; count += 1) await newKey(member, id);
  await expect(newKey(member, id)).rejects.toThrow(TooManyAgentsError);
  await newKey(member, id, { replaces: { keyId: first.id, overlapMinutes: 60 } });
  await expect(newKey(member, id)).rejects.toThrow(TooManyAgentsError);
});

test("[BRK-1] scopes of an agent change for the keys it has: mode, connections, writes", async () => {
  const { member } = await givenTeam();
  const [a, b] = [
    await given.connection(member, givenDefinitions.halden),
    await given.connection(member, givenDefinitions.haldenUat),
  ];
  const { id } = await make(member, { connections: [{ connectionId: a }] });
  const { key } = await newKey(member, id);
  const until = daysAhead(7);
  await edit(member, id, {
    mode: "build",
    connections: [{ connectionId: a, directWritesUntil: until }, { connectionId: b }],
  });
  expect(await who(key)).toMatchObject({
    mode: "build",
    connections: new Map([
      [a, { directWritesUntil: new Date(until) }],
      [b, { directWritesUntil: null }],
    ]),
  });
  // Back in plan mode nothing that was allowed is left for later.
  await edit(member, id, { mode: "plan" });
  await edit(member, id, { mode: "build" });
  expect((await who(key))?.connections.get(a)).toEqual({ directWritesUntil: null });
  await edit(member, id, { connections: [{ connectionId: b }] });
  expect([...((await who(key))?.connections.keys() ?? [])]).toEqual([b]);
  const events = await eventsOf(id);
  expect(events.map(({ action }) => action)).toEqual([
    "agent.created",
    "agent_key.made",
    "agent.writes_allowed",
    "agent.edited",
    "agent.writes_ended",
    "agent.edited",
    "agent.edited",
    "agent.edited",
  ]);
  expect(events[2]).toMatchObject({ connectionId: a, detail: { until } });
});

test("writes without a plan are for build mode, ahead of now, for thirty days at most", async () => {
  const { member } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const asked = (mode: string, directWritesUntil: string) => ({
    mode,
    connections: [{ connectionId, directWritesUntil }],
  });
  for (const input of [
    asked("plan", daysAhead(1)),
    asked("build", daysAhead(30.01)),
    asked("build", daysAhead(-1)),
    asked("build", daysAhead(0)),
  ]) {
    await expect(make(member, input)).rejects.toThrow(InvalidInputError);
  }
  const { id } = await make(member, asked("build", daysAhead(30)));
  // What was allowed and is over does not stand in the way of another change.
  deps.clock.advanceSeconds(31 * DAY);
  const { connections } = await getAgent(deps, member, id);
  await edit(member, id, { name: "Renamed" });
  const [{ directWritesUntil } = { directWritesUntil: null }] = connections;
  await edit(member, id, { connections: [{ connectionId, directWritesUntil }] });
});

test("[WEB-11] what widens an agent wants a second factor just given, or a recent sign-in", async () => {
  const team = await givenTeam();
  for (const each of [team.owner, team.member]) {
    const person = await signInAgain(each);
    const refusal = person.hasSecondFactor ? SecondFactorRequiredError : RecentSignInNeededError;
    const connectionId = await given.connection(person, givenDefinitions.halden);
    const { id } = await make(person, { connections: [{ connectionId }] });
    const building = await make(person, { mode: "build", connections: [{ connectionId }] });
    const production = await given.connection(person, {
      ...givenDefinitions.halden,
      name: "Another production org",
      environment: "production",
    });
    const until = daysAhead(1);
    deps.clock.advanceSeconds(16 * MINUTE);
    const widening = [
      () => newKey(person, id),
      () => edit(person, id, { mode: "build" }),
      () => make(person, { mode: "build" }),
      () =>
        edit(person, building.id, {
          connections: [{ connectionId }, { connectionId: production }],
        }),
      () => edit(person, id, { connections: [{ connectionId }, { connectionId: production }] }),
      () =>
        edit(person, building.id, { connections: [{ connectionId, directWritesUntil: until }] }),
    ];
    for (const attempt of widening) await expect(attempt()).rejects.toThrow(refusal);
    for (const budget of ["callsPerDay", "rowsPerDay", "sendsPerDay"]) {
      for (const less of [10, 9]) await edit(person, id, { [budget]: less });
      for (const more of [10, null]) {
        await expect(edit(person, id, { [budget]: more })).rejects.toThrow(refusal);
      }
    }
    await deps.db.agent.update({ where: { id }, data: { pausedAt: deps.clock.now() } });
    await expect(edit(person, id, { isPaused: false })).rejects.toThrow(refusal);
    await edit(person, id, { isDisabled: true });
    await expect(edit(person, id, { isDisabled: false })).rejects.toThrow(refusal);
    // What narrows, or changes nothing of that, asks for nothing.
    await edit(person, building.id, { name: "Renamed", mode: "plan", connections: [] });
    await deleteAgent(deps, person, building.id);
    expect((await getAgent(deps, person, id)).keys).toEqual([]);
  }
});

test("[TEN-4] an admin sees a teammate's agent and can stop it, never change, widen or make keys for it", async () => {
  const { owner, admin, member } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const { id } = await make(member, { connections: [{ connectionId }] });
  const { key, id: keyId } = await newKey(member, id);
  for (const person of [admin, owner]) {
    expect(await getAgent(deps, person, id)).toMatchObject({
      owner: { name: "Mo" },
      isMine: false,
      canEdit: false,
      canEnd: true,
      connections: [{ connectionId }],
    });
    expect(JSON.stringify(await getAgent(deps, person, id))).not.toContain(key.slice(27));
    for (const patch of [
      { name: "Mine now" },
      { mode: "build" },
      { connections: [] },
      { isDisabled: false },
      { isDisabled: true, name: "Mine now" },
    ]) {
      await expect(edit(person, id, patch)).rejects.toThrow(ForbiddenError);
    }
    await expect(newKey(person, id)).rejects.toThrow(ForbiddenError);
    const rotation = newKey(person, id, { replaces: { keyId, overlapMinutes: 0 } });
    await expect(rotation).rejects.toThrow(ForbiddenError);
  }
  expect(await who(key)).not.toBeNull();
  await edit(admin, id, { isDisabled: true });
  expect(await who(key)).toBeNull();
  // Stopped by another than its owner: enabling it again arms nothing.
  await edit(member, id, { isDisabled: false });
  expect(await who(key)).toBeNull();
  const another = await newKey(member, id);
  await revokeKey(deps, admin, id, another.id);
  expect(await who(another.key)).toBeNull();
  await deleteAgent(deps, admin, id);
  const events = await eventsOf(id);
  expect(events.at(-1)).toMatchObject({ action: "agent.deleted", onBehalfOf: member.userId });
});

test("[WEB-11] an admin without a second factor stops nobody's agent", async () => {
  const { owner, member } = await givenTeam();
  const plain = await given.person({ teamId: owner.teamId, role: "admin" });
  const { id } = await make(member);
  const { id: keyId } = await newKey(member, id);
  for (const attempt of [
    () => edit(plain, id, { isDisabled: true }),
    () => deleteAgent(deps, plain, id),
    () => revokeKey(deps, plain, id, keyId),
  ]) {
    await expect(attempt()).rejects.toThrow(SecondFactorRequiredError);
  }
});

test("[TEN-2] a teammate's agent is absent for a member, and another team's for everybody", async () => {
  const { admin, member, other } = await givenTeam();
  const stranger = await given.person({ secondFactor: true });
  const { id } = await make(member);
  const { id: keyId } = await newKey(member, id);
  for (const person of [other, stranger]) {
    const attempts = [
      () => getAgent(deps, person, id),
      () => edit(person, id, { name: "Mine" }),
      () => edit(person, id, { isDisabled: true }),
      () => deleteAgent(deps, person, id),
      () => newKey(person, id),
      () => revokeKey(deps, person, id, keyId),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(NotFoundError);
    expect((await listAgents(deps, person, { limit: 50 })).items).toEqual([]);
  }
  expect((await listAgents(deps, admin, { limit: 50 })).items).toMatchObject([{ id }]);
  // A key of another agent of one's own is not this one's.
  const second = await make(member);
  await expect(revokeKey(deps, member, second.id, keyId)).rejects.toThrow(NotFoundError);
});

test("[TEN-2] a connection of another team is refused like one of nobody", async () => {
  const { member } = await givenTeam();
  const stranger = await given.person();
  const foreign = await given.connection(stranger, givenDefinitions.halden);
  const words = async (connectionId: string) => {
    const error = await make(member, { connections: [{ connectionId }] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as InvalidInputError).issues;
  };
  expect(await words(foreign)).toEqual(await words(randomUUID()));
});

test("[TEN-9] unknown and protected fields are refused", () => {
  for (const extra of [{ ownerId: randomUUID() }, { teamId: randomUUID() }, { disabledAt: null }]) {
    expect(agentInputSchema.safeParse({ name: "A", ...extra }).success).toBe(false);
    expect(agentPatchSchema.safeParse({ name: "A", ...extra }).success).toBe(false);
  }
  expect(agentPatchSchema.safeParse({}).success).toBe(false);
  expect(keyInputSchema.safeParse({ secretHash: "x" }).success).toBe(false);
});

test("disabling pauses: no key counts, leases end, and the owner's keys come back with it", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  const { key, id: keyId } = await newKey(member, id);
  const endedAt = await givenLease(member, id, keyId);
  await edit(member, id, { isDisabled: true });
  expect(await who(key)).toBeNull();
  expect(await endedAt()).toEqual(deps.clock.now());
  await expect(newKey(member, id)).rejects.toThrow(AgentDisabledError);
  await edit(member, id, { isDisabled: false });
  expect(await who(key)).not.toBeNull();
});

test("[TEN-10] with a member go their agents, keys and leases, at once and in one transaction", async () => {
  const { owner, member, other } = await givenTeam();
  const theirs = await make(member);
  const key = await newKey(member, theirs.id);
  const leaseEnd = await givenLease(member, theirs.id, key.id);
  const mine = await make(other);
  const kept = await newKey(other, mine.id);
  const keptLease = await givenLease(other, mine.id, kept.id);
  expect(await removeMember(deps, owner, member.userId)).toMatchObject({ agentsEnded: 1 });
  expect(await who(key.key)).toBeNull();
  expect(await leaseEnd()).toEqual(deps.clock.now());
  expect(await who(kept.key)).not.toBeNull();
  expect(await keptLease()).toBeNull();
  expect(await getAgent(deps, owner, theirs.id)).toMatchObject({
    disabledAt: deps.clock.now().toISOString(),
    keys: [{ state: "revoked" }],
  });
  // Back in the team, nothing of it lives again.
  const { teamId, userId } = member;
  const createdAt = deps.clock.now();
  await deps.db.membership.create({ data: { teamId, userId, role: "member", createdAt } });
  expect(await who(key.key)).toBeNull();
});

test("a deleted connection is out of every agent's reach", async () => {
  const { member } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const { id } = await make(member, { connections: [{ connectionId }] });
  const { key } = await newKey(member, id);
  await deleteConnection(deps, member, connectionId);
  expect((await who(key))?.connections.size).toBe(0);
  expect((await getAgent(deps, member, id)).connections).toEqual([]);
});

test("[TEN-5] writes without a plan do not follow a connection that is made to point elsewhere", async () => {
  const { member } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const { id } = await make(member, {
    mode: "build",
    connections: [{ connectionId, directWritesUntil: daysAhead(7) }],
  });
  const { key } = await newKey(member, id);
  const { version } = await deps.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
  await editConnection(deps, member, connectionId, { version, voids: 0, name: "Renamed" });
  expect((await who(key))?.connections.get(connectionId)?.directWritesUntil).not.toBeNull();
  await editConnection(deps, member, connectionId, {
    version: version + 1,
    voids: 0,
    environment: "sandbox",
  });
  expect((await who(key))?.connections.get(connectionId)?.directWritesUntil).toBeNull();
  expect(await actionsOf(id)).toContain("agent.writes_ended");
});

test("[OPS-8] a key that nobody used for ninety days ends by itself, with an event; a used one goes on", async () => {
  const { owner, member } = await givenTeam();
  const { id } = await make(member);
  const unused = await newKey(member, id, { expiresInDays: 365 });
  const used = await newKey(member, id, { expiresInDays: 365 });
  deps.clock.advanceSeconds(89 * DAY);
  await who(used.key);
  await deps.agentKeys.settled();
  await endUnusedKeys(deps);
  expect(await actionsOf(id)).not.toContain("agent_key.ended_unused");
  deps.clock.advanceSeconds(1.5 * DAY);
  expect(await endUnusedKeys(deps)).toBeGreaterThan(0);
  expect(await endUnusedKeys(deps)).toBe(0);
  expect(await who(unused.key)).toBeNull();
  expect(await who(used.key)).not.toBeNull();
  expect((await eventsOf(id)).at(-1)).toMatchObject({
    action: "agent_key.ended_unused",
    teamId: owner.teamId,
    onBehalfOf: member.userId,
    detail: { keyId: unused.id, lastUsedAt: null },
  });
});

test("the list shows one's own first, then by name, page by page, and finds by name of agent and owner", async () => {
  const { admin, member } = await givenTeam();
  for (const name of ["Delta", "Alpha", "Charlie"]) await make(member, { name });
  for (const name of ["Zulu", "Bravo"]) await make(admin, { name });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listAgents>> = await listAgents(deps, admin, {
      limit: 2,
      ...(cursor === null ? {} : { cursor }),
    });
    expect(page.total).toBe(5);
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(["Bravo", "Zulu", "Alpha", "Charlie", "Delta"]);
  const find = async (q: string) =>
    (await listAgents(deps, admin, { limit: 50, q })).items.map(({ name }) => name);
  expect(await find("ALPH")).toEqual(["Alpha"]);
  expect(await find("mo")).toEqual(["Alpha", "Charlie", "Delta"]);
  expect(await find("%")).toEqual([]);
});

test("[TEN-4] who may use a connection is told of one's own agents, to an admin of all, to a stranger of none", async () => {
  const { member, admin } = await givenTeam();
  const connectionId = await given.connection(member, givenDefinitions.halden);
  const [mine, others] = [
    await givenAgent(deps, member, { connections: [connectionId] }),
    await givenAgent(deps, admin, { connections: [connectionId] }),
  ];
  await givenAgent(deps, member);
  const there = async (person: Principal) =>
    (await listAgents(deps, person, { limit: 50, connection: connectionId })).items
      .map(({ id }) => id)
      .toSorted();
  expect(await there(member)).toEqual([mine.agentId]);
  expect(await there(admin)).toEqual([mine.agentId, others.agentId].toSorted());
  expect(await there(await given.person())).toEqual([]);
});

test("[AUD-1] every change of an agent leaves its event with who did it", async () => {
  const { member } = await givenTeam();
  const { id } = await make(member);
  await givenAgent(deps, member);
  await edit(member, id, { name: "Renamed" });
  await edit(member, id, { name: "Renamed" });
  await edit(member, id, { isDisabled: true });
  await edit(member, id, { isDisabled: false });
  await deleteAgent(deps, member, id);
  const events = await eventsOf(id);
  expect(events.map(({ action }) => action)).toEqual([
    "agent.created",
    "agent.edited",
    "agent.disabled",
    "agent.enabled",
    "agent.deleted",
  ]);
  for (const event of events) {
    expect(event).toMatchObject({ actorId: member.userId, teamId: member.teamId });
  }
});

test("[BRK-11] what is taken back is refused in another process within a second", {
  timeout: 60_000,
}, async () => {
  const { owner, member } = await givenTeam();
  const given = async () => {
    const { id } = await make(member);
    return { id, ...(await newKey(member, id).then((key) => ({ key: key.key, keyId: key.id }))) };
  };
  const [one, two, three, four] = [await given(), await given(), await given(), await given()];
  const ways = [
    () => revokeKey(deps, member, one.id, one.keyId),
    () => edit(member, two.id, { isDisabled: true }),
    () => deleteAgent(deps, member, three.id),
    () => removeMember(deps, owner, member.userId),
  ];
  const keys = [one, two, three, four].map(({ key }) => key);
  const other = startOtherProcess(studio.settingsOfAnother, { do: "authenticate-each", keys });
  type Told = { taken: boolean[]; lastTakenAt: number[] };
  const told = async () => (await other.told.next()).value?.[0] as Told;
  expect((await told()).taken).toEqual([true, true, true, true]);
  for (const [at, takeBack] of ways.entries()) {
    await takeBack();
    const committedAt = performance.timeOrigin + performance.now();
    const { taken, lastTakenAt } = await told();
    expect(taken).toEqual(keys.map((_, place) => place > at));
    // Nothing that began a second after the commit was let through.
    expect((lastTakenAt[at] ?? 0) - committedAt).toBeLessThan(1_000);
  }
});

test("[WEB-10] a search of agents for what no name can hold is refused, not broken off", () => {
  expect(agentQuerySchema.safeParse({ q: "night" }).success).toBe(true);
  expect(agentQuerySchema.safeParse({ q: "a\0b" }).success).toBe(false);
});
