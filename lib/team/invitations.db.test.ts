import { beforeEach, expect, test } from "vitest";
import { NotSignedInError, RecentSignInNeededError } from "#lib/auth/errors.ts";
import { hashPassword } from "#lib/auth/password.ts";
import { isSignInRecent } from "#lib/auth/recent-sign-in.ts";
import { findLiveSession } from "#lib/auth/sessions.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import { beginAttempt, networkPolicy, throttleKey } from "#lib/auth/throttle.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import { type Principal, type Role, roles } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { inTransaction } from "#lib/db/client.ts";
import { isAtMost } from "#lib/policy/role-matrix.ts";
import { beginTotp } from "#lib/second-factor/add-totp.ts";
import { acceptInvitation, joinTeam, viewInvitation } from "#lib/team/accept-invitation.ts";
import { admitInvited } from "#lib/team/admit-invited.ts";
import { changeRole } from "#lib/team/change-role.ts";
import { addDomain } from "#lib/team/domains.ts";
import {
  AccountPasswordError,
  AlreadyMemberError,
  InvitationForAnotherError,
  InvitationOverError,
  SignInFirstError,
} from "#lib/team/errors.ts";
import {
  type IssuedInvitation,
  invite,
  listInvitations,
  renewInvitation,
  revokeInvitation,
} from "#lib/team/invite.ts";
import { removeMember } from "#lib/team/remove-member.ts";
import { invitationInputSchema } from "#lib/team/schema.ts";
import { createTeam, listOwnTeams, switchTeam } from "#lib/team/teams.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, database } = await testStudio();
const client = { address: "203.0.113.7", userAgent: null };
const password = new Secret("velvet otter ninth orbit kayak");
const passwordHash = await hashPassword(password);
const DAY_SECONDS = 24 * 3_600;

beforeEach(async () => {
  await database.pool.query("truncate users, teams, rate_limits cascade");
});

const givenOwner = () => given.person({ secondFactor: true, name: "Robin" });
const inviteTo = (principal: Principal, email: string, role: Role = "member") =>
  invite(deps, principal, invitationInputSchema.parse({ email, role }));
const accept = ({ token }: Pick<IssuedInvitation, "token">, name = "Noor") =>
  acceptInvitation(deps, { token, name, password }, client);
const stateOf = async ({ token }: IssuedInvitation) => (await viewInvitation(deps, token)).state;
const membersOf = ({ teamId }: Principal) => deps.db.membership.count({ where: { teamId } });

test("[TEN-11] an invitation makes one account of exactly the invited address, with the invited role", async () => {
  const owner = await givenOwner();
  const issued = await inviteTo(owner, "  Noor@Aurora.Example ", "admin");
  expect(await viewInvitation(deps, issued.token)).toEqual({
    state: "open",
    email: "noor@aurora.example",
    role: "admin",
    teamName: "Robin's team",
    invitedBy: "Robin",
    account: "none",
  });
  expect(await accept(issued)).toEqual({ email: "noor@aurora.example" });
  const signedIn = await signIn(deps, { email: "noor@aurora.example", password }, client);
  const live = signedIn && (await findLiveSession(deps, signedIn.token));
  expect(live?.principal).toMatchObject({ teamId: owner.teamId, role: "admin" });
  expect(live?.user).toEqual({ email: "noor@aurora.example", name: "Noor" });
  const events = await deps.db.auditEvent.findMany({
    where: { teamId: owner.teamId },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ action }) => action)).toEqual([
    "team.invitation_created",
    "user.created",
    "team.invitation_accepted",
    "team.member_joined",
    "user.signed_in",
  ]);
});

test("[TEN-11] a link has 256 random bits, of which only a hash is stored", async () => {
  const owner = await givenOwner();
  const { token } = await inviteTo(owner, "noor@aurora.example");
  expect(Buffer.from(token.reveal(), "base64url")).toHaveLength(32);
  const { rows } = await database.pool.query("select i::text as row from invitations i");
  const bytes = Buffer.from(token.reveal(), "base64url").toString("hex");
  for (const form of [token.reveal(), bytes, Buffer.from(token.reveal()).toString("hex")]) {
    expect(rows[0].row).not.toContain(form);
  }
  const list = JSON.stringify(await listInvitations(deps, owner, { limit: 50 }));
  expect(list).not.toContain(token.reveal());
});

test("[TEN-11] an invitation serves once", async () => {
  const owner = await givenOwner();
  const issued = await inviteTo(owner, "noor@aurora.example");
  await accept(issued);
  await expect(accept(issued)).rejects.toThrow(InvitationOverError);
  expect(await stateOf(issued)).toBe("accepted");
});

test("[TEN-11] of several who accept it at once, one does", async () => {
  const owner = await givenOwner();
  const issued = await inviteTo(owner, "noor@aurora.example");
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => accept(issued)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await membersOf(owner)).toBe(2);
  expect(await deps.db.user.count({ where: { email: "noor@aurora.example" } })).toBe(1);
});

test("[TEN-11] of several who accept it at once for one account, one does", async () => {
  const [owner, other] = [await givenOwner(), await givenOwner()];
  await accept(await inviteTo(owner, "noor@aurora.example"));
  const issued = await inviteTo(other, "noor@aurora.example");
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => accept(issued)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const accepted = { action: "team.invitation_accepted", teamId: other.teamId };
  expect(await deps.db.auditEvent.count({ where: accepted })).toBe(1);
});

test("[TEN-11] two teams that invite one address at once end with one account", async () => {
  const [a, b] = [await givenOwner(), await givenOwner()];
  const both = [await inviteTo(a, "noor@aurora.example"), await inviteTo(b, "noor@aurora.example")];
  const outcomes = await Promise.allSettled(both.map((issued) => accept(issued)));
  const late = outcomes.filter(({ status }) => status === "rejected");
  for (const { reason } of late as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(AccountPasswordError);
  }
  expect(await deps.db.user.count({ where: { email: "noor@aurora.example" } })).toBe(1);
});

test("[TEN-11] it expires after seven days, to the moment", async () => {
  const owner = await givenOwner();
  const issued = await inviteTo(owner, "noor@aurora.example");
  deps.clock.advanceSeconds(7 * DAY_SECONDS - 1);
  expect(await stateOf(issued)).toBe("open");
  deps.clock.advanceSeconds(1);
  expect(await stateOf(issued)).toBe("expired");
  await expect(accept(issued)).rejects.toThrow(InvitationOverError);
  expect(await membersOf(owner)).toBe(1);
});

test("[TEN-11] withdrawn, renewed and invited again: the link before is dead", async () => {
  const owner = await givenOwner();
  const first = await inviteTo(owner, "noor@aurora.example");
  const renewed = await renewInvitation(deps, owner, first.invitation.id);
  expect([await stateOf(first), await stateOf(renewed)]).toEqual(["revoked", "open"]);
  const again = await inviteTo(owner, "NOOR@aurora.example");
  expect([await stateOf(renewed), await stateOf(again)]).toEqual(["revoked", "open"]);
  await revokeInvitation(deps, owner, again.invitation.id);
  expect(await stateOf(again)).toBe("revoked");
  for (const issued of [first, renewed, again]) {
    await expect(accept(issued)).rejects.toThrow(InvitationOverError);
  }
  await expect(revokeInvitation(deps, owner, again.invitation.id)).rejects.toThrow(NotFoundError);
  await expect(renewInvitation(deps, owner, again.invitation.id)).rejects.toThrow(
    InvitationOverError,
  );
  expect((await listInvitations(deps, owner, { limit: 50 })).items).toEqual([]);
});

test.each(roles.flatMap((by) => roles.map((to) => [by, to] as const)))(
  "[TEN-3] one who is %s invites to %s only as their own role allows",
  async (by, to) => {
    const owner = await givenOwner();
    const actor = await given.person({ teamId: owner.teamId, role: by, secondFactor: true });
    const attempt = inviteTo(actor, "noor@aurora.example", to);
    if (by !== "member" && isAtMost(to, by)) await attempt;
    else await expect(attempt).rejects.toThrow(ForbiddenError);
    const open = (await deps.db.invitation.count()) > 0;
    expect(open).toBe(by !== "member" && isAtMost(to, by));
  },
);

test("[TEN-3] nobody's word outlasts their right to it: an invitation of a demoted owner counts as withdrawn", async () => {
  const owner = await givenOwner();
  const second = await given.person({ teamId: owner.teamId, role: "owner", secondFactor: true });
  const issued = await inviteTo(second, "noor@aurora.example", "owner");
  await changeRole(deps, owner, second.userId, "admin");
  expect(await stateOf(issued)).toBe("revoked");
  await expect(accept(issued)).rejects.toThrow(InvitationOverError);
});

test("[TEN-3] the links of whoever was taken out stay dead when they come back", async () => {
  const owner = await givenOwner();
  const { teamId } = owner;
  const admin = await given.person({ teamId, role: "admin", secondFactor: true });
  const { userId } = admin;
  const theirs = await inviteTo(admin, "noor@aurora.example");
  const mine = await inviteTo(owner, "kim@aurora.example");
  await removeMember(deps, owner, userId);
  const createdAt = deps.clock.now();
  await deps.db.membership.create({ data: { teamId, userId, role: "admin", createdAt } });
  expect(await stateOf(theirs)).toBe("revoked");
  expect(await stateOf(mine)).toBe("open");
});

test("an address that is in the team already is not invited", async () => {
  const owner = await givenOwner();
  await expect(inviteTo(owner, `${owner.userId}@studio.example`)).rejects.toThrow(
    AlreadyMemberError,
  );
});

test("[TEN-11] somebody with an account joins with its password, and no other", async () => {
  const owner = await givenOwner();
  const other = await givenOwner();
  await accept(await inviteTo(owner, "noor@aurora.example"));
  deps.clock.advanceSeconds(1);
  const issued = await inviteTo(other, "noor@aurora.example");
  expect(await viewInvitation(deps, issued.token)).toMatchObject({ account: "password" });
  const wrong = { token: issued.token, name: "", password: new Secret("not the password at all") };
  await expect(acceptInvitation(deps, wrong, client)).rejects.toThrow(AccountPasswordError);
  expect(await membersOf(other)).toBe(1);
  await accept(issued, "");
  expect(await membersOf(other)).toBe(2);
  const signedIn = await signIn(deps, { email: "noor@aurora.example", password }, client);
  const live = signedIn && (await findLiveSession(deps, signedIn.token));
  expect(live?.principal.teamId, "a sign-in opens the team joined last").toBe(other.teamId);
});

test("[WEB-2] guessing at an account's password through an invitation is slowed like signing in", async () => {
  const owner = await givenOwner();
  const other = await givenOwner();
  await accept(await inviteTo(owner, "noor@aurora.example"));
  const { token } = await inviteTo(other, "noor@aurora.example");
  const guess = () =>
    acceptInvitation(deps, { token, name: "", password: new Secret("no") }, client).catch(
      (error) => error.code,
    );
  const codes = [];
  for (let n = 0; n < 6; n++) codes.push(await guess());
  expect(codes.slice(0, 5)).toEqual(Array(5).fill("team.account_password_wrong"));
  expect(codes[5]).toBe("auth.throttled");
});

test("[WEB-2] a network that guessed much is slowed here too, and each refusal is recorded", async () => {
  const owner = await givenOwner();
  await accept(await inviteTo(owner, "noor@aurora.example"));
  const { token } = await inviteTo(await givenOwner(), "noor@aurora.example");
  const guess = () =>
    acceptInvitation(deps, { token, name: "", password: new Secret("no") }, client).catch(
      ({ code }) => code,
    );
  expect(await guess()).toBe("team.account_password_wrong");
  const refused = { action: "user.sign_in_refused", teamId: owner.teamId };
  expect(await deps.db.auditEvent.count({ where: refused })).toBe(1);
  const network = throttleKey("sign-in-network", "203.0.113.0/24");
  for (let n = 1; n < networkPolicy.freeAttempts; n++) {
    await beginAttempt(deps, [{ key: network, policy: networkPolicy }]);
  }
  expect(await guess()).toBe("auth.throttled");
});

test("[WEB-11] an account with a second factor joins signed in, never by its password alone", async () => {
  const owner = await givenOwner();
  const person = await given.person({ secondFactor: true });
  await deps.db.user.update({ where: { id: person.userId }, data: { passwordHash } });
  const issued = await inviteTo(owner, `${person.userId}@studio.example`);
  expect(await viewInvitation(deps, issued.token)).toMatchObject({ account: "elsewhere" });
  await expect(accept(issued)).rejects.toThrow(SignInFirstError);
  expect(await stateOf(issued)).toBe("open");
  expect(await membersOf(owner)).toBe(1);
  await joinTeam(deps, person, issued);
  expect(await membersOf(owner)).toBe(2);
});

test("[TEN-11] whoever is signed in joins with the invited address only, and goes on in that team", async () => {
  const owner = await givenOwner();
  const person = await given.person({ secondFactor: true });
  const issued = await inviteTo(owner, `${person.userId}@studio.example`);
  const stranger = await given.person();
  await expect(joinTeam(deps, stranger, issued)).rejects.toThrow(InvitationForAnotherError);
  expect(await stateOf(issued)).toBe("open");
  const { token } = await joinTeam(deps, person, issued);
  const live = await findLiveSession(deps, token);
  expect(live?.principal).toMatchObject({ teamId: owner.teamId, role: "member" });
  await expect(joinTeam(deps, person, issued)).rejects.toThrow(InvitationOverError);
});

test("[TEN-11] an identity provider's word for a verified address uses the invitation up", async () => {
  const owner = await givenOwner();
  const person = { email: "noor@aurora.example", emailVerified: true, name: "Noor" };
  const admitted = (more: object = {}) =>
    inTransaction(deps.db, (tx) => admitInvited(tx, deps, { ...person, ...more }));
  expect(await admitted(), "not invited").toBeNull();
  const issued = await inviteTo(owner, person.email, "admin");
  expect(await admitted({ emailVerified: false })).toBeNull();
  const made = await admitted();
  expect(made).toMatchObject({ teamId: owner.teamId, isNewUser: true });
  expect(await stateOf(issued)).toBe("accepted");
  expect(await admitted({ userId: made?.userId })).toBeNull();

  const other = await givenOwner();
  const second = await inviteTo(other, person.email);
  expect(await admitted(), "an account is never taken over").toBeNull();
  await expect(accept(second)).rejects.toThrow(SignInFirstError);
  expect(await admitted({ userId: made?.userId })).toMatchObject({ teamId: other.teamId });
});

test("[TEN-3] another team's invitation does not draw a newcomer away from the team of their mail domain", async () => {
  const [home, other] = [await givenOwner(), await givenOwner()];
  await addDomain(deps, home, { domain: "aurora.example" });
  const theirs = await inviteTo(other, "noor@aurora.example", "admin");
  const signInOf = (email: string) =>
    inTransaction(deps.db, (tx) => deps.admit(tx, { email, name: "Noor", userId: null }));
  expect(await signInOf("noor@aurora.example")).toMatchObject({ teamId: home.teamId });
  expect(await stateOf(theirs), "it waits for their own word").toBe("open");

  await inviteTo(other, "kim@aurora.example");
  await inviteTo(home, "kim@aurora.example", "admin");
  const kim = await signInOf("kim@aurora.example");
  const membership = await deps.db.membership.findFirstOrThrow({
    where: { userId: kim?.userId ?? "" },
  });
  expect(membership).toMatchObject({ teamId: home.teamId, role: "admin" });
});

test("[TEN-11] whom an identity provider knows by another address now joins with the account that is theirs", async () => {
  const owner = await givenOwner();
  const person = await given.person();
  await inviteTo(owner, "married@aurora.example");
  const people = await deps.db.user.count();
  const admitted = await inTransaction(deps.db, (tx) =>
    admitInvited(tx, deps, {
      email: "married@aurora.example",
      emailVerified: true,
      name: "Noor",
      userId: person.userId,
    }),
  );
  expect(admitted).toEqual({ userId: person.userId, teamId: owner.teamId, isNewUser: false });
  expect(await deps.db.user.count(), "no second account").toBe(people);
  expect(await membersOf(owner)).toBe(2);
});

test("[WEB-3] moving to another team does not make an old sign-in a recent one", async () => {
  const person = await given.person();
  deps.clock.advanceSeconds(3_600);
  expect(await isSignInRecent(deps, person)).toBe(false);
  const { token } = await createTeam(deps, person, { name: "Second" });
  const moved = (await findLiveSession(deps, token))?.principal as Principal;
  expect(await isSignInRecent(deps, moved)).toBe(false);
  await expect(beginTotp(deps, moved)).rejects.toThrow(RecentSignInNeededError);
});

test("[WEB-3] switching teams goes on under a new session id, with what was proven and no longer than before", async () => {
  const person = await givenOwner();
  const before = await deps.db.session.findUniqueOrThrow({ where: { id: person.sessionId } });
  deps.clock.advanceSeconds(3_600);
  const { teamId, token } = await createTeam(deps, person, { name: "Second" });
  const live = await findLiveSession(deps, token);
  expect(live?.principal).toMatchObject({ teamId, role: "owner", hasSecondFactor: true });
  expect(live?.teamName).toBe("Second");
  const after = await deps.db.session.findUniqueOrThrow({
    where: { id: live?.principal.sessionId ?? "" },
  });
  expect(after.absoluteExpiresAt).toEqual(before.absoluteExpiresAt);
  expect(after.id).not.toBe(before.id);
  const ended = await deps.db.session.findUniqueOrThrow({ where: { id: before.id } });
  expect(ended).toMatchObject({ endedReason: "team_switched" });

  const principal = live?.principal as Principal;
  const back = await switchTeam(deps, principal, person.teamId);
  expect((await findLiveSession(deps, back.token))?.principal.teamId).toBe(person.teamId);
  const late = switchTeam(deps, principal, person.teamId);
  await expect(late, "an ended session goes on nowhere").rejects.toThrow(NotSignedInError);
  const stranger = await givenOwner();
  await expect(switchTeam(deps, stranger, teamId)).rejects.toThrow(NotFoundError);
  expect((await listOwnTeams(deps, principal)).map(({ name }) => name)).toEqual([
    "Robin's team",
    "Second",
  ]);
});
