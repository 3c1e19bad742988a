import { expect, test } from "vitest";
import { sendMessages } from "#lib/providers/marketing-cloud/operations/send-messages.ts";
import { listDefinitions, sendStatus } from "#lib/providers/marketing-cloud/operations/sends.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";

type Listed = { key: string; name: string; status: string };
const definitionOf = async ({ run }: MarketingCloudBench, status = "Active"): Promise<string> =>
  (await run(listDefinitions, { status })).definitions[0].key;
const people = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    contactKey: `G${at}`,
    to: `guest${at}@mail.example`,
    attributes: { FirstName: `Guest <${at}>` },
  }));

test("definitions come in pages, whose count is of one page alone", async () => {
  const { run } = await marketingCloudBench();
  const keys: string[] = [];
  for (let page = 1; ; page += 1) {
    const part = await run(listDefinitions, { page, pageSize: 3 });
    keys.push(...part.definitions.map(({ key }: Listed) => key));
    if (!part.hasMore) break;
  }
  expect(keys.length).toBeGreaterThan(3);
  expect(new Set(keys).size).toBe(keys.length);
});

test("who is written to, and with what, is listed whole", async () => {
  const bench = await marketingCloudBench();
  const definition = await definitionOf(bench);
  const steps = await bench.prepare(sendMessages, { definition, recipients: people(70) });
  expect(steps.map(({ recipients }) => recipients)).toEqual([50, 20]);
  for (const { preview, effect, recipients } of steps) {
    expect(effect).toBe("send");
    expect(preview.recipients).toMatchObject({ count: recipients, isAtMost: false });
    expect(preview.rows?.sample).toHaveLength(recipients);
    expect(preview.bodies.map(({ kind }) => kind)).toContain("html");
    expect(preview.warnings.map(({ code }) => code)).toEqual(["send", "cannot_be_undone", "bulk"]);
  }
  expect(steps[1]?.preview.rows?.sample[0]).toEqual(["G50", "guest50@mail.example", "Guest <50>"]);
});

test.each([1, 3])("a send to %i is accepted, and each message found by its key", async (count) => {
  const bench = await marketingCloudBench();
  const definition = await definitionOf(bench);
  const step = await bench.prepareOne(sendMessages, { definition, recipients: people(count) });
  const firstMessageKey = /studio-\w+-1-1/.exec(step.request.path + step.request.body)?.[0];
  expect(await bench.apply(sendMessages, step)).toMatchObject({
    kind: "applied",
    output: { accepted: count, firstMessageKey },
  });
  expect(await bench.run(sendStatus, { messageKey: firstMessageKey })).toMatchObject({
    state: "queued",
  });
  bench.cloud.clock.advanceSeconds(60);
  expect(await bench.run(sendStatus, { messageKey: firstMessageKey })).toMatchObject({
    ...{ state: "sent", contactKey: "G0", to: "guest0@mail.example" },
  });
});

test.each([1, 3])(
  "[PLN-5] a send to %i that nobody heard of is found by its keys, and else left to a person",
  async (count) => {
    const bench = await marketingCloudBench();
    const definition = await definitionOf(bench);
    const step = await bench.prepareOne(sendMessages, { definition, recipients: people(count) });
    expect(await bench.cut(sendMessages, step, "before-work")).toMatchObject({ kind: "unknown" });
    expect(await bench.cut(sendMessages, step, "after-work")).toMatchObject({
      kind: "applied",
      output: { accepted: count },
    });
  },
);

test("[PLN-10] what was sent already is drift: two plans of one wish send once", async () => {
  const bench = await marketingCloudBench();
  const input = { definition: await definitionOf(bench), recipients: people(2) };
  const [first, second] = [
    await bench.prepareOne(sendMessages, input),
    await bench.prepareOne(sendMessages, input),
  ];
  expect(second.request).toEqual(first.request);
  expect(await bench.apply(sendMessages, first)).toMatchObject({ kind: "applied" });
  expect(await bench.apply(sendMessages, second)).toBe("drifted");
  // The provider itself takes no key twice.
  expect(
    await bench.conclude(sendMessages, second, await bench.send(second.request)),
  ).toMatchObject({ kind: "failed" });
  const again = await bench.prepareOne(sendMessages, input);
  expect(again.request).not.toEqual(first.request);
});

test("where some are refused, they are told apart", async () => {
  const bench = await marketingCloudBench();
  const definition = await definitionOf(bench);
  const step = await bench.prepareOne(sendMessages, { definition, recipients: people(3) });
  const body = JSON.parse(step.request.body ?? "");
  body.recipients[1].to = "nowhere";
  const answer = await bench.send({ ...step.request, body: JSON.stringify(body) });
  expect(answer.status).toBe(202);
  expect(await bench.conclude(sendMessages, step, answer)).toMatchObject({
    kind: "applied",
    output: { succeeded: 2, failed: 1 },
  });
});

test("a definition that is off, or not there, sends nothing, and nobody is written to twice", async () => {
  const bench = await marketingCloudBench();
  const inactive = await definitionOf(bench, "Inactive");
  const refused = (definition: string, recipients = people(1)) =>
    bench.prepare(sendMessages, { definition, recipients });
  await expect(refused(inactive)).rejects.toMatchObject({ code: "operations.conflict" });
  await expect(refused("none")).rejects.toMatchObject({ code: "operations.not_found" });
  await expect(refused("a/b")).rejects.toMatchObject({ code: "operations.bad_query" });
  await expect(
    refused(await definitionOf(bench), [...people(1), ...people(1)]),
  ).rejects.toMatchObject({ code: "operations.bad_query" });
});

test("a message that nobody sent is not there", async () => {
  const { run } = await marketingCloudBench();
  await expect(run(sendStatus, { messageKey: "studio-none" })).rejects.toMatchObject({
    code: "operations.not_found",
  });
});
