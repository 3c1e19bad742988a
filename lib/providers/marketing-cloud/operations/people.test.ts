import { expect, test } from "vitest";
import { listBusinessUnits } from "#lib/providers/marketing-cloud/operations/business-units.ts";
import {
  createContact,
  updateContact,
} from "#lib/providers/marketing-cloud/operations/contact-changes.ts";
import { searchContacts } from "#lib/providers/marketing-cloud/operations/contacts.ts";
import { upsertSubscribers } from "#lib/providers/marketing-cloud/operations/subscriber-upsert.ts";
import { getSubscriber, listLists } from "#lib/providers/marketing-cloud/operations/subscribers.ts";
import { listTrackingEvents } from "#lib/providers/marketing-cloud/operations/tracking.ts";
import { halden } from "#lib/simulator/marketing-cloud/testing.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";

type Event = { at: string; subscriberKey: string; type: string; url: string | null };

/** Somebody who was written to lately. */
async function somebody({ run }: MarketingCloudBench): Promise<string> {
  const { events } = await run(listTrackingEvents, { kind: "sent", since: "2026-10-01", most: 1 });
  return events[0].subscriberKey;
}

test("business units are all of them from the parent, and one of its own from any other", async () => {
  const parent = await marketingCloudBench();
  const { businessUnits, next } = await parent.run(listBusinessUnits, {});
  expect(next).toBeNull();
  expect(businessUnits.map(({ mid }: { mid: number }) => mid)).toEqual(Object.values(halden.mids));
  expect(businessUnits[0]).toMatchObject({ parentMid: null, isActive: true });
  const child = await marketingCloudBench({ accountId: halden.mids.nordics });
  expect((await child.run(listBusinessUnits, {})).businessUnits).toHaveLength(1);
});

test("events come in parts that lead to one another, within the time that was asked for", async () => {
  const { run } = await marketingCloudBench();
  const asked = { kind: "sent", since: "2026-10-20", until: "2026-10-22T12:00", most: 200 };
  const events: Event[] = [];
  let next: string | null = null;
  do {
    const part = await run(listTrackingEvents, { ...asked, ...(next ? { next } : {}) });
    expect(part.events.length).toBeLessThanOrEqual(200);
    events.push(...part.events);
    next = part.next;
  } while (next !== null);
  expect(events.length).toBeGreaterThan(200);
  for (const { at } of events) {
    expect(at >= "2026-10-20T00:00:00" && at < "2026-10-22T12:00:00").toBe(true);
  }
});

test("each kind of event tells what belongs to it", async () => {
  const { run } = await marketingCloudBench();
  const since = "2026-10-10";
  const first = async (kind: string) =>
    (await run(listTrackingEvents, { kind, since, most: 5 })).events[0];
  expect(await first("click")).toMatchObject({ url: expect.stringMatching(/^https:/) });
  expect(await first("bounce")).toMatchObject({
    bounceCategory: expect.stringContaining("bounce"),
    smtpCode: expect.stringMatching(/^\d+$/),
  });
  for (const kind of ["open", "unsubscribe", "not-sent"]) {
    expect(await first(kind)).toMatchObject({ url: null, subscriberKey: expect.any(String) });
  }
});

test("events without a question are refused, and a person who has none has none", async () => {
  const { run } = await marketingCloudBench();
  await expect(run(listTrackingEvents, { kind: "open" })).rejects.toMatchObject({
    code: "operations.bad_query",
  });
  expect(
    await run(listTrackingEvents, { kind: "open", subscriberKey: "</Value><x> & nobody" }),
  ).toEqual({ events: [], next: null });
});

test("lists are listed, and a person is read with theirs", async () => {
  const bench = await marketingCloudBench();
  const { lists } = await bench.run(listLists, {});
  expect(lists.length).toBeGreaterThan(1);
  const key = await somebody(bench);
  const { subscriber } = await bench.run(getSubscriber, { subscriberKey: key });
  expect(subscriber).toMatchObject({ key, email: expect.stringContaining("@") });
  await expect(bench.run(getSubscriber, { subscriberKey: "nobody" })).rejects.toMatchObject({
    code: "operations.not_found",
    userMessage: "Marketing Cloud does not know the subscriber “nobody” in this business unit.",
  });
});

test("subscribers are added and changed, each thing with what it was before", async () => {
  const bench = await marketingCloudBench();
  const key = await somebody(bench);
  const { lists } = await bench.run(listLists, {});
  const before = (await bench.run(getSubscriber, { subscriberKey: key })).subscriber;
  const input = {
    subscribers: [
      { key, email: "moved@mail.example", lists: [{ id: lists[0].id, status: "Unsubscribed" }] },
      { key: 'new "one" & <two>', email: "new@mail.example", attributes: {} },
    ],
  };
  const step = await bench.prepareOne(upsertSubscribers, input);
  expect(step.title).toBe("Write 2 subscribers: 1 new, 1 changed");
  expect(step.preview.changes).toContainEqual({
    ...{ subject: key, subjectId: null, field: "Email address" },
    ...{ before: before.email, after: "moved@mail.example" },
  });
  expect(await bench.cut(upsertSubscribers, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(upsertSubscribers, step, "after-work")).toMatchObject({
    kind: "applied",
    output: { written: 2 },
  });
  expect(await bench.apply(upsertSubscribers, step)).toBe("drifted");
  const after = await bench.run(getSubscriber, { subscriberKey: key });
  expect(after.subscriber.email).toBe("moved@mail.example");
  expect(after.lists).toContainEqual({ listId: lists[0].id, status: "Unsubscribed" });
  await expect(bench.prepare(upsertSubscribers, input)).rejects.toMatchObject({
    code: "operations.nothing_to_change",
  });
});

test("a list that is not there is refused, and those beside it are told apart", async () => {
  const bench = await marketingCloudBench();
  const [outcome] = await bench.all(upsertSubscribers, {
    subscribers: [
      { key: "a", email: "a@mail.example" },
      { key: "b", email: "b@mail.example", lists: [{ id: 2_000_000_000 }] },
    ],
  });
  expect(outcome).toMatchObject({
    kind: "applied",
    output: { succeeded: 1, failed: 1 },
  });
});

test.each([
  [[{ key: "nobody", status: "Active" }], /needs a mail address/],
  [
    [
      { key: "a", email: "a@mail.example" },
      { key: "A", email: "b@mail.example" },
    ],
    /listed twice/,
  ],
])("subscribers that cannot be written are refused beforehand: %j", async (subscribers, words) => {
  const bench = await marketingCloudBench();
  await expect(bench.prepare(upsertSubscribers, { subscribers })).rejects.toMatchObject({
    code: "operations.bad_query",
    userMessage: expect.stringMatching(words),
  });
});

test("contacts are found by address, made once, and changed", async () => {
  const bench = await marketingCloudBench();
  const input = { contactKey: "G/1 <&>", email: "grace@mail.example" };
  const found = () => bench.run(searchContacts, { emails: [input.email, "none@mail.example"] });
  expect((await found()).found.map(({ contacts }: { contacts: [] }) => contacts)).toEqual([[], []]);
  const step = await bench.prepareOne(createContact, input);
  expect(await bench.cut(createContact, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.apply(createContact, step)).toMatchObject({
    kind: "applied",
    output: { contactKey: input.contactKey, isNew: true },
  });
  expect(await bench.cut(createContact, step, "before-work")).toMatchObject({ kind: "applied" });
  expect((await found()).found[0].contacts).toMatchObject([{ contactKey: input.contactKey }]);
  await expect(bench.prepare(createContact, input)).rejects.toMatchObject({
    code: "operations.conflict",
  });
  const change = await bench.prepareOne(updateContact, { ...input, email: "g@mail.example" });
  expect(change.preview.changes).toMatchObject([
    { field: "Email Addresses: Email Address", before: input.email, after: "g@mail.example" },
  ]);
  expect(change.preview.warnings).toEqual([]);
  expect(await bench.cut(updateContact, change, "before-work")).toMatchObject({ kind: "failed" });
  expect(await bench.cut(updateContact, change, "after-work")).toMatchObject({ kind: "applied" });
});

test("[PLN-9] what an attribute holds before is said to be unreadable, never shown as empty", async () => {
  const bench = await marketingCloudBench();
  const change = await bench.prepareOne(updateContact, {
    contactKey: await somebody(bench),
    attributes: { "Email Addresses": { "HTML Enabled": true } },
  });
  expect(change.preview.changes).toMatchObject([{ before: "(cannot be read)", after: "true" }]);
  expect(change.preview.warnings).toMatchObject([
    { code: "no_preview", text: expect.stringContaining("documents no way to read") },
  ]);
  const made = await bench.prepareOne(createContact, {
    contactKey: "new-1",
    email: "n@mail.example",
  });
  expect(made.preview.changes).toMatchObject([{ before: null }]);
  expect(made.preview.warnings).toMatchObject([{ code: "no_preview" }]);
});

test("a contact that is not there cannot be changed, an attribute that is not there not written", async () => {
  const bench = await marketingCloudBench();
  expect(
    await bench.all(updateContact, { contactKey: "nobody", email: "n@mail.example" }),
  ).toMatchObject([{ kind: "failed", code: "operations.not_found" }]);
  expect(
    await bench.all(createContact, { contactKey: "x", attributes: { Nope: { Nope: "1" } } }),
  ).toMatchObject([{ kind: "failed", code: "operations.refused_by_provider" }]);
});

test("[PLN-5] what cannot be read back of a contact stays unknown", async () => {
  const bench = await marketingCloudBench();
  const contactKey = await somebody(bench);
  const step = await bench.prepareOne(updateContact, {
    contactKey,
    attributes: { "Email Addresses": { "HTML Enabled": true } },
  });
  expect(await bench.cut(updateContact, step, "after-work")).toMatchObject({ kind: "unknown" });
});

test("[PLN-5] a new contact without an address that is not found may have been made all the same", async () => {
  const bench = await marketingCloudBench();
  const attributes = { "Email Addresses": { "HTML Enabled": true } };
  const step = await bench.prepareOne(createContact, { contactKey: "no-address-1", attributes });
  expect(await bench.cut(createContact, step, "before-work")).toMatchObject({ kind: "unknown" });
});
