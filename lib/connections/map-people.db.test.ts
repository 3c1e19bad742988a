import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { mapPeople } from "#lib/connections/map-people.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();
const whole = { group: null, personId: null };

async function connectionIn(principal: Principal, group: string, name: string): Promise<string> {
  const id = randomUUID();
  const now = deps.clock.now();
  await deps.db.connection.create({
    data: {
      id,
      teamId: principal.teamId,
      provider: "salesforce",
      method: "quick",
      name,
      environment: "production",
      surfaces: ["web"],
      loginHost: "login.salesforce.com",
      clientId: "client",
      groupKey: group,
      groupName: `${group} Inc.`,
      createdById: principal.userId,
      createdAt: now,
      updatedAt: now,
    },
  });
  return id;
}

async function grantOf(
  person: Principal,
  connectionId: string,
  state: "active" | "needs_reconnect" | "disconnected",
): Promise<void> {
  await deps.db.grant.create({
    data: {
      id: randomUUID(),
      teamId: person.teamId,
      connectionId,
      userId: person.userId,
      state,
      surface: "web",
      scopes: [],
      missingScopes: [],
      providerUserId: "005",
      username: "u@example.com",
      connectedAt: deps.clock.now(),
    },
  });
}

test("people and companies are drawn with a thread for each approval that stands", async () => {
  const dana = await given.person({ name: "Dana" });
  const theo = await given.person({ name: "Theo", teamId: dana.teamId, role: "member" });
  const idle = await given.person({ name: "Ada", teamId: dana.teamId, role: "member" });
  const [one, two] = [
    await connectionIn(dana, "acme", "Acme production"),
    await connectionIn(dana, "acme", "Acme uat"),
  ];
  const three = await connectionIn(dana, "birch", "Birch");
  await connectionIn(dana, "cedar", "Cedar");
  await grantOf(dana, one, "active");
  await grantOf(dana, two, "active");
  await grantOf(theo, one, "active");
  await grantOf(theo, three, "needs_reconnect");
  await grantOf(dana, three, "disconnected");

  const map = await mapPeople(deps, dana, whole);
  expect(map.focus).toBeNull();
  expect(map.people.map(({ name, isMe, count }) => [name, isMe, count])).toEqual([
    ["Dana", true, 2],
    ["Theo", false, 2],
    ["Ada", false, 0],
  ]);
  expect(map.places.map(({ name, connections }) => [name, connections])).toEqual([
    ["birch Inc.", 1],
    ["acme Inc.", 2],
    ["cedar Inc.", 1],
  ]);
  const threads = map.threads.map(({ personId, placeId, count, troubled }) => [
    map.people.find(({ id }) => id === personId)?.name,
    placeId,
    count,
    troubled,
  ]);
  expect(threads.sort()).toEqual([
    ["Dana", "salesforce:acme", 2, 0],
    ["Theo", "salesforce:acme", 1, 0],
    ["Theo", "salesforce:birch", 1, 1],
  ]);
  expect(map.hidden).toEqual({ people: 0, places: 0 });

  const acme = await mapPeople(deps, theo, {
    group: { provider: "salesforce", key: "acme" },
    personId: null,
  });
  expect(acme.focus).toEqual({ kind: "group", name: "acme Inc." });
  expect(acme.places.map(({ id }) => id)).toEqual([one, two]);
  expect(acme.people.map(({ name }) => name)).toEqual(["Theo", "Dana"]);

  const his = await mapPeople(deps, dana, { group: null, personId: theo.userId });
  expect(his.focus).toEqual({ kind: "person", name: "Theo" });
  expect(his.places.map(({ name }) => name)).toEqual(["Birch", "Acme production"]);
  const nothing = await mapPeople(deps, dana, { group: null, personId: idle.userId });
  expect(nothing.places).toEqual([]);
});

test("[TEN-2] another team's people and groups are as absent ones", async () => {
  const dana = await given.person();
  const stranger = await given.person();
  await connectionIn(stranger, "theirs", "Theirs");
  const group = { provider: "salesforce", key: "theirs" } as const;
  await expect(mapPeople(deps, dana, { group, personId: null })).rejects.toThrow(NotFoundError);
  await expect(mapPeople(deps, dana, { group: null, personId: stranger.userId })).rejects.toThrow(
    NotFoundError,
  );
  const map = await mapPeople(deps, dana, whole);
  expect(map.people.map(({ id }) => id)).toEqual([dana.userId]);
  expect(map.places).toEqual([]);
});

test("what is too much to draw is counted", async () => {
  const dana = await given.person();
  for (let index = 0; index < 45; index += 1) await connectionIn(dana, `g${index}`, `C${index}`);
  const map = await mapPeople(deps, dana, whole);
  expect(map.places).toHaveLength(40);
  expect(map.hidden).toEqual({ people: 0, places: 5 });
});
