import { beforeEach, expect, test } from "vitest";
import { announceSetup } from "#lib/auth/set-up-code.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";
import { ensureUnattendedOwner, setUpFirstOwner } from "#lib/team/first-owner.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, pool } = await testDatabase();
const at = Date.parse("2026-03-02T08:00:00Z");
const clock = { now: () => new Date(at), monotonicMs: () => at };
const started: { teamId: string; userId: string }[] = [];
const deps = {
  db,
  clock,
  random: systemRandom,
  onTeamCreated: async (_tx: unknown, made: { teamId: string; userId: string }) => {
    started.push(made);
  },
};
const client = { address: "203.0.113.7", userAgent: null };
const password = new Secret("velvet otter ninth orbit kayak");
const owner = { email: "dana@aurora.example", name: "Dana", teamName: "Aurora", password };

beforeEach(async () => {
  started.length = 0;
  await pool.query(`begin; set local session_replication_role = replica;
    truncate users, teams, setup_codes, rate_limits, audit_events, audit_heads cascade; commit`);
});

async function announce(): Promise<Secret> {
  const code = await announceSetup(deps);
  if (!code) throw new Error("no code");
  return code;
}

async function countAll() {
  const tables = [db.user.count(), db.team.count(), db.membership.count(), db.auditEvent.count()];
  return Promise.all(tables);
}

test("the code has a hundred bits, is easy to copy, and only its hash is stored", async () => {
  const code = (await announce()).reveal();
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect((await announce()).reveal()).not.toBe(code);
  const { rows } = await pool.query("select c::text as row from setup_codes c");
  expect(JSON.stringify(rows)).not.toContain(code.slice(0, 4));
});

test("the holder of a code becomes the owner of a new team, and can sign in", async () => {
  const code = await announce();
  const made = await setUpFirstOwner(deps, { ...owner, code }, client);
  expect(started).toEqual([{ teamId: made.teamId, userId: made.userId }]);
  const membership = await db.membership.findFirstOrThrow();
  expect(membership).toMatchObject({ userId: made.userId, teamId: made.teamId, role: "owner" });
  const events = await db.auditEvent.findMany({ orderBy: { sequence: "asc" } });
  expect(events.map(({ action }) => action)).toEqual(["team.created", "user.created"]);
  expect(await signIn(deps, { email: owner.email, password }, client)).not.toBeNull();
});

test("a code of each running server works, in small letters and without dashes too", async () => {
  const first = await announce();
  await announce();
  const code = new Secret(` ${first.reveal().toLowerCase().replaceAll("-", " ")}`);
  await setUpFirstOwner(deps, { ...owner, code }, client);
  expect(await db.setupCode.count()).toBe(0);
});

test("a wrong code does nothing, and guessing is slowed", async () => {
  await announce();
  const code = new Secret("0000-0000-0000-0000-0000");
  const guess = () => setUpFirstOwner(deps, { ...owner, code }, client);
  for (let n = 0; n < 10; n++) {
    await expect(guess()).rejects.toMatchObject({ code: "auth.setup_code_wrong", status: 403 });
  }
  await expect(guess()).rejects.toMatchObject({ code: "auth.throttled", status: 429 });
  expect(await countAll()).toEqual([0, 0, 0, 0]);
});

test("once there is an owner, setting up is gone, with any code, and no code is made", async () => {
  const [code, other] = [await announce(), await announce()];
  await setUpFirstOwner(deps, { ...owner, code }, client);
  for (const again of [code, other, new Secret("0000")]) {
    const attempt = setUpFirstOwner(deps, { ...owner, code: again }, client);
    await expect(attempt).rejects.toMatchObject({ code: "auth.setup_done", status: 410 });
  }
  expect(await announceSetup(deps)).toBeNull();
});

test("of many who set up at once, one becomes the owner", async () => {
  const codes = await Promise.all([announce(), announce(), announce(), announce()]);
  const results = await Promise.allSettled(
    codes.map((code, n) =>
      setUpFirstOwner(deps, { ...owner, email: `p${n}@a.example`, code }, client),
    ),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await countAll()).toEqual([1, 1, 1, 2]);
});

test("what a new team starts with is part of the whole: if it fails, there is no owner", async () => {
  const code = await announce();
  const failing = {
    ...deps,
    onTeamCreated: async () => {
      throw new Error("seed");
    },
  };
  await expect(setUpFirstOwner(failing, { ...owner, code }, client)).rejects.toThrow("seed");
  expect(await countAll()).toEqual([0, 0, 0, 0]);
  await setUpFirstOwner(deps, { ...owner, code }, client);
});

test("[AUD-2] an owner who cannot be recorded is not made", async () => {
  const code = await announce();
  await pool.query("alter table audit_events rename to audit_events_away");
  await expect(setUpFirstOwner(deps, { ...owner, code }, client)).rejects.toThrow();
  await pool.query("alter table audit_events_away rename to audit_events");
  expect(await countAll()).toEqual([0, 0, 0, 0]);
});

test("[WEB-1] a guessable password is refused before anything is made", async () => {
  const code = await announce();
  const attempt = setUpFirstOwner(
    deps,
    { ...owner, code, password: new Secret("aurora-dana-aurora") },
    client,
  );
  await expect(attempt).rejects.toMatchObject({ status: 400, issues: [{ path: "password" }] });
  expect(await countAll()).toEqual([0, 0, 0, 0]);
});

test("the operator's settings make the owner once, whoever starts at the same time", async () => {
  await announce();
  const settings = { email: " Dana@Aurora.Example ", password };
  const results = await Promise.all([1, 2, 3].map(() => ensureUnattendedOwner(deps, settings)));
  expect(results.sort()).toEqual(["created", "exists", "exists"]);
  expect(await db.user.findFirstOrThrow()).toMatchObject({ email: owner.email });
  expect(await db.setupCode.count()).toBe(0);
});

test("a setting that cannot be used is named, not shown", async () => {
  const bad = ensureUnattendedOwner(deps, { email: "dana", password });
  await expect(bad).rejects.toThrow(/^(?!.*dana).*STUDIO_OWNER_EMAIL/);
  const weak = { email: owner.email, password: new Secret("password1password1") };
  await expect(ensureUnattendedOwner(deps, weak)).rejects.toMatchObject({
    issues: [{ path: "STUDIO_OWNER_PASSWORD" }],
  });
  expect(await countAll()).toEqual([0, 0, 0, 0]);
});
