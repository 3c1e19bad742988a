import { beforeEach, expect, test } from "vitest";
import { findLiveSession } from "#lib/auth/sessions.ts";
import { renewSession } from "#lib/auth/team-sessions.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { getMember } from "#lib/team/list-members.ts";
import { leaveTeam, removeMember } from "#lib/team/remove-member.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const revoke = "/services/oauth2/revoke";

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

async function givenConnectedMember() {
  const owner = await given.person({ secondFactor: true, name: "Robin" });
  const member = await given.person({ teamId: owner.teamId, role: "member", name: "Mo" });
  const made = await given.connection(member, givenDefinitions.halden);
  await studio.connect(member, made, "dana.kowalczyk@halden.example");
  const { myGrant } = await getConnectionView(deps, member, made);
  return { owner, member, made, grantId: myGrant?.id ?? "" };
}

const grantsOf = ({ userId }: Principal) => deps.db.grant.findMany({ where: { userId } });

test("[TEN-10] removing somebody ends their sessions, grants and open sign-ins at once, and revokes at the provider", async () => {
  const { owner, member, made, grantId } = await givenConnectedMember();
  const waiting = await studio.begin(member, made);
  const back = await studio.approve(waiting, "dana.kowalczyk@halden.example");
  const removal = await removeMember(deps, owner, member.userId);
  expect(removal).toMatchObject({ sessionsEnded: 1, grantsEnded: 1 });
  expect(await grantsOf(member)).toMatchObject([
    { state: "disconnected", refreshTokenSealed: null },
  ]);
  // Whoever was let in a moment before gets nothing more either.
  await expect(testGrant(deps, member, grantId)).rejects.toThrow();
  await studio.callback(member, waiting, back);
  expect(await grantsOf(member)).toMatchObject([{ state: "disconnected" }]);
  await expect(getMember(deps, owner, member.userId)).rejects.toThrow();

  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo(revoke).length).toBeGreaterThan(0);
  const connection = await getConnectionView(deps, owner, made);
  expect(connection.name, "what they made stays with the team").toBe(givenDefinitions.halden.name);
  const [event] = await deps.db.auditEvent.findMany({
    where: { action: "team.member_removed", teamId: owner.teamId },
  });
  expect(event).toMatchObject({
    actorId: owner.userId,
    targetId: member.userId,
    detail: { role: "member", sessionsEnded: 1, grantsEnded: 1 },
  });
});

test("[TEN-10] another process refuses the removed person at the next request", async () => {
  const { owner, member } = await givenConnectedMember();
  const { token } = await inTransaction(deps.db, (tx) =>
    renewSession(tx, deps, member, member.teamId, "team_switched"),
  );
  const elsewhere = { ...deps, db: database.another(1) };
  try {
    expect(await findLiveSession(elsewhere, token)).not.toBeNull();
    await removeMember(deps, owner, member.userId);
    const askedAt = performance.now();
    expect(await findLiveSession(elsewhere, token)).toBeNull();
    expect(performance.now() - askedAt).toBeLessThan(1_000);
  } finally {
    await elsewhere.db.$disconnect();
  }
});

test("[AUD-2] a removal that cannot be written down does not happen, in no part", async () => {
  const { owner, member } = await givenConnectedMember();
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
    create trigger refuse before insert on audit_events for each row
      when (new.action = 'team.member_removed') execute function refuse();`);
  await expect(removeMember(deps, owner, member.userId)).rejects.toThrow("full");
  await database.pool.query("drop trigger refuse on audit_events");
  expect(await grantsOf(member)).toMatchObject([{ state: "active" }]);
  const session = await deps.db.session.findUniqueOrThrow({ where: { id: member.sessionId } });
  expect(session.endedAt).toBeNull();
  expect((await getMember(deps, owner, member.userId)).member.name).toBe("Mo");
});

test("[TEN-10] leaving ends the same as being removed", async () => {
  const { member } = await givenConnectedMember();
  await leaveTeam(deps, member);
  expect(await grantsOf(member)).toMatchObject([
    { state: "disconnected", refreshTokenSealed: null },
  ]);
  await attemptDueRevocations(deps);
  const revocations = await deps.db.revocation.findMany({ where: { userId: member.userId } });
  expect(revocations).toMatchObject([{ state: "confirmed", cause: "member_removed" }]);
});
