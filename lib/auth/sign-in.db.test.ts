import { expect, test } from "vitest";
import { changePassword } from "#lib/auth/change-password.ts";
import { WrongPasswordError } from "#lib/auth/errors.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { HASH_COST, hashPassword, isHashOutdated } from "#lib/auth/password.ts";
import { confirmWithPassword, isSignInRecent } from "#lib/auth/recent-sign-in.ts";
import {
  endAllSessionsOf,
  endOtherSessions,
  endSession,
  findLiveSession,
  listSessions,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SESSION_TOUCH_MS,
} from "#lib/auth/sessions.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import { sweepThrottle } from "#lib/auth/throttle.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import { inTransaction } from "#lib/db/client.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, another, pool } = await testDatabase();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const right = new Secret("velvet otter ninth orbit kayak");
const wrong = new Secret("velvet otter ninth orbit canoe");
const home = { address: "203.0.113.7", userAgent: "Test/1.0" };

let at = Date.parse("2026-03-02T08:00:00Z");
const clock = { now: () => new Date(at), monotonicMs: () => at };
const deps = { db, clock, random: systemRandom };
const teamId = systemRandom.uuid();
await db.team.create({ data: { id: teamId, name: "Aurora", createdAt: clock.now() } });

async function givenPerson(cost = HASH_COST) {
  const userId = systemRandom.uuid();
  const email = `p${userId.slice(0, 8)}@aurora.example`;
  const passwordHash = await hashPassword(right, cost);
  await db.user.create({
    data: { id: userId, email, name: "Dana", passwordHash, createdAt: clock.now() },
  });
  await db.membership.create({ data: { teamId, userId, role: "member", createdAt: clock.now() } });
  const enter = async (client: Client = home, password = right) =>
    signIn(deps, { email, password }, client);
  const enterAs = async (client: Client = home) => {
    const made = await enter(client);
    const live = made && (await findLiveSession(deps, made.token));
    if (!made || !live) throw new Error("not signed in");
    return { token: made.token, principal: live.principal };
  };
  return { userId, email, enter, enterAs };
}

/** Attempts `times` from addresses of ever new networks; waits out each refusal when told to. */
async function guess(email: string, times: number) {
  let checked = 0;
  for (let n = 0; n < times; n++) {
    const address = `198.${n % 250}.${Math.floor(n / 250)}.1`;
    const attempt = signIn(deps, { email, password: wrong }, { address, userAgent: null });
    checked += await attempt.then(
      () => 1,
      () => 0,
    );
  }
  return checked;
}

test("a right password gives a session with 256 random bits, of which only a hash is stored", async () => {
  const { enter, email } = await givenPerson();
  const made = await enter();
  expect(Buffer.from(made?.token.reveal() ?? "", "base64url")).toHaveLength(32);
  const stored = await pool.query("select s::text as row from sessions s");
  const dump = JSON.stringify(stored.rows);
  expect(dump).not.toContain(made?.token.reveal());
  expect(dump).not.toContain(Buffer.from(made?.token.reveal() ?? "").toString("hex"));
  expect(await db.rateLimit.findMany({ where: { key: { contains: email } } })).toEqual([]);
});

test("[WEB-1] an unknown address, a wrong password, a disabled person and one without a team look alike", async () => {
  const disabled = await givenPerson();
  await db.user.update({ where: { id: disabled.userId }, data: { disabledAt: clock.now() } });
  const teamless = await givenPerson();
  await db.membership.deleteMany({ where: { userId: teamless.userId } });
  const known = await givenPerson();
  const before = await db.auditEvent.count({ where: { action: "user.sign_in_refused" } });
  expect(await signIn(deps, { email: "nobody@aurora.example", password: right }, home)).toBeNull();
  expect(await known.enter(home, wrong)).toBeNull();
  expect(await disabled.enter()).toBeNull();
  expect(await teamless.enter()).toBeNull();
  expect(await db.auditEvent.count({ where: { action: "user.sign_in_refused" } })).toBe(before + 4);
});

test("[WEB-1] a hash made with less work is made anew at sign-in", async () => {
  const { userId, enter } = await givenPerson({ memoryKiB: 8 * 1024, passes: 1, lanes: 1 });
  expect(await enter()).not.toBeNull();
  const { passwordHash } = await db.user.findUniqueOrThrow({ where: { id: userId } });
  expect(isHashOutdated(passwordHash ?? "")).toBe(false);
  expect(await enter()).not.toBeNull();
});

test("[WEB-2] guesses from ever new networks are slowed for the account, and the wait is told", async () => {
  const { email, enter } = await givenPerson();
  expect(await guess(email, 30)).toBe(5);
  await expect(enter({ ...home, address: "192.0.2.9" })).rejects.toMatchObject({
    status: 429,
    remedy: { do: "retry", afterSeconds: 15 },
  });
  at += 15_000;
  expect(await enter({ ...home, address: "192.0.2.9" })).not.toBeNull();
});

test("[WEB-2] an account that does not exist is slowed like one that does", async () => {
  expect(await guess("nobody-here@aurora.example", 30)).toBe(5);
});

test("[WEB-2] guesses at the same moment do not slip through", async () => {
  const { email } = await givenPerson();
  const attempts = await Promise.allSettled(
    Array.from({ length: 25 }, (_, n) =>
      signIn(deps, { email, password: wrong }, { address: `198.18.${n}.1`, userAgent: null }),
    ),
  );
  expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
});

test("[WEB-2] all processes count together", async () => {
  const { email } = await givenPerson();
  expect(await guess(email, 5)).toBe(5);
  const other = another(1);
  const attempt = signIn({ ...deps, db: other }, { email, password: wrong }, home);
  await expect(attempt).rejects.toMatchObject({ code: "auth.throttled" });
  await other.$disconnect();
});

test("[WEB-2] half a year of patient guessing stays under a hundred in a row", {
  timeout: 120_000,
}, async () => {
  const { email } = await givenPerson();
  const until = at + 180 * DAY;
  let checked = 0;
  while (at < until) {
    const attempt = signIn(deps, { email, password: wrong }, { address: null, userAgent: null });
    const afterMs = await attempt.then(
      () => {
        checked++;
        return 0;
      },
      (error) => error.remedy.afterSeconds * 1_000,
    );
    at += afterMs;
  }
  expect(checked).toBeGreaterThan(20);
  expect(checked).toBeLessThan(100);
});

test("[WEB-2] the person gets in at once from a network they used, while strangers are slowed", async () => {
  const { email, enter } = await givenPerson();
  expect(await enter()).not.toBeNull();
  await guess(email, 40);
  expect(await enter()).not.toBeNull();
});

test("[WEB-2] one network that guesses at many accounts is slowed; others are not", async () => {
  const { enter } = await givenPerson();
  const attacker = { address: "192.0.2.77", userAgent: null };
  const results = [];
  for (let n = 0; n < 60; n++) {
    const attempt = signIn(deps, { email: `x${n}@aurora.example`, password: wrong }, attacker);
    results.push(
      await attempt.then(
        () => "checked",
        () => "slowed",
      ),
    );
  }
  expect(results.filter((result) => result === "checked")).toHaveLength(50);
  await expect(enter(attacker)).rejects.toMatchObject({ status: 429 });
  expect(await enter()).not.toBeNull();
});

test("[WEB-2] counters that no longer count are swept", async () => {
  await guess("swept@aurora.example", 1);
  at += 62 * DAY;
  await sweepThrottle(deps);
  expect(await db.rateLimit.count()).toBe(0);
});

test("[WEB-3] each sign-in has a new id, and the one that this browser had ends", async () => {
  const { email, enterAs } = await givenPerson();
  const first = await enterAs();
  const again = await signIn(deps, { email, password: right, replaces: first.token }, home);
  expect(again?.token.equals(first.token)).toBe(false);
  expect(await findLiveSession(deps, first.token)).toBeNull();
  expect(again && (await findLiveSession(deps, again.token))).not.toBeNull();
});

test("[WEB-3] a session ends when unused, and in any case after a week", async () => {
  const { enterAs } = await givenPerson();
  const idle = await enterAs();
  at += SESSION_IDLE_MS + 1;
  expect(await findLiveSession(deps, idle.token)).toBeNull();
  const busy = await enterAs();
  const end = at + SESSION_ABSOLUTE_MS;
  while (at + SESSION_IDLE_MS / 2 < end) {
    at += SESSION_IDLE_MS / 2;
    if (at < end) expect(await findLiveSession(deps, busy.token)).not.toBeNull();
  }
  at = end;
  expect(await findLiveSession(deps, busy.token)).toBeNull();
});

test("use is noted at most once a minute", async () => {
  const { enterAs } = await givenPerson();
  const { token, principal } = await enterAs();
  const seen = async () =>
    (
      await db.session.findUniqueOrThrow({ where: { id: principal.sessionId } })
    ).lastSeenAt.getTime();
  const start = await seen();
  at += SESSION_TOUCH_MS - 1;
  await findLiveSession(deps, token);
  expect(await seen()).toBe(start);
  at += 1;
  await findLiveSession(deps, token);
  expect(await seen()).toBe(at);
});

test("[WEB-3] an ended session is dead at once in another process; one's own can be listed and ended", async () => {
  const { enterAs } = await givenPerson();
  const other = { ...deps, db: another(1) };
  const [desk, phone, tablet] = [await enterAs(), await enterAs(), await enterAs()];
  const listed = await listSessions(deps, desk.principal);
  expect(listed.map(({ id }) => id).sort()).toEqual(
    [desk, phone, tablet].map(({ principal }) => principal.sessionId).sort(),
  );
  expect(listed.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
  expect(await findLiveSession(other, phone.token)).not.toBeNull();
  await endSession(deps, desk.principal, phone.principal.sessionId);
  expect(await findLiveSession(other, phone.token)).toBeNull();
  expect(await endOtherSessions(deps, desk.principal)).toBe(1);
  expect(await findLiveSession(other, tablet.token)).toBeNull();
  expect(await findLiveSession(other, desk.token)).not.toBeNull();
  await other.db.$disconnect();
});

test("[TEN-2] a colleague's session answers as if absent, and stays", async () => {
  const mine = await (await givenPerson()).enterAs();
  const theirs = await (await givenPerson()).enterAs();
  const foreign = endSession(deps, mine.principal, theirs.principal.sessionId);
  await expect(foreign).rejects.toMatchObject({ status: 404 });
  const absent = endSession(deps, mine.principal, systemRandom.uuid());
  await expect(absent).rejects.toMatchObject({ status: 404 });
  expect(await findLiveSession(deps, theirs.token)).not.toBeNull();
});

test("[WEB-3] a new password ends all sessions and gives this browser a new one", async () => {
  const { enterAs, enter } = await givenPerson();
  const [here, there] = [await enterAs(), await enterAs()];
  const newPassword = new Secret("copper lantern under seven bridges");
  const change = { currentPassword: right, newPassword };
  const { token } = await changePassword(deps, here.principal, change, home);
  expect(await findLiveSession(deps, here.token)).toBeNull();
  expect(await findLiveSession(deps, there.token)).toBeNull();
  expect(await findLiveSession(deps, token)).not.toBeNull();
  expect(await enter()).toBeNull();
  expect(await enter(home, newPassword)).not.toBeNull();
});

test("[WEB-3] a password change under way when its session is ended makes no new one", async () => {
  const { enterAs, enter } = await givenPerson();
  const [here, there] = [await enterAs(), await enterAs()];
  const newPassword = new Secret("copper lantern under seven bridges");
  const change = { currentPassword: right, newPassword };
  await endOtherSessions(deps, there.principal);
  await expect(changePassword(deps, here.principal, change, home)).rejects.toMatchObject({
    code: "auth.not_signed_in",
  });
  expect(await enter(), "nothing was changed").not.toBeNull();
});

test("[WEB-3] a session that was ended vouches for nobody any more, however recent its sign-in", async () => {
  const { enterAs } = await givenPerson();
  const { principal } = await enterAs();
  const factor = { ...principal, hasSecondFactor: true, secondFactorAt: clock.now() };
  expect(await isSignInRecent(deps, principal)).toBe(true);
  await endSession(deps, principal, principal.sessionId);
  expect(await isSignInRecent(deps, principal)).toBe(false);
  expect(await isSignInRecent(deps, factor)).toBe(false);
});

test("[AUD-1] a wrong password given to a session leaves its trace, too", async () => {
  const { userId, enterAs } = await givenPerson();
  const { principal } = await enterAs();
  const newPassword = new Secret("copper lantern under seven bridges");
  const change = { currentPassword: wrong, newPassword };
  await expect(changePassword(deps, principal, change, home)).rejects.toThrow(WrongPasswordError);
  const again = confirmWithPassword(deps, principal, wrong, home);
  await expect(again).rejects.toThrow(WrongPasswordError);
  const refused = await db.auditEvent.findMany({
    where: { actorId: userId, result: "refused" },
    orderBy: { sequence: "asc" },
  });
  expect(refused.map(({ action }) => action)).toEqual(["user.password_changed", "user.confirmed"]);
});

test("[WEB-3] a new password prolongs nothing: the session still ends when its sign-in does", async () => {
  const { enterAs } = await givenPerson();
  const { principal } = await enterAs();
  const before = await db.session.findUniqueOrThrow({ where: { id: principal.sessionId } });
  at += HOUR;
  const newPassword = new Secret("copper lantern under seven bridges");
  const change = { currentPassword: right, newPassword };
  const { token } = await changePassword(deps, principal, change, home);
  const live = await findLiveSession(deps, token);
  const after = await db.session.findUniqueOrThrow({
    where: { id: live?.principal.sessionId ?? "" },
  });
  expect(after.absoluteExpiresAt).toEqual(before.absoluteExpiresAt);
});

test("[WEB-3] two sign-ins at once in one browser both end the session it had", async () => {
  const { email, enterAs } = await givenPerson();
  const { token: replaces } = await enterAs();
  const again = () => signIn(deps, { email, password: right, replaces }, home);
  const made = await Promise.all([again(), again(), again()]);
  expect(made).not.toContain(null);
  expect(await findLiveSession(deps, replaces)).toBeNull();
});

test("a new password needs the current one, and changes nothing without", async () => {
  const { enterAs, enter } = await givenPerson();
  const { principal, token } = await enterAs();
  const change = {
    currentPassword: wrong,
    newPassword: new Secret("copper lantern under bridges"),
  };
  await expect(changePassword(deps, principal, change, home)).rejects.toMatchObject({
    status: 403,
  });
  expect(await findLiveSession(deps, token)).not.toBeNull();
  expect(await enter()).not.toBeNull();
});

test("[WEB-3] a disabled person and one taken from the team are out at once", async () => {
  for (const shutOut of [
    (userId: string) =>
      db.user.update({ where: { id: userId }, data: { disabledAt: clock.now() } }),
    (userId: string) => db.membership.deleteMany({ where: { userId } }),
  ]) {
    const { userId, enterAs } = await givenPerson();
    const { token } = await enterAs();
    await shutOut(userId);
    expect(await findLiveSession(deps, token)).toBeNull();
  }
});

test("all sessions of a person end together, one event each", async () => {
  const boss = await (await givenPerson()).enterAs();
  const { userId, enterAs } = await givenPerson();
  const tokens = [(await enterAs()).token, (await enterAs()).token];
  const ended = await inTransaction(db, (tx) =>
    endAllSessionsOf(tx, deps, boss.principal, userId, "disabled"),
  );
  expect(ended).toBe(2);
  for (const token of tokens) expect(await findLiveSession(deps, token)).toBeNull();
  const events = await db.auditEvent.findMany({ where: { onBehalfOf: userId } });
  expect(events.map(({ action, actorId }) => [action, actorId])).toEqual(
    [1, 2].map(() => ["session.ended", boss.principal.userId]),
  );
});

test("[AUD-2] a sign-in that cannot be recorded does not happen", async () => {
  const { userId, enter } = await givenPerson();
  await pool.query("alter table audit_events rename to audit_events_away");
  await expect(enter()).rejects.toThrow();
  await pool.query("alter table audit_events_away rename to audit_events");
  expect(await db.session.count({ where: { userId } })).toBe(0);
});

test("[AUD-5] no event of a sign-in holds a password, token or address", async () => {
  const { rows } = await pool.query("select e::text as row from audit_events e");
  const dump = JSON.stringify(rows);
  expect(rows.length).toBeGreaterThan(10);
  for (const secret of ["velvet", "copper", "@aurora.example"]) expect(dump).not.toContain(secret);
});

test("[WEB-10] a token of any other form is nobody's", async () => {
  for (const text of [
    "",
    " ",
    "x",
    "a".repeat(43),
    "\u0000",
    "é".repeat(43),
    "a".repeat(100_000),
  ]) {
    expect(await findLiveSession(deps, new Secret(text))).toBeNull();
  }
});
