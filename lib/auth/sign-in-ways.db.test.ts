import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { findPrincipal } from "#lib/auth/find-session.ts";
import { linkIdentity, listLinkedWays, unlinkIdentity } from "#lib/auth/link-identity.ts";
import { answerAuthRequest } from "#lib/auth/next-auth.ts";
import { hashPassword } from "#lib/auth/password.ts";
import { confirmWithPassword } from "#lib/auth/recent-sign-in.ts";
import { createSignInWays, type ProvenIdentity } from "#lib/auth/sign-in-ways.ts";
import { Secret } from "#lib/core/secret.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, database, given, simulator } = await testStudio();
const client = { address: "203.0.113.7", userAgent: "Test/1.0" };
const way = (issuer: string) =>
  createSignInWays({
    settings: [
      {
        id: "salesforce",
        name: "Salesforce",
        issuer,
        clientId: demoSalesforce.signInClientId,
        clientSecret: new Secret(
          createHash("sha256")
            .update(`secret of ${demoSalesforce.signInClientId}`)
            .digest("hex")
            .toUpperCase(),
        ),
      },
    ],
    egress: deps.egress,
    clock: simulatorClock,
  });
// Its tokens tell the simulator's time.
const simulatorClock = {
  now: () => new Date(simulator.clock.nowMs()),
  monotonicMs: () => simulator.clock.nowMs(),
};
const jarOf = (response: Response | null, before = "") => {
  const given = (response?.headers.getSetCookie() ?? []).map((one) => one.split(";")[0] ?? "");
  const jar = new Map(
    [...before.split("; "), ...given].map((one) => one.split(/=(.*)/s) as [string, string]),
  );
  return [...jar]
    .filter(([name]) => name)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
};

async function jsonOf(response: Response | null): Promise<Record<string, string>> {
  if (!response) throw new Error("no such action");
  return response.json();
}

test("a Salesforce user signs in with their org's own login, and no org is connected by it", async () => {
  const principal = await given.person();
  await deps.db.teamDomain.create({
    data: {
      id: deps.random.uuid(),
      teamId: principal.teamId,
      domain: "northpine.example",
      createdAt: deps.clock.now(),
    },
  });
  for (const issuer of ["https://login.salesforce.com", `https://${demoSalesforce.host}`]) {
    const all = { ...deps, clock: simulatorClock, signInWays: way(issuer) };
    const ask = (method: string, path: string, cookie: string, query = "", body = {}) =>
      answerAuthRequest(
        all,
        {
          method,
          headers: new Headers({ cookie }),
          segments: path.split("/"),
          query: new URLSearchParams(query),
        },
        body,
        client,
      );
    const csrf = await ask("GET", "csrf", "");
    const { csrfToken } = await jsonOf(csrf);
    let cookie = jarOf(csrf);
    const form = { csrfToken: csrfToken ?? "" };
    const begun = await ask("POST", "signin/salesforce", cookie, "", form);
    cookie = jarOf(begun, cookie);
    const { url = "" } = await jsonOf(begun);
    const back = await simulator.salesforce.approve(url, { username: demoSalesforce.users.maya });
    const ended = await ask("GET", "callback/salesforce", cookie, new URL(back).search);
    expect(ended?.headers.get("location")).toBe("/integrations");
    const live = await findPrincipal(all, new Headers({ cookie: jarOf(ended, cookie) }));
    expect(live?.teamId).toBe(principal.teamId);
    const identity = await deps.db.identity.findFirstOrThrow({ where: { issuer } });
    expect(identity).toMatchObject({ way: "salesforce", userId: live?.userId });
    await deps.db.user.deleteMany({ where: { id: live?.userId ?? "" } });
  }
  expect(await deps.db.grant.count()).toBe(0);
  expect(await deps.db.flow.count()).toBe(0);
});

const identity = (subject: string): ProvenIdentity => ({
  way: "salesforce",
  issuer: "https://login.salesforce.com",
  subject,
  verifiedEmail: "maya@northpine.example",
  name: "Maya",
});
const withWay = { ...deps, signInWays: way("https://login.salesforce.com") };

test("[WEB-12] the last way in stays; a removed one ends the sessions that it may have made", async () => {
  const principal = await given.person();
  const { userId, teamId } = principal;
  await linkIdentity(deps, principal, identity("1"), client);
  const only = (await listLinkedWays(withWay, principal)).ways[0];
  if (!only) throw new Error("not linked");
  await expect(unlinkIdentity(withWay, principal, only.id, client)).rejects.toMatchObject({
    code: "auth.last_way_in",
  });
  // A way that the operator took away opens nothing.
  await deps.db.identity.create({
    data: {
      id: deps.random.uuid(),
      userId,
      way: "oidc",
      issuer: "https://gone.example",
      subject: "1",
      createdAt: deps.clock.now(),
      lastUsedAt: deps.clock.now(),
    },
  });
  await expect(unlinkIdentity(withWay, principal, only.id, client)).rejects.toMatchObject({
    code: "auth.last_way_in",
  });
  await linkIdentity(deps, principal, identity("2"), client);
  const { id: otherSession } = await deps.db.session.findFirstOrThrow({ where: { userId } });
  const elsewhere = await deps.db.session.create({
    data: {
      id: deps.random.uuid(),
      userId,
      teamId,
      tokenHash: Buffer.from(deps.random.token(32)),
      createdAt: deps.clock.now(),
      lastSeenAt: deps.clock.now(),
      absoluteExpiresAt: new Date(deps.clock.now().getTime() + 60_000),
    },
  });
  await unlinkIdentity(withWay, principal, only.id, client);
  const ended = await deps.db.session.findUniqueOrThrow({ where: { id: elsewhere.id } });
  expect(ended.endedReason).toBe("way_removed");
  expect((await deps.db.session.findUniqueOrThrow({ where: { id: otherSession } })).endedAt).toBe(
    null,
  );
  expect((await listLinkedWays(withWay, principal)).ways.map(({ way: id }) => id)).toEqual([
    "oidc",
    "salesforce",
  ]);
});

test("[WEB-12] two removals at once leave one way in", async () => {
  const principal = await given.person();
  await linkIdentity(deps, principal, identity("3"), client);
  await linkIdentity(deps, principal, identity("4"), client);
  const { ways } = await listLinkedWays(withWay, principal);
  const results = await Promise.allSettled(
    ways.map(({ id }) => unlinkIdentity(withWay, principal, id, client)),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect((await listLinkedWays(withWay, principal)).ways).toHaveLength(1);
});

test("[TEN-2] another person's way in answers as an absent one", async () => {
  const [one, two] = [await given.person(), await given.person()];
  await linkIdentity(deps, one, identity("5"), client);
  const [theirs] = (await listLinkedWays(withWay, one)).ways;
  for (const id of [theirs?.id ?? "", deps.random.uuid()]) {
    await expect(unlinkIdentity(withWay, two, id, client)).rejects.toMatchObject({
      code: "input.not_found",
    });
  }
});

test("an old session changes no way in until the password was given again", async () => {
  const principal = await given.person();
  const password = new Secret("velvet otter ninth orbit kayak");
  const { userId: id } = principal;
  await deps.db.user.update({
    where: { id },
    data: { passwordHash: await hashPassword(password) },
  });
  deps.clock.advanceSeconds(16 * 60);
  const link = () => linkIdentity(deps, principal, identity("6"), client);
  await expect(link()).rejects.toMatchObject({ code: "auth.recent_sign_in_needed", status: 403 });
  const wrong = confirmWithPassword(deps, principal, new Secret("not this one at all"), client);
  await expect(wrong).rejects.toMatchObject({ code: "auth.password_wrong" });
  await expect(link()).rejects.toMatchObject({ code: "auth.recent_sign_in_needed" });
  await confirmWithPassword(deps, principal, password, client);
  await link();
  const { rows } = await database.pool.query(
    "select action, result from audit_events where actor_id = $1 order by sequence",
    [id],
  );
  expect(rows).toEqual([
    { action: "user.confirmed", result: "refused" },
    { action: "user.confirmed", result: "success" },
    { action: "user.identity_linked", result: "success" },
  ]);
});
