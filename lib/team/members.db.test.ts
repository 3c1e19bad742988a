import { beforeEach, expect, test } from "vitest";
import { NotSignedInError } from "#lib/auth/errors.ts";
import { createSession, findLiveSession } from "#lib/auth/sessions.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import { type Principal, type Role, roles } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { isAtMost } from "#lib/policy/role-matrix.ts";
import { changeRole } from "#lib/team/change-role.ts";
import { endMemberSessions } from "#lib/team/end-sessions.ts";
import { LastOwnerError } from "#lib/team/errors.ts";
import { getMember, listMembers } from "#lib/team/list-members.ts";
import { leaveTeam, removeMember } from "#lib/team/remove-member.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, database } = await testStudio();

beforeEach(async () => {
  await database.pool.query("truncate users, teams cascade");
});

const isLive = async ({ sessionId }: Principal) => {
  const row = await deps.db.session.findUnique({ where: { id: sessionId } });
  return row?.endedAt === null;
};
const roleOf = async ({ teamId, userId }: Principal) =>
  (await deps.db.membership.findUnique({ where: { teamId_userId: { teamId, userId } } }))?.role;
const actionsIn = async ({ teamId }: Principal) => {
  const where = { teamId };
  const events = await deps.db.auditEvent.findMany({ where, orderBy: { sequence: "asc" } });
  return events.map(({ action }) => action);
};
/** Somebody who proved a second factor, as those who look after others do. */
const givenPerson = (options: { role?: Role; teamId?: string; name?: string } = {}) =>
  given.person({ ...options, secondFactor: true });

async function givenTeam() {
  const owner = await givenPerson({ name: "Robin" });
  const { teamId } = owner;
  const admin = await givenPerson({ teamId, role: "admin", name: "Ada" });
  const member = await givenPerson({ teamId, role: "member", name: "Mo" });
  return { owner, admin, member, teamId };
}

const triples = roles.flatMap((by) =>
  roles.flatMap((from) => roles.map((to) => [by, from, to] as const)),
);
test.each(triples)(
  "[TEN-3] one who is %s makes somebody who is %s %s as their own role allows",
  async (by, from, to) => {
    const first = await givenPerson();
    const actor = await givenPerson({ teamId: first.teamId, role: by });
    const target = await givenPerson({ teamId: first.teamId, role: from });
    const isAllowed = by !== "member" && isAtMost(from, by) && isAtMost(to, by);
    const attempt = changeRole(deps, actor, target.userId, to);
    if (isAllowed) await attempt;
    else await expect(attempt).rejects.toThrow(ForbiddenError);
    expect(await roleOf(target)).toBe(isAllowed ? to : from);
  },
);

test("[WEB-3] a changed role ends that person's sessions in the team, and their own goes on anew", async () => {
  const { owner, member } = await givenTeam();
  expect(await changeRole(deps, owner, member.userId, "admin")).toBeNull();
  expect(await isLive(member)).toBe(false);
  expect(await isLive(owner)).toBe(true);
  expect(await actionsIn(owner)).toEqual(["team.role_changed", "session.ended"]);

  await changeRole(deps, owner, member.userId, "owner");
  const token = await changeRole(deps, owner, owner.userId, "member");
  expect(await isLive(owner)).toBe(false);
  const renewed = token && (await findLiveSession(deps, token));
  expect(renewed?.principal).toMatchObject({
    userId: owner.userId,
    role: "member",
    hasSecondFactor: true,
  });
  expect(renewed?.principal.sessionId).not.toBe(owner.sessionId);
});

test("a role that somebody has already changes nothing and ends no session", async () => {
  const { owner, member } = await givenTeam();
  await changeRole(deps, owner, member.userId, "member");
  expect(await isLive(member)).toBe(true);
  expect(await actionsIn(owner)).toEqual([]);
});

test("[TEN-3] the last owner stays: not demoted, not removed, not gone", async () => {
  const { owner, admin } = await givenTeam();
  await expect(changeRole(deps, owner, owner.userId, "admin")).rejects.toThrow(LastOwnerError);
  await expect(leaveTeam(deps, owner)).rejects.toThrow(LastOwnerError);
  await expect(removeMember(deps, admin, owner.userId)).rejects.toThrow(ForbiddenError);
  expect(await roleOf(owner)).toBe("owner");
  expect(await isLive(owner)).toBe(true);
});

test.each(["demote each other", "remove each other", "demote themselves", "leave"])(
  "[TEN-3] of two owners who %s at once, one stays an owner",
  async (what) => {
    for (let round = 0; round < 5; round++) {
      const a = await givenPerson();
      const b = await givenPerson({ teamId: a.teamId, role: "owner" });
      const both: [Principal, Principal][] = [
        [a, b],
        [b, a],
      ];
      const outcomes = await Promise.allSettled(
        both.map(async ([me, other]) => {
          if (what === "demote each other") await changeRole(deps, me, other.userId, "member");
          if (what === "remove each other") await removeMember(deps, me, other.userId);
          if (what === "demote themselves") await changeRole(deps, me, me.userId, "member");
          if (what === "leave") await leaveTeam(deps, me);
        }),
      );
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const owners = await deps.db.membership.count({ where: { teamId: a.teamId, role: "owner" } });
      expect(owners).toBe(1);
    }
  },
);

test("[TEN-10] who was removed or demoted a moment ago decides nothing more", async () => {
  const { owner, admin, member } = await givenTeam();
  await changeRole(deps, owner, admin.userId, "member");
  // As a request would that was let in before: its principal still says admin.
  await expect(changeRole(deps, admin, member.userId, "admin")).rejects.toThrow(ForbiddenError);
  await removeMember(deps, owner, admin.userId);
  await expect(removeMember(deps, admin, member.userId)).rejects.toThrow(NotSignedInError);
  expect(await roleOf(member)).toBe("member");
});

test("[TEN-1] removing somebody from one team leaves them in their others", async () => {
  const { owner, member } = await givenTeam();
  const elsewhere = await givenPerson({ name: "Elsewhere" });
  await deps.db.membership.create({
    data: {
      teamId: elsewhere.teamId,
      userId: member.userId,
      role: "member",
      createdAt: deps.clock.now(),
    },
  });
  const there = await deps.db.session.create({
    data: {
      ...(await deps.db.session.findUniqueOrThrow({ where: { id: member.sessionId } })),
      id: crypto.randomUUID(),
      teamId: elsewhere.teamId,
      tokenHash: Uint8Array.from([1, 2, 3]),
    },
  });
  const removal = await removeMember(deps, owner, member.userId);
  expect(removal).toMatchObject({ userId: member.userId, sessionsEnded: 1 });
  expect(await isLive(member)).toBe(false);
  expect(await isLive({ ...member, sessionId: there.id })).toBe(true);
});

test("whoever leaves goes on in another of their teams, or nowhere", async () => {
  const { member, teamId } = await givenTeam();
  expect(await leaveTeam(deps, member)).toBeNull();
  expect(await isLive(member)).toBe(false);
  const again = await givenPerson({ teamId, role: "member" });
  const elsewhere = await givenPerson();
  await deps.db.membership.create({
    data: {
      teamId: elsewhere.teamId,
      userId: again.userId,
      role: "member",
      createdAt: deps.clock.now(),
    },
  });
  const token = await leaveTeam(deps, again);
  const live = token && (await findLiveSession(deps, token));
  expect(live?.principal).toMatchObject({ teamId: elsewhere.teamId, userId: again.userId });
});

test("a person's sessions in the team can be ended by an admin, but by nobody of a lower role", async () => {
  const { owner, admin, member } = await givenTeam();
  expect(await endMemberSessions(deps, admin, member.userId)).toBe(1);
  expect(await isLive(member)).toBe(false);
  await expect(endMemberSessions(deps, admin, owner.userId)).rejects.toThrow(ForbiddenError);
  expect(await endMemberSessions(deps, admin, admin.userId)).toBe(0);
  expect(await isLive(admin)).toBe(true);
});

test("[WEB-11] a sign-in that waits for its second step is no session in a member's list", async () => {
  const { owner, member, teamId } = await givenTeam();
  const half = { userId: member.userId, teamId, network: "203.0.113.0/24", userAgent: null };
  await inTransaction(deps.db, (tx) => createSession(tx, deps, half));
  const { member: seen, sessions } = await getMember(deps, owner, member.userId);
  expect(seen.sessions).toBe(1);
  expect(sessions.map(({ network }) => network)).not.toContain("203.0.113.0/24");
});

test("members see who is in the team; when and how often is for them and admins", async () => {
  const { owner, member, teamId } = await givenTeam();
  const seen = await listMembers(deps, member, { limit: 50 });
  expect(seen.items.map(({ name }) => name)).toEqual(["Ada", "Mo", "Robin"]);
  expect(seen.total).toBe(3);
  const [ada, mo] = seen.items;
  expect(ada).toMatchObject({
    lastSeenAt: null,
    sessions: null,
    hasSecondFactor: null,
    grantableRoles: [],
    canRemove: false,
  });
  expect(mo).toMatchObject({ isMe: true, sessions: 1, hasSecondFactor: true });
  const full = await listMembers(deps, owner, { limit: 50 });
  expect(full.items[1]).toMatchObject({ sessions: 1, grantableRoles: [...roles], canRemove: true });
  expect(full.items[2]).toMatchObject({ isMe: true, canRemove: false });
  await expect(getMember(deps, member, owner.userId)).rejects.toThrow(ForbiddenError);
  const stranger = await givenPerson();
  await expect(getMember(deps, stranger, member.userId)).rejects.toThrow(NotFoundError);
  expect((await getMember(deps, owner, member.userId)).sessions).toHaveLength(1);

  const first = await listMembers(deps, owner, { limit: 2 });
  const next = await listMembers(deps, owner, { limit: 2, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...next.items].map(({ name }) => name)).toEqual(["Ada", "Mo", "Robin"]);
  expect(next.nextCursor).toBeNull();
  expect((await listMembers(deps, owner, { limit: 50, q: "%" })).items).toEqual([]);
  expect(teamId).toBe(owner.teamId);
});
