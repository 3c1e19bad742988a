import { expect, test } from "vitest";
import { findLiveSession } from "#lib/auth/sessions.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { admitNewcomer } from "#lib/team/admit-newcomer.ts";
import { addDomain, listDomains, removeDomain } from "#lib/team/domains.ts";
import { isPublicMailDomain, normaliseMailDomain } from "#lib/team/mail-domain.ts";
import { createTeam } from "#lib/team/teams.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();
const newcomer = (email: string) => ({ email, name: "Kim", userId: null });
const admit = (email: string) =>
  inTransaction(deps.db, (tx) => admitNewcomer(tx, deps, newcomer(email)));

test("people of an allowed domain join as members until it is taken away", async () => {
  const owner = await given.person({ secondFactor: true });
  const made = await addDomain(deps, owner, { domain: "harbour.example" });
  expect(await listDomains(deps, owner)).toEqual([made]);
  const joined = await admit("kim@harbour.example");
  expect(joined?.teamId).toBe(owner.teamId);
  const membership = await deps.db.membership.findFirstOrThrow({
    where: { userId: joined?.userId ?? "" },
  });
  expect(membership.role).toBe("member");
  await removeDomain(deps, owner, made.id);
  expect(await admit("lee@harbour.example")).toBeNull();
  const events = await deps.db.auditEvent.findMany({
    where: { teamId: owner.teamId },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ action }) => action)).toEqual([
    "team.domain_added",
    "user.created",
    "team.domain_removed",
  ]);
});

test("an account that was proven but is in no team does not come back by its domain", async () => {
  const owner = await given.person({ secondFactor: true });
  await addDomain(deps, owner, { domain: "cliff.example" });
  const back = await inTransaction(deps.db, (tx) =>
    admitNewcomer(tx, deps, { ...newcomer("kim@cliff.example"), userId: owner.userId }),
  );
  expect(back).toBeNull();
});

test("[TEN-3] a member neither sees nor changes the domains", async () => {
  const owner = await given.person({ secondFactor: true });
  const member = await given.person({ role: "member", teamId: owner.teamId });
  const made = await addDomain(deps, owner, { domain: "meadow.example" });
  for (const attempt of [
    listDomains(deps, member),
    addDomain(deps, member, { domain: "own.example" }),
    removeDomain(deps, member, made.id),
  ]) {
    await expect(attempt).rejects.toMatchObject({ code: "policy.forbidden" });
  }
});

test("[TEN-2] another team's domain answers as an absent one", async () => {
  const [one, two] = [
    await given.person({ secondFactor: true }),
    await given.person({ secondFactor: true }),
  ];
  const theirs = await addDomain(deps, one, { domain: "quarry.example" });
  expect(await listDomains(deps, two)).toEqual([]);
  for (const id of [theirs.id, deps.random.uuid()]) {
    await expect(removeDomain(deps, two, id)).rejects.toMatchObject({ code: "input.not_found" });
  }
});

test("[TEN-3] whoever makes a team of their own does not claim the domain of colleagues with it", async () => {
  const owner = await given.person({ secondFactor: true });
  const { teamId } = owner;
  const member = await given.person({ role: "member", teamId, secondFactor: true });
  for (const { userId } of [owner, member]) {
    await deps.db.user.update({
      where: { id: userId },
      data: { email: `${userId}@colleagues.example` },
    });
  }
  const own = async (person: Principal) => {
    const { token } = await createTeam(deps, person, { name: "My own" });
    return (await findLiveSession(deps, token))?.principal as Principal;
  };
  const domain = "colleagues.example";
  await expect(addDomain(deps, await own(member), { domain })).rejects.toMatchObject({
    code: "policy.forbidden",
  });
  expect(await addDomain(deps, await own(owner), { domain })).toMatchObject({ domain });
});

test("a domain leads to one team, however many ask at once", async () => {
  const [one, two] = [
    await given.person({ secondFactor: true }),
    await given.person({ secondFactor: true }),
  ];
  const results = await Promise.allSettled(
    [one, two].map((who) => addDomain(deps, who, { domain: "summit.example" })),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(addDomain(deps, two, { domain: "summit.example" })).rejects.toMatchObject({
    code: "team.domain_taken",
    status: 409,
  });
});

test("domains where anybody can have an address are refused", async () => {
  const owner = await given.person({ secondFactor: true });
  for (const domain of ["gmail.com", "hotmail.co.uk", "gmx.de", "web.de", "qq.com", "yahoo.fr"]) {
    expect(isPublicMailDomain(domain)).toBe(true);
    await expect(addDomain(deps, owner, { domain })).rejects.toMatchObject({ status: 400 });
  }
  for (const domain of ["live-music.example", "mail.harbour.example", "me.example"]) {
    expect(isPublicMailDomain(domain)).toBe(false);
  }
});

test.each([
  ["Harbour.Example", "harbour.example"],
  [" @harbour.example ", "harbour.example"],
  ["kim@harbour.example", "harbour.example"],
  ["harbour", null],
  ["harbour.example.", null],
  ["*.harbour.example", null],
  ["harbour.example/x", null],
  ["h\u0430rbour.example", null],
  ["harbour\uff0eexample", null],
  ["\u212aings.example", null],
  ["1.2.3.4", null],
  ["", null],
])("the domain %s is %s", (input, expected) => {
  expect(normaliseMailDomain(input)).toBe(expected);
});
