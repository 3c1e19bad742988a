import { Secret as OtpSecret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { changePassword } from "#lib/auth/change-password.ts";
import { findHalf, findPrincipal } from "#lib/auth/find-session.ts";
import { hashPassword } from "#lib/auth/password.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import {
  createSession,
  endOwnSession,
  findHalfSession,
  findLiveSession,
  listSessions,
  SECOND_STEP_MS,
  type SessionHolder,
} from "#lib/auth/sessions.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { addPasskey, beginPasskey } from "#lib/second-factor/add-passkey.ts";
import { beginTotp, confirmTotp } from "#lib/second-factor/add-totp.ts";
import { listSecondFactors } from "#lib/second-factor/list-second-factors.ts";
import { remakeRecoveryCodes } from "#lib/second-factor/recovery-codes.ts";
import { removeFactor } from "#lib/second-factor/remove-factor.ts";
import { resetSecondFactors } from "#lib/second-factor/reset-second-factors.ts";
import {
  beginPasskeyStep,
  passWithCode,
  passWithPasskey,
  passWithRecoveryCode,
} from "#lib/second-factor/second-step.ts";
import { softwareAuthenticator } from "#lib/testing/authenticator.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, database, given } = await testStudio();
const { clock } = deps;
const advance = (ms: number) => clock.advanceSeconds(ms / 1_000);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const home = { address: "203.0.113.7", userAgent: "Test/1.0" };
const abroad = (n: number) => ({ address: `198.51.${n}.1`, userAgent: null });

/** The app on the person's phone. */
const appOf = (base32: string) => {
  const totp = new TOTP({ secret: OtpSecret.fromBase32(base32) });
  return () => totp.generate({ timestamp: clock.now().getTime() });
};

/** A sign-in by the first way alone. */
async function sessionFor({ userId, teamId }: Principal) {
  const network = "203.0.113.0/24";
  const { token } = await createSession(deps.db, deps, {
    userId,
    teamId,
    network,
    userAgent: null,
  });
  return token;
}

async function principalOf(token: Secret): Promise<Principal> {
  const live = await findLiveSession(deps, token);
  if (!live) throw new Error("no principal");
  return live.principal;
}

async function halfOf(token: Secret): Promise<SessionHolder> {
  const half = await findHalfSession(deps, token);
  if (!half) throw new Error("no half session");
  return half;
}

/** Somebody with an authenticator app; a minute later, so that its next code is a new one. */
async function givenAppUser(options: { role?: Role; teamId?: string } = {}) {
  const before = await given.person(options);
  const { factorId, secret } = await beginTotp(deps, before);
  const code = appOf(secret);
  const added = await confirmTotp(deps, before, { factorId, name: "Phone", code: code() }, home);
  if (!added.token || !added.recoveryCodes) throw new Error("not the first factor");
  const principal = await principalOf(added.token);
  advance(MINUTE);
  return {
    before,
    principal,
    token: added.token,
    factorId,
    secret,
    code,
    recoveryCodes: added.recoveryCodes,
  };
}

const half = async (person: Principal) => halfOf(await sessionFor(person));
const refused = (code: string) => expect.objectContaining({ code });
const tallied = async <T>(attempts: readonly Promise<T>[]) => {
  const settled = await Promise.allSettled(attempts);
  return settled.filter(({ status }) => status === "fulfilled").length;
};

test("[WEB-11] setting up an app takes one right code, ends the other sessions and goes on in a new one", async () => {
  const dana = await given.person();
  const other = await sessionFor(dana);
  const { factorId, secret, uri, qr } = await beginTotp(deps, dana);
  expect(uri).toContain(secret);
  expect(qr.path).not.toBe("");
  await expect(
    confirmTotp(deps, dana, { factorId, name: "Phone", code: "000000" }, home),
  ).rejects.toEqual(refused("second_factor.code_wrong"));
  expect((await principalOf(other)).hasSecondFactor, "a begun one does not count").toBe(false);
  const { token } = await confirmTotp(
    deps,
    dana,
    { factorId, name: "Phone", code: appOf(secret)() },
    home,
  );
  const after = await principalOf(token as Secret);
  expect(after).toMatchObject({ hasSecondFactor: true, secondFactorAt: clock.now() });
  expect(after.sessionId).not.toBe(dana.sessionId);
  expect(await findLiveSession(deps, other)).toBeNull();
  expect(await findHalfSession(deps, other)).toBeNull();
});

test("[WEB-11] a first factor wants a recent sign-in, so that a stolen session shuts nobody out", async () => {
  const dana = await given.person();
  advance(15 * MINUTE);
  const old = refused("auth.recent_sign_in_needed");
  await expect(beginTotp(deps, dana)).rejects.toEqual(old);
  await expect(beginPasskey(deps, dana)).rejects.toEqual(old);
  const again = await principalOf(await sessionFor(dana));
  expect((await beginTotp(deps, again)).secret).toMatch(/^[A-Z2-7]{32}$/);
});

test("[VA-1] an app's secret is stored sealed, a recovery code as a keyed hash, and each opening has its event", async () => {
  const { secret, recoveryCodes, principal, code } = await givenAppUser();
  await passWithCode(deps, principal, { code: code() }, home);
  const { rows } = await database.pool.query(
    "select f::text as row from second_factors f union all select r::text from recovery_codes r union all select a::text from audit_events a",
  );
  const dump = JSON.stringify(rows);
  const bytes = OtpSecret.fromBase32(secret);
  for (const hidden of [secret, bytes.hex.toLowerCase(), bytes.latin1, ...recoveryCodes]) {
    expect(dump).not.toContain(hidden);
  }
  const openings = await deps.db.auditEvent.count({
    where: { action: "secret.opened", actorId: principal.userId },
  });
  expect(openings, "one to confirm, one at the step").toBe(2);
});

test("[VA-2] an app's secret moved to another person's factor opens nothing", async () => {
  const dana = await givenAppUser();
  const mallory = await givenAppUser();
  const { secretSealed } = await deps.db.secondFactor.findUniqueOrThrow({
    where: { id: mallory.factorId },
  });
  await deps.db.secondFactor.update({ where: { id: dana.factorId }, data: { secretSealed } });
  const attempt = passWithCode(deps, dana.principal, { code: mallory.code() }, home);
  await expect(attempt).rejects.toMatchObject({ name: expect.stringMatching(/Error/) });
  await expect(attempt).rejects.not.toEqual(refused("second_factor.code_wrong"));
});

test("[WEB-11] a sign-in of somebody with a factor is nobody until the second step, and then a new session", async () => {
  const dana = await givenAppUser();
  const password = new Secret("velvet otter ninth orbit kayak");
  const passwordHash = await hashPassword(password);
  const { email } = await deps.db.user.update({
    where: { id: dana.principal.userId },
    data: { passwordHash },
  });
  const made = await signIn(deps, { email, password }, home);
  const token = made?.token as Secret;
  const headers = new Headers({ cookie: await sessionSetCookie(deps, token) });
  expect(await findPrincipal(deps, headers)).toBeNull();
  const holder = await findHalf(deps, headers);
  expect(holder).toMatchObject({ userId: dana.principal.userId, user: { email } });
  expect(await listSessions(deps, dana.principal), "it is no session yet").toHaveLength(1);

  const whole = await passWithCode(deps, holder as SessionHolder, { code: dana.code() }, home);
  expect(whole.equals(token)).toBe(false);
  const principal = await principalOf(whole);
  expect(principal).toMatchObject({ hasSecondFactor: true, secondFactorAt: clock.now() });
  expect(principal.sessionId).not.toBe(made?.sessionId);
  expect(await findHalf(deps, headers), "the half one has ended").toBeNull();
  expect(
    await deps.db.auditEvent.count({
      where: { action: "user.second_step_passed", sessionId: principal.sessionId },
    }),
  ).toBe(1);
});

test("[WEB-11] a half session lives ten minutes, and signing out ends it", async () => {
  const { principal } = await givenAppUser();
  const late = await sessionFor(principal);
  const left = await sessionFor(principal);
  const holder = await halfOf(left);
  await endOwnSession(deps, holder, "signed_out");
  expect(await findHalfSession(deps, left)).toBeNull();
  advance(SECOND_STEP_MS - 1);
  expect(await findHalfSession(deps, late)).not.toBeNull();
  advance(1);
  expect(await findHalfSession(deps, late)).toBeNull();
  expect(await findLiveSession(deps, late)).toBeNull();
});

test("[WEB-11] a half session ends with a changed password, and its late step gets nothing", async () => {
  const { principal, code } = await givenAppUser();
  const currentPassword = new Secret("velvet otter ninth orbit kayak");
  const passwordHash = await hashPassword(currentPassword);
  await deps.db.user.update({ where: { id: principal.userId }, data: { passwordHash } });
  const holder = await half(principal);
  const newPassword = new Secret("copper thistle under eleven moons");
  const { token } = await changePassword(deps, principal, { currentPassword, newPassword }, home);
  expect((await principalOf(token)).secondFactorAt, "the step is carried on").toEqual(
    principal.secondFactorAt,
  );
  await expect(passWithCode(deps, holder, { code: code() }, home)).rejects.toEqual(
    refused("auth.not_signed_in"),
  );
});

test("[WEB-3] a step given again prolongs nothing: the session still ends when its sign-in does", async () => {
  const { principal, code } = await givenAppUser();
  const end = async (id: string) =>
    (await deps.db.session.findUniqueOrThrow({ where: { id } })).absoluteExpiresAt;
  const before = await end(principal.sessionId);
  const token = await passWithCode(deps, principal, { code: code() }, home);
  expect(await end((await principalOf(token)).sessionId)).toEqual(before);
});

test("[WEB-11] a code counts once: not again at once, nor from twenty places at the same time", async () => {
  const { principal, code } = await givenAppUser();
  const right = code();
  // Each from a network of its own that is known, so that no counter stands in the way.
  const holders = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const network = `198.51.${n}.0/24`;
      await createSession(deps.db, deps, {
        ...principal,
        network,
        userAgent: null,
        secondFactorAt: clock.now(),
      });
      return half(principal);
    }),
  );
  const attempts = holders.map((holder, n) =>
    passWithCode(deps, holder, { code: right }, abroad(n)),
  );
  expect(await tallied(attempts)).toBe(1);
  await expect(passWithCode(deps, await half(principal), { code: right }, home)).rejects.toEqual(
    refused("second_factor.code_wrong"),
  );
  advance(30 * SECOND);
  await expect(
    passWithCode(deps, await half(principal), { code: right }, home),
    "nor in the tolerated step after",
  ).rejects.toEqual(refused("second_factor.code_wrong"));
});

test("[WEB-2] wrong codes are counted over all processes and networks; the owner is slowed, not shut out", async () => {
  const { principal, code } = await givenAppUser();
  const otherProcess = database.another(2);
  const holder = await half(principal);
  let looked = 0;
  for (let n = 0; n < 12; n++) {
    const db = n % 2 === 0 ? deps.db : otherProcess;
    const attempt = passWithCode({ ...deps, db }, holder, { code: "000000" }, abroad(n));
    looked += await attempt.then(
      () => 0,
      ({ code: why }) => (why === "second_factor.code_wrong" ? 1 : 0),
    );
  }
  expect(looked).toBe(5);
  await otherProcess.$disconnect();
  const right = passWithCode(deps, holder, { code: code() }, abroad(99));
  await expect(right).rejects.toMatchObject({ status: 429, remedy: { do: "retry" } });
  const refusals = { action: "user.second_step_refused", actorId: principal.userId };
  expect(await deps.db.auditEvent.count({ where: refusals })).toBe(5);
  // Where they passed before, they go on passing.
  await passWithCode(deps, holder, { code: code() }, home);
});

test("[WEB-2] guesses at the same moment do not slip through, by code or by recovery code", async () => {
  const { principal } = await givenAppUser();
  const holder = await half(principal);
  const guesses = Array.from({ length: 24 }, (_, n) =>
    n % 2 === 0
      ? passWithCode(deps, holder, { code: "000000" }, abroad(n))
      : passWithRecoveryCode(deps, holder, { code: new Secret("AAAA-BBBB") }, abroad(n)),
  );
  const reasons = await Promise.all(guesses.map((guess) => guess.catch((error) => error.code)));
  expect(reasons.filter((reason) => reason !== "auth.throttled")).toHaveLength(5);
});

test("[WEB-11] a recovery code counts once, also under twenty tries at the same time", async () => {
  const { principal, recoveryCodes } = await givenAppUser();
  expect(new Set(recoveryCodes).size).toBe(10);
  const typed = new Secret(recoveryCodes[0]?.toLowerCase().replaceAll("-", " ") ?? "");
  const holders = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const network = `198.51.${n}.0/24`;
      const known = { ...principal, network, userAgent: null, secondFactorAt: clock.now() };
      await createSession(deps.db, deps, known);
      return half(principal);
    }),
  );
  const attempts = holders.map((holder, n) =>
    passWithRecoveryCode(deps, holder, { code: typed }, abroad(n)),
  );
  expect(await tallied(attempts)).toBe(1);
  expect((await listSecondFactors(deps, principal)).recoveryCodesLeft).toBe(9);
});

test("[WEB-11] another's recovery code is none, and new ones void the old", async () => {
  const dana = await givenAppUser();
  const mallory = await givenAppUser();
  const code = new Secret(dana.recoveryCodes[0] ?? "");
  await expect(
    passWithRecoveryCode(deps, await half(mallory.principal), { code }, home),
  ).rejects.toEqual(refused("second_factor.recovery_code_wrong"));
  const [fresh] = await remakeRecoveryCodes(deps, dana.principal);
  await expect(
    passWithRecoveryCode(deps, await half(dana.principal), { code }, home),
  ).rejects.toEqual(refused("second_factor.recovery_code_wrong"));
  const again = { code: new Secret(fresh ?? "") };
  const token = await passWithRecoveryCode(deps, await half(dana.principal), again, home);
  expect((await principalOf(token)).hasSecondFactor).toBe(true);
});

async function givenPasskeyUser(options: { role?: Role } = {}) {
  const before = await given.person(options);
  const device = softwareAuthenticator(deps.studioUrl);
  const asked = await beginPasskey(deps, before);
  const added = await addPasskey(deps, before, { name: "Key", made: device.make(asked) }, home);
  return { device, principal: await principalOf(added.token as Secret), asked };
}

test("[WEB-11] a passkey is made for our host, asked to verify the person, and passes the step", async () => {
  const { device, principal, asked } = await givenPasskeyUser();
  expect(asked.rp.id).toBe(new URL(deps.studioUrl).hostname);
  expect(asked.authenticatorSelection?.userVerification).toBe("required");
  const holder = await half(principal);
  const options = await beginPasskeyStep(deps, holder);
  expect(options).toMatchObject({ userVerification: "required", rpId: asked.rp.id });
  const token = await passWithPasskey(deps, holder, { answer: device.answer(options) }, home);
  expect(await principalOf(token)).toMatchObject({ hasSecondFactor: true });
});

test.each([
  ["another origin", { origin: "https://studio.meshmesh.example.evil.example" }],
  ["another host", { rpId: "evil.example" }],
  ["a person not verified", { isVerified: false }],
  ["a counter that went back", { counter: 1 }],
])("[WEB-11] a passkey's answer with %s is refused", async (_, lie) => {
  const { device, principal } = await givenPasskeyUser();
  const holder = await half(principal);
  const options = await beginPasskeyStep(deps, holder);
  const answer = device.answer(options, lie);
  await expect(passWithPasskey(deps, holder, { answer }, home)).rejects.toEqual(
    refused("second_factor.passkey_refused"),
  );
});

test.each([
  ["another origin", { origin: "https://evil.example" }],
  ["another host", { rpId: "evil.example" }],
  ["a person not verified", { isVerified: false }],
])("[WEB-11] a passkey made with %s is not kept", async (_, lie) => {
  const dana = await given.person();
  const asked = await beginPasskey(deps, dana);
  const made = softwareAuthenticator(deps.studioUrl).make(asked, lie);
  await expect(addPasskey(deps, dana, { name: "Key", made }, home)).rejects.toEqual(
    refused("second_factor.passkey_refused"),
  );
  expect((await listSecondFactors(deps, dana)).factors).toEqual([]);
});

test("[WEB-11] a challenge is for one session, one purpose, one answer and five minutes", async () => {
  const { device, principal } = await givenPasskeyUser();
  const refusal = refused("second_factor.passkey_refused");
  const [one, two] = [await half(principal), await half(principal)];
  const asked = await beginPasskeyStep(deps, one);
  const answer = device.answer(asked);
  await expect(passWithPasskey(deps, two, { answer }, home), "another session").rejects.toEqual(
    refusal,
  );
  const lied = device.answer(asked, { isVerified: false });
  await expect(passWithPasskey(deps, one, { answer: lied }, home)).rejects.toEqual(refusal);
  await expect(
    passWithPasskey(deps, one, { answer: device.answer(asked) }, home),
    "asked once, answered twice",
  ).rejects.toEqual(refusal);
  const late = await beginPasskeyStep(deps, one);
  advance(5 * MINUTE);
  await expect(passWithPasskey(deps, one, { answer: device.answer(late) }, home)).rejects.toEqual(
    refusal,
  );
  const dana = await given.person();
  const step = await beginPasskeyStep(deps, dana);
  const made = softwareAuthenticator(deps.studioUrl).make(step);
  await expect(
    addPasskey(deps, dana, { name: "Key", made }, home),
    "another purpose",
  ).rejects.toEqual(refusal);
});

test("[WEB-11] one passkey is one person's factor", async () => {
  const { device } = await givenPasskeyUser();
  const mallory = await given.person();
  const made = device.make(await beginPasskey(deps, mallory));
  await expect(addPasskey(deps, mallory, { name: "Key", made }, home)).rejects.toEqual(
    refused("second_factor.passkey_refused"),
  );
});

test("[WEB-11] another factor, new codes and a removal each want the second factor of just now", async () => {
  const { principal, code, factorId } = await givenAppUser({ role: "member" });
  advance(10 * MINUTE);
  const stale = expect.objectContaining({
    code: "auth.second_factor_required",
    remedy: { do: "second-factor", step: "confirm" },
  });
  await expect(beginTotp(deps, principal)).rejects.toEqual(stale);
  await expect(beginPasskey(deps, principal)).rejects.toEqual(stale);
  await expect(remakeRecoveryCodes(deps, principal)).rejects.toEqual(stale);
  await expect(removeFactor(deps, principal, factorId)).rejects.toEqual(stale);
  const fresh = await principalOf(await passWithCode(deps, principal, { code: code() }, home));
  await beginTotp(deps, fresh);
  await removeFactor(deps, fresh, factorId);
  expect(await listSecondFactors(deps, fresh)).toMatchObject({ factors: [], recoveryCodesLeft: 0 });
});

test("[WEB-11] the last factor stays with whoever's role wants one; members may do without", async () => {
  for (const role of ["owner", "admin", "member"] as const) {
    const { principal, token, factorId } = await givenAppUser({ role });
    const other = await sessionFor(principal);
    const attempt = removeFactor(deps, principal, factorId);
    if (role !== "member") {
      await expect(attempt).rejects.toEqual(refused("second_factor.last_one"));
      continue;
    }
    await attempt;
    expect(await principalOf(token)).toMatchObject({
      hasSecondFactor: false,
      secondFactorAt: null,
    });
    expect(await findLiveSession(deps, other), "a half one does not become whole").toBeNull();
  }
});

test("[TEN-2] nobody confirms, removes or answers with another's factor", async () => {
  const dana = await givenAppUser({ role: "member" });
  const mallory = await givenAppUser({ role: "member" });
  await expect(removeFactor(deps, mallory.principal, dana.factorId)).rejects.toMatchObject({
    status: 404,
  });
  const { factorId, secret } = await beginTotp(deps, dana.principal);
  const stolen = { factorId, name: "Phone", code: appOf(secret)() };
  await expect(confirmTotp(deps, mallory.principal, stolen, home)).rejects.toMatchObject({
    status: 404,
  });
  await expect(
    passWithCode(deps, await half(mallory.principal), { code: dana.code() }, home),
  ).rejects.toEqual(refused("second_factor.code_wrong"));
});

test("[WEB-11] a factor begun and not confirmed is over after a quarter of an hour, or with the next", async () => {
  const dana = await given.person();
  const first = await beginTotp(deps, dana);
  const second = await beginTotp(deps, dana);
  const confirm = ({ factorId, secret }: typeof first) =>
    confirmTotp(deps, dana, { factorId, name: "Phone", code: appOf(secret)() }, home);
  await expect(confirm(first)).rejects.toMatchObject({ status: 404 });
  advance(15 * MINUTE);
  await expect(confirm(second)).rejects.toMatchObject({ status: 404 });
});

test("[WEB-11] an admin who gave their own resets a member's factors; the member's sessions end", async () => {
  const owner = await givenAppUser();
  const { teamId } = owner.principal;
  const member = await givenAppUser({ role: "member", teamId });
  const admin = (await givenAppUser({ role: "admin", teamId })).principal;
  const without = await given.person({ role: "admin", teamId });
  const { userId } = member.principal;
  await expect(resetSecondFactors(deps, without, userId)).rejects.toEqual(
    refused("auth.second_factor_required"),
  );
  await expect(resetSecondFactors(deps, member.principal, admin.userId)).rejects.toEqual(
    refused("policy.forbidden"),
  );
  await expect(resetSecondFactors(deps, admin, owner.principal.userId)).rejects.toEqual(
    refused("policy.forbidden"),
  );
  await expect(resetSecondFactors(deps, admin, admin.userId)).rejects.toEqual(
    refused("policy.forbidden"),
  );
  const halfToken = await sessionFor(member.principal);
  expect(await resetSecondFactors(deps, admin, userId)).toEqual({ removed: 1 });
  for (const token of [member.token, halfToken]) {
    expect(await findLiveSession(deps, token)).toBeNull();
    expect(await findHalfSession(deps, token)).toBeNull();
  }
  expect(await deps.db.recoveryCode.count({ where: { userId } })).toBe(0);
  const events = { action: "second_factor.reset", targetId: userId, actorId: admin.userId };
  expect(await deps.db.auditEvent.count({ where: events })).toBe(1);
});

test("[TEN-2] a reset reaches nobody outside the team, nor somebody who is more elsewhere", async () => {
  const admin = (await givenAppUser()).principal;
  const stranger = await givenAppUser();
  await expect(resetSecondFactors(deps, admin, stranger.principal.userId)).rejects.toMatchObject({
    status: 404,
  });
  await deps.db.membership.create({
    data: {
      teamId: admin.teamId,
      userId: stranger.principal.userId,
      role: "member",
      createdAt: clock.now(),
    },
  });
  await expect(resetSecondFactors(deps, admin, stranger.principal.userId)).rejects.toEqual(
    refused("policy.forbidden"),
  );
  expect(await findLiveSession(deps, stranger.token)).not.toBeNull();
});
