import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { listEvents } from "#lib/audit/list-events.ts";
import { auditQuerySchema } from "#lib/audit/schema.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { erasePerson } from "#lib/team/erase-person.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";

/** A person who connected, worked, disconnected and left, and the owner who stayed. */
async function givenFormerMember() {
  const owner = await given.person({ secondFactor: true });
  const person = await given.person({
    teamId: owner.teamId,
    role: "member",
    name: "Solveig Aamodt",
  });
  const connectionId = await given.connection(person, givenDefinitions.halden);
  await studio.connect(person, connectionId, dana);
  await editConnection(deps, person, connectionId, { voids: 0, name: "Halden EU" });
  const { myGrant } = await getConnectionView(deps, person, connectionId);
  await disconnectGrant(deps, person, myGrant?.id ?? "");
  await deps.db.membership.deleteMany({ where: { userId: person.userId } });
  await deps.db.invitation.create({
    data: {
      id: randomUUID(),
      teamId: owner.teamId,
      email: `${person.userId}@studio.example`,
      role: "member",
      tokenHash: randomBytes(32),
      createdAt: deps.clock.now(),
      expiresAt: deps.clock.now(),
    },
  });
  return { owner, person };
}

test("[AUD-7] an erased person's name is nowhere, their events stay, and the chain verifies", async () => {
  const { owner, person } = await givenFormerMember();
  const query = auditQuerySchema.parse({ actor: person.userId });
  const before = await listEvents(deps, owner, query);
  expect(before.items[0]?.actor?.name).toBe("Solveig Aamodt");
  const { name } = await erasePerson(deps, owner, person.userId);
  expect(name).toBe(`Former member ${person.userId.slice(0, 8)}`);

  const { rows: tables } = await database.pool.query(
    "select tablename from pg_tables where schemaname = 'public'",
  );
  for (const { tablename } of tables) {
    const { rows } = await database.pool.query(`select t::text as row from "${tablename}" t`);
    const dump = JSON.stringify(rows);
    for (const trace of ["Solveig", "Aamodt", `${person.userId}@studio.example`, dana]) {
      expect(dump.includes(trace), `${trace} in ${tablename}`).toBe(false);
    }
  }
  const after = await listEvents(deps, owner, query);
  expect(after.items.slice(1).map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
  expect(after.items.at(-1)?.actor).toEqual({ id: person.userId, name });
  const { chains } = await verifyTrail(deps, { chainIds: [owner.teamId] });
  expect(chains[0]?.firstBad).toBeNull();
});

test("[AUD-7] only owners erase, only who left, and a stranger answers as nobody", async () => {
  const { owner, person } = await givenFormerMember();
  const admin = await given.person({ teamId: owner.teamId, role: "admin", secondFactor: true });
  await expect(erasePerson(deps, admin, person.userId)).rejects.toMatchObject({
    code: "policy.forbidden",
  });
  await expect(erasePerson(deps, owner, admin.userId)).rejects.toMatchObject({
    code: "team.still_here",
  });
  const stranger = await given.person();
  for (const userId of [stranger.userId, randomUUID()]) {
    await expect(erasePerson(deps, owner, userId), "[TEN-2]").rejects.toMatchObject({
      code: "input.not_found",
    });
  }
});

test("[OPS-6] with an erased person go their plans with all they hold, and what their agents did and asked for", async () => {
  const { owner, person } = await givenFormerMember();
  const { agentId, keyId } = await givenAgent(deps, person);
  const { teamId, userId: ownerId } = person;
  const [at, planId, connectionId] = [deps.clock.now(), randomUUID(), randomUUID()];
  const sizes = { stepCount: 1, records: 1, recipients: 0 };
  const plan = { id: planId, teamId, ownerId, agentId, title: "canary-title", hash: "00" };
  const times = { createdAt: at, updatedAt: at, expiresAt: at };
  await deps.db.plan.create({ data: { ...plan, ...sizes, ...times, state: "applied" } });
  const step = { planId, version: 1, position: 1, connectionId, operationId: "x", effect: "write" };
  const held = { title: "canary-step", content: "canary-content", hash: "00" };
  await deps.db.planStep.create({ data: { ...step, ...held, records: 1, recipients: 0 } });
  const asked = { id: randomUUID(), teamId, ownerId, agentId, reason: "canary-reason" };
  const until = { createdAt: at, expiresAt: at };
  await deps.db.connectionRequest.create({ data: { ...asked, ...until, state: "expired" } });
  const done = { door: "operation", operation: "canary-operation", effect: "read", durationMs: 1 };
  await deps.db.agentCall.create({ data: { teamId, ownerId, agentId, keyId, at, ...done } });
  await erasePerson(deps, owner, ownerId);
  for (const table of ["plans", "plan_steps", "connection_requests", "agent_calls"]) {
    const { rows } = await database.pool.query(`select t::text as row from "${table}" t`);
    expect(JSON.stringify(rows), table).not.toContain("canary");
  }
});
