import { expect, test } from "vitest";
import type { JsonObject } from "#lib/core/json.ts";
import { marketingCloudCalls } from "#lib/providers/marketing-cloud/calls.ts";
import { createJourney } from "#lib/providers/marketing-cloud/operations/journey-create.ts";
import { fireJourneyEvent } from "#lib/providers/marketing-cloud/operations/journey-event.ts";
import { publishJourney } from "#lib/providers/marketing-cloud/operations/journey-publish.ts";
import {
  deleteJourney,
  pauseJourney,
  resumeJourney,
  stopJourney,
} from "#lib/providers/marketing-cloud/operations/journey-runs.ts";
import { getJourney, listJourneys } from "#lib/providers/marketing-cloud/operations/journeys.ts";
import { counted } from "#lib/providers/marketing-cloud/operations/words.ts";
import type { PreparedStep } from "#lib/providers/operation.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";
import { operationBench } from "#lib/testing/operation-bench.ts";

type Listed = { id: string; key: string; name: string; version: number; status: string };

const inState = async ({ run }: MarketingCloudBench, status: string): Promise<Listed> => {
  const { journeys } = await run(listJourneys, { status, pageSize: 50 });
  const found = journeys.find(({ name }: Listed) => !name.startsWith("Spring catalogue"));
  if (!found) throw new Error(`no journey is ${status}`);
  return found;
};
/** A draft that people enter one by one. */
async function eventDraft(bench: MarketingCloudBench): Promise<Listed> {
  const { journeys } = await bench.run(listJourneys, { status: "Draft", pageSize: 50 });
  for (const journey of journeys) {
    const { definition } = await bench.run(getJourney, { journey: journey.id });
    const isFaulty = journey.name.startsWith("Spring catalogue");
    if (!isFaulty && definition.triggers[0]?.type === "APIEvent") return journey;
  }
  throw new Error("no draft is entered by an event");
}
const statusOf = async ({ run }: MarketingCloudBench, { id, version }: Listed): Promise<string> =>
  (await run(getJourney, { journey: id, version })).journey.status;

test("journeys come in pages, each once, and by what they are", async () => {
  const { run } = await marketingCloudBench();
  const names: string[] = [];
  for (let page = 1; ; page += 1) {
    const part = await run(listJourneys, { page, pageSize: 10, allVersions: true });
    names.push(...part.journeys.map(({ id, version }: Listed) => `${id} ${version}`));
    expect(part.total).toBeGreaterThan(10);
    if (!part.hasMore) {
      expect(names).toHaveLength(part.total);
      break;
    }
  }
  expect(new Set(names).size).toBe(names.length);
  expect(await run(listJourneys, { search: "no journey says this" })).toEqual({
    ...{ journeys: [], page: 1, total: 0, hasMore: false },
  });
});

test("a journey is read by id or key, one version of it, with the year 1 as never published", async () => {
  const bench = await marketingCloudBench();
  const { id, key } = await inState(bench, "Draft");
  const byId = await bench.run(getJourney, { journey: id });
  expect(await bench.run(getJourney, { journey: key })).toEqual(byId);
  expect(byId.journey.publishedAt).toBeNull();
  expect(byId.definition.triggers.length + byId.definition.activities.length).toBeGreaterThan(0);
  await expect(bench.run(getJourney, { journey: id, version: 99 })).rejects.toMatchObject({
    code: "operations.not_found",
  });
  await expect(bench.run(getJourney, { journey: "a/b" })).rejects.toMatchObject({
    code: "operations.bad_query",
  });
});

test("a draft is published, and waited for until the provider says so", async () => {
  const bench = await marketingCloudBench();
  const draft = await eventDraft(bench);
  const step = await bench.prepareOne(publishJourney, { journey: draft.key });
  expect(step).toMatchObject({ effect: "send", recipients: unknownRecipients });
  expect(step.preview.recipients).toBeNull();
  expect(step.preview.warnings.map(({ code }) => code)).toEqual(["send", "cannot_be_undone"]);
  expect(step.preview.bodies[0]?.after).toContain('"activities"');
  expect(await bench.apply(publishJourney, step)).toMatchObject({ kind: "applied" });
  expect(await statusOf(bench, draft)).toBe("Published");
  await expect(bench.prepare(publishJourney, { journey: draft.key })).rejects.toMatchObject({
    code: "operations.conflict",
  });
});

/** [PLN-10] More people than were shown are another plan; fewer are still "at most". */
async function holdsAtMost(
  bench: MarketingCloudBench,
  operation: typeof publishJourney,
  step: Awaited<ReturnType<typeof bench.prepareOne>>,
): Promise<void> {
  const observed = step.observed as JsonObject;
  expect(observed.people).toBe(step.recipients);
  const shownAs = (people: number) => ({ ...step, observed: { ...observed, people } });
  expect(await bench.apply(operation, shownAs(step.recipients - 1))).toBe("drifted");
  expect(await bench.apply(operation, shownAs(step.recipients + 1))).toMatchObject({
    kind: "applied",
  });
}

test("[PLN-10] where people come out of a data extension, they are counted, and more of them are drift", async () => {
  const bench = await marketingCloudBench();
  const { journeys } = await bench.run(listJourneys, { status: "Draft", pageSize: 50 });
  for (const { id } of journeys) {
    const { definition } = await bench.run(getJourney, { journey: id });
    if (definition.triggers[0]?.type !== "EmailAudience") continue;
    const step = await bench.prepareOne(publishJourney, { journey: id });
    expect(step.recipients).toBeGreaterThan(0);
    expect(step.recipients).toBeLessThan(unknownRecipients);
    expect(step.preview.recipients).toEqual({ count: step.recipients, isAtMost: true, sample: [] });
    expect(step.title).toContain(`to ${counted(step.recipients, "person", "people")} at most`);
    await holdsAtMost(bench, publishJourney, step);
    return;
  }
  throw new Error("no draft has an audience");
});

test("what the provider's check finds is told, in our words, with its code", async () => {
  const bench = await marketingCloudBench();
  const made = await bench.all(createJourney, { key: "empty", name: "Empty", definition: {} });
  expect(made).toMatchObject([{ kind: "applied" }]);
  expect(await bench.all(publishJourney, { journey: "empty" })).toMatchObject([
    {
      kind: "failed",
      code: "operations.refused_by_provider",
      output: { providerCode: expect.stringMatching(/^\d+$/) },
    },
  ]);
});

/** Those inside and those who may enter from then on: counted, or said not to be. */
async function showsWhoGoesOn(bench: MarketingCloudBench, resume: PreparedStep): Promise<void> {
  const { people, entering } = resume.observed as { people: number; entering: number | null };
  expect(people).toBeGreaterThan(0);
  expect(resume.title).toContain(`with ${counted(people, "person", "people")} in it`);
  expect(resume.recipients).toBe(entering === null ? unknownRecipients : people + entering);
  expect(resume.preview.recipients === null).toBe(entering === null);
  const fewer = { ...resume, observed: { ...(resume.observed as JsonObject), people: people - 1 } };
  expect(await bench.apply(resumeJourney, fewer)).toBe("drifted");
  const more = { ...resume, observed: { ...(resume.observed as JsonObject), people: people + 1 } };
  expect(await bench.apply(resumeJourney, more)).toMatchObject({ kind: "applied" });
}

test("[PLN-9] a journey that tells no numbers is never shown as empty", async () => {
  const journey = {
    ...{ id: "11111111-2222-4333-8444-555555555555", key: "j", name: "J", version: 1 },
    status: "Paused",
  };
  const bench = operationBench(
    "marketing-cloud",
    marketingCloudCalls,
    async () => ({ status: 200, headers: {}, body: JSON.stringify(journey) }),
    () => undefined,
  );
  const resume = await bench.prepareOne(resumeJourney, { journey: "j" });
  expect(resume.title).toContain("people whose number is not known");
  expect(resume.recipients).toBe(unknownRecipients);
  expect(resume.preview.recipients).toBeNull();
  expect(resume.preview.facts).toContainEqual({ label: "People in it now", value: "Not known" });
});

test("a journey is paused, resumed, stopped and deleted, and each says what it does", async () => {
  const bench = await marketingCloudBench();
  const journey = await inState(bench, "Published");
  const { id, version } = journey;
  const input = { journey: id, version };
  expect(await bench.all(pauseJourney, { ...input, days: 3 })).toMatchObject([{ kind: "applied" }]);
  expect(await statusOf(bench, journey)).toBe("Paused");
  const resume = await bench.prepareOne(resumeJourney, input);
  await showsWhoGoesOn(bench, resume);
  await expect(bench.prepare(deleteJourney, input)).rejects.toMatchObject({
    code: "operations.conflict",
  });
  expect(await bench.all(stopJourney, input)).toMatchObject([{ kind: "applied" }]);
  expect(await bench.all(deleteJourney, input)).toMatchObject([{ kind: "applied" }]);
  await expect(bench.run(getJourney, input)).rejects.toMatchObject({
    code: "operations.not_found",
  });
});

test("an answer of 202 with an error inside is a refusal", async () => {
  const bench = await marketingCloudBench();
  const { id, version } = await inState(bench, "Published");
  const step = await bench.prepareOne(pauseJourney, { journey: id, version });
  const answer = await bench.send({ ...step.request, query: "" });
  expect(answer.status).toBe(202);
  expect(await bench.conclude(pauseJourney, step, answer)).toMatchObject({
    kind: "failed",
    code: "operations.refused_by_provider",
    output: { providerCode: "10005" },
  });
});

test.each([
  ["pause", pauseJourney, "Published", "applied"],
  ["resume", resumeJourney, "Paused", "applied"],
  ["stop", stopJourney, "Published", "applied"],
  ["delete", deleteJourney, "Draft", "applied"],
] as const)(
  "[PLN-5] %s: an answer that never came is settled by the journey's state",
  async (_verb, operation, from, kind) => {
    const bench = await marketingCloudBench();
    const { id, version } = await inState(bench, from);
    const step = await bench.prepareOne(operation, { journey: id, version });
    expect(await bench.cut(operation, step, "before-work")).toMatchObject({
      code: "operations.not_applied",
    });
    expect(await bench.cut(operation, step, "after-work")).toMatchObject({ kind });
  },
);

test("[PLN-5] a draft that is still a draft may be on its way to being published", async () => {
  const bench = await marketingCloudBench();
  const draft = await inState(bench, "Draft");
  const step = await bench.prepareOne(publishJourney, { journey: draft.id });
  expect(await bench.cut(publishJourney, step, "before-work")).toMatchObject({ kind: "unknown" });
  expect(await bench.cut(publishJourney, step, "after-work")).toMatchObject({ kind: "unknown" });
  bench.cloud.clock.advanceSeconds(60);
  expect(await bench.cut(publishJourney, step, "before-work")).toMatchObject({ kind: "applied" });
});

test("[PLN-10] a journey that was switched meanwhile is drift, also where it is gone", async () => {
  const bench = await marketingCloudBench();
  const { id, version } = await inState(bench, "Published");
  const stop = await bench.prepareOne(stopJourney, { journey: id, version });
  await bench.all(pauseJourney, { journey: id, version });
  expect(await bench.apply(stopJourney, stop)).toBe("drifted");
  const draft = await inState(bench, "Draft");
  const publish = await bench.prepareOne(publishJourney, { journey: draft.id });
  await bench.all(deleteJourney, { journey: draft.id, version: draft.version });
  expect(await bench.apply(publishJourney, publish)).toBe("drifted");
});

test("a definition that was read makes a draft, and then the next version of it", async () => {
  const bench = await marketingCloudBench();
  const source = await inState(bench, "Published");
  const { definition } = await bench.run(getJourney, { journey: source.id });
  const input = {
    key: "copy of <it> & more",
    name: "Copy",
    definition: { ...definition, id: source.id, status: "Published" },
  };
  const step = await bench.prepareOne(createJourney, input);
  expect(step.request.body).not.toContain("Published");
  expect(await bench.cut(createJourney, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(createJourney, step, "after-work")).toMatchObject({
    kind: "applied",
    output: { version: 1 },
  });
  expect(await bench.apply(createJourney, step)).toBe("drifted");
  await expect(bench.prepare(createJourney, input)).rejects.toMatchObject({
    code: "operations.conflict",
  });
  await bench.all(publishJourney, { journey: input.key });
  expect(await bench.all(createJourney, input)).toMatchObject([{ output: { version: 2 } }]);
});

test("an entry event reaches one person, and is never taken for done when nobody heard of it", async () => {
  const bench = await marketingCloudBench();
  const { id } = await inState(bench, "Published");
  const { definition } = await bench.run(getJourney, { journey: id });
  const event = definition.triggers[0].metaData.eventDefinitionKey;
  const step = await bench.prepareOne(fireJourneyEvent, {
    ...{ event, contactKey: "C000001", data: { EmailAddress: "ada@mail.example", Points: 3 } },
  });
  expect(step).toMatchObject({ effect: "send", recipients: 1 });
  expect(step.preview.recipients).toEqual({ count: 1, isAtMost: true, sample: ["C000001"] });
  expect(await bench.cut(fireJourneyEvent, step, "before-work")).toMatchObject({
    kind: "unknown",
  });
  expect(await bench.apply(fireJourneyEvent, step)).toMatchObject({
    kind: "applied",
    output: { eventInstanceId: expect.any(String) },
  });
  expect(await bench.all(fireJourneyEvent, { event: "none", contactKey: "C000001" })).toMatchObject(
    [{ kind: "failed", code: "operations.not_found" }],
  );
});
