import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { endSession } from "#lib/auth/sessions.ts";
import { systemClock } from "#lib/core/clock.ts";
import { createLogger } from "#lib/core/log.ts";
import type { Principal } from "#lib/core/principal.ts";
import { createChangeFeed } from "#lib/db/change-feed.ts";
import { announceChange, type Change, type ChangeFeed } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { LiveStoppingError, TooManyStreamsError } from "#lib/live/errors.ts";
import { createLiveHub } from "#lib/live/live-hub.ts";
import type { LiveChanges } from "#lib/live/schema.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, database } = await testStudio();
const log = createLogger({ level: "silent" });

/** An instance of the studio of its own: its own feed, its own hub. */
async function instance() {
  const changes = createChangeFeed({ databaseUrl: database.url, clock: systemClock, log });
  const hub = createLiveHub({ db: deps.db, changes, clock: deps.clock, log });
  await changes.current();
  onTestFinished(async () => {
    hub.stop();
    await changes.stop();
  });
  return { changes, hub };
}

/** A feed that a test tells what to say. */
function toldFeed() {
  let listener: (change: Change | "all") => void = () => {};
  const changes: Pick<ChangeFeed, "subscribe"> = {
    subscribe(heard) {
      listener = heard;
      return () => {};
    },
  };
  return { changes, say: (change: Change | "all") => listener(change) };
}

function hubOn(changes: Pick<ChangeFeed, "subscribe">) {
  const hub = createLiveHub({ db: deps.db, changes, clock: deps.clock, log });
  onTestFinished(() => hub.stop());
  return hub;
}

/** Reads events as a browser does; `null` where the stream has ended. */
function readerOf(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  let text = "";
  return {
    async next(): Promise<{ event: string; data: unknown } | null> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const block = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          const line = (name: string) =>
            block.find((each) => each.startsWith(`${name}: `))?.slice(name.length + 2);
          if (line("event")) {
            return { event: line("event") ?? "", data: JSON.parse(line("data") ?? "null") };
          }
          continue;
        }
        const { done, value } = await reader.read();
        if (done) return null;
        text += new TextDecoder().decode(value);
      }
    },
    cancel: () => reader.cancel(),
  };
}

async function listening(hub: ReturnType<typeof createLiveHub>, person: Principal) {
  const events = readerOf(hub.open(person));
  expect(await events.next()).toEqual({ event: "ready", data: {} });
  return events;
}

const told = (data: LiveChanges) => ({ event: "change", data });
const announce = (change: Change) => inTransaction(deps.db, (tx) => announceChange(tx, change));

async function givenPlan({ teamId, userId }: Principal): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  await deps.db.plan.create({
    data: {
      id,
      teamId,
      ownerId: userId,
      title: "Tag lapsed members",
      hash: "0".repeat(64),
      state: "proposed",
      stepCount: 1,
      records: 1,
      recipients: 0,
      createdAt,
      updatedAt: createdAt,
      expiresAt: new Date(createdAt.getTime() + 3_600_000),
    },
  });
  return id;
}

test("a change that one instance commits reaches the pages of every instance, by kind and id alone", async () => {
  const [one, other] = [await instance(), await instance()];
  const person = await given.person();
  const planId = await givenPlan(person);
  const pages = [await listening(one.hub, person), await listening(other.hub, person)];
  await announce({ kind: "plan", id: planId });
  for (const page of pages) expect(await page.next()).toEqual(told([{ kind: "plan", id: planId }]));
});

test("[TEN-2] nothing of another team, and of one's own team only what one's role reads, is ever told", async () => {
  const { hub, changes } = await instance();
  const owner = await given.person();
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const stranger = await given.person();
  const pages = {
    owner: await listening(hub, owner),
    member: await listening(hub, member),
    stranger: await listening(hub, stranger),
  };
  const [ownersPlan, membersPlan, strangersPlan] = [
    await givenPlan(owner),
    await givenPlan(member),
    await givenPlan(stranger),
  ];
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  await changes.current();
  for (const id of [ownersPlan, membersPlan, strangersPlan]) await announce({ kind: "plan", id });
  await announce({ kind: "connection", id: connectionId });

  /** All that one page hears, up to its own team's last change. */
  const heard = async (page: typeof pages.owner, lastId: string) => {
    const ids: string[] = [];
    while (!ids.includes(lastId)) {
      const next = await page.next();
      if (next === null) throw new Error("the stream ended");
      ids.push(...(next.data as { id: string }[]).map(({ id }) => id));
    }
    return new Set(ids);
  };
  expect(await heard(pages.owner, connectionId)).toEqual(
    new Set([ownersPlan, membersPlan, connectionId]),
  );
  expect(await heard(pages.member, connectionId)).toEqual(new Set([membersPlan, connectionId]));
  expect(await heard(pages.stranger, strangersPlan)).toEqual(new Set([strangersPlan]));
});

test("[WEB-3] a session that has ended hears nothing a second later, whichever instance it listens on", async () => {
  const { hub } = await instance();
  const person = await given.person();
  const other = await given.person({ teamId: person.teamId });
  const [page, kept] = [await listening(hub, person), await listening(hub, other)];
  await endSession(deps, person, person.sessionId);
  const endedAt = performance.now();
  expect(await page.next()).toBeNull();
  expect(performance.now() - endedAt).toBeLessThan(1_000);
  const planId = await givenPlan(other);
  await announce({ kind: "plan", id: planId });
  expect(await kept.next()).toEqual(told([{ kind: "plan", id: planId }]));
});

test.each([
  [
    "disabled",
    (person: Principal) =>
      deps.db.user.update({ where: { id: person.userId }, data: { disabledAt: new Date() } }),
  ],
  [
    "taken out of the team",
    (person: Principal) => deps.db.membership.deleteMany({ where: { userId: person.userId } }),
  ],
  [
    "given another role",
    (person: Principal) =>
      deps.db.membership.updateMany({
        where: { userId: person.userId },
        data: { role: "admin" },
      }),
  ],
  [
    "switched to another team",
    async (person: Principal) => {
      const { teamId } = await given.person();
      await deps.db.session.update({ where: { id: person.sessionId }, data: { teamId } });
    },
  ],
])("[WEB-3] a page stops hearing when its person is %s", async (_, change) => {
  const hub = hubOn(toldFeed().changes);
  const person = await given.person({ role: "member" });
  const page = await listening(hub, person);
  await change(person);
  expect(await page.next()).toBeNull();
  expect(hub.size).toBe(0);
});

test("a person has at most so many streams, and a page that leaves makes room", async () => {
  const hub = hubOn(toldFeed().changes);
  const person = await given.person();
  const pages = await Promise.all(Array.from({ length: 8 }, () => listening(hub, person)));
  expect(() => hub.open(person)).toThrow(TooManyStreamsError);
  await pages[0]?.cancel();
  await listening(hub, person);
  await listening(hub, await given.person());
  expect(hub.size).toBe(9);
});

test("a page that reads slowly costs no more than so many changes, and then reads everything anew", async () => {
  const feed = toldFeed();
  const hub = hubOn(feed.changes);
  const person = await given.person();
  const page = await listening(hub, person);
  const plans = await Promise.all(Array.from({ length: 201 }, () => givenPlan(person)));
  for (const id of plans) feed.say({ kind: "plan", id });
  expect(await page.next()).toEqual(told("all"));
});

test("256 pages listen at once, and one that never reads holds up nobody and keeps no more than so much", async () => {
  const feed = toldFeed();
  const hub = hubOn(feed.changes);
  const people = await Promise.all(Array.from({ length: 32 }, () => given.person()));
  const pages = await Promise.all(
    people.flatMap((person) => Array.from({ length: 8 }, () => listening(hub, person))),
  );
  expect(hub.size).toBe(256);
  for (const person of people) expect(() => hub.open(person)).toThrow(TooManyStreamsError);
  const [busy] = people as [Principal];
  const [lazy, ...others] = pages.slice(0, 8);
  const rounds = 5;
  for (let round = 0; round < rounds; round += 1) {
    // More than is held for one page; the changes of one page are nothing to those of others.
    const own = await Promise.all(Array.from({ length: 60 }, () => givenPlan(busy)));
    const theirs = await Promise.all(people.slice(1).map(givenPlan));
    for (const id of [...own, ...theirs]) feed.say({ kind: "plan", id });
    const heard = await Promise.all(
      [...others, ...pages.slice(8)].map(async (page) => {
        const { data } = (await page.next()) ?? { data: [] };
        return (data as { id: string }[]).map(({ id }) => id).sort();
      }),
    );
    expect(heard).toEqual([
      ...others.map(() => own.sort()),
      ...theirs.flatMap((id) => Array.from({ length: 8 }, () => [id])),
    ]);
  }
  expect(await lazy?.next()).toEqual(told("all"));
});

test("what may have been missed is told as all", async () => {
  const feed = toldFeed();
  const page = await listening(hubOn(feed.changes), await given.person());
  feed.say("all");
  expect(await page.next()).toEqual(told("all"));
});

test("[OPS-1] a process that stops ends its streams at once and opens no more", async () => {
  const hub = hubOn(toldFeed().changes);
  const person = await given.person();
  const page = await listening(hub, person);
  hub.stop();
  expect(await page.next()).toBeNull();
  expect(() => hub.open(person)).toThrow(LiveStoppingError);
  expect(hub.size).toBe(0);
});
