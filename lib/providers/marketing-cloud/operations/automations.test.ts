import { expect, test } from "vitest";
import {
  runAutomationOnce,
  startAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-runs.ts";
import {
  pauseAutomation,
  scheduleAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schedule.ts";
import {
  getAutomation,
  listAutomations,
} from "#lib/providers/marketing-cloud/operations/automations.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";

type Listed = { id: string; key: string; name: string; status: string };
const named = async ({ run }: MarketingCloudBench, name: string): Promise<Listed> =>
  (await run(listAutomations, { name })).automations[0];

test("automations come in pages, each once", async () => {
  const { run } = await marketingCloudBench();
  const ids: string[] = [];
  for (let page = 1; ; page += 1) {
    const part = await run(listAutomations, { page, pageSize: 10 });
    ids.push(...part.automations.map(({ id }: Listed) => id));
    if (!part.hasMore) {
      expect(ids).toHaveLength(part.total);
      break;
    }
  }
  expect(ids.length).toBeGreaterThan(10);
  expect(new Set(ids).size).toBe(ids.length);
});

test("an automation is read by id or key, with its steps in words", async () => {
  const bench = await marketingCloudBench();
  const { id, key } = await named(bench, "Nightly import");
  const byId = await bench.run(getAutomation, { automation: id });
  expect(await bench.run(getAutomation, { automation: key })).toEqual(byId);
  expect(byId.steps.flatMap(({ activities }: { activities: unknown[] }) => activities)).toEqual([
    { name: "Fetch file", kind: "file transfer", reachesPeople: false },
    { name: "Import customers", kind: "import", reachesPeople: false },
  ]);
  expect(byId.schedule.repeats).toContain("FREQ=DAILY");
  await expect(bench.run(getAutomation, { automation: "x' or key neq 'x" })).rejects.toMatchObject({
    code: "operations.not_found",
  });
});

test("names in other scripts are found as they are", async () => {
  const bench = await marketingCloudBench();
  for (const name of ["夜間バッチ", "تحديث الجمهور", "File drop: returns"]) {
    expect(await named(bench, name)).toMatchObject({ name });
  }
});

test.each([
  ["run-once", runAutomationOnce],
  ["start", startAutomation],
] as const)("%s: what runs is shown, and runs once", async (_verb, operation) => {
  const bench = await marketingCloudBench();
  const { id } = await named(bench, "Winback refresh");
  const step = await bench.prepareOne(operation, { automation: id });
  expect(step).toMatchObject({ effect: "code", recipients: 0, records: 1 });
  expect(step.preview.rows?.sample).toEqual([["1", "Fill winback audience", "query"]]);
  expect(step.preview.warnings.map(({ code }) => code)).toEqual([
    "code",
    "cannot_be_undone",
    "no_preview",
  ]);
  expect(await bench.apply(operation, step)).toMatchObject({ kind: "applied" });
  expect((await bench.run(getAutomation, { automation: id })).automation.status).toBe("Running");
  expect(await bench.apply(operation, step)).toBe("drifted");
  expect(await bench.conclude(operation, step, await bench.send(step.request))).toMatchObject({
    kind: "failed",
  });
  await expect(bench.prepare(operation, { automation: id })).rejects.toMatchObject({
    code: "operations.conflict",
  });
});

test.each([
  ["sends", "Newsletter send"],
  ["lets people into journeys", "تحديث الجمهور"],
  ["runs a script, which may send", "Year end clean-up"],
])(
  "[PLN-9] an automation that %s counts as more people than any limit lets pass",
  async (_does, name) => {
    const bench = await marketingCloudBench();
    const { id } = await named(bench, name);
    const step = await bench.prepareOne(runAutomationOnce, { automation: id });
    expect(step.recipients).toBe(unknownRecipients);
    expect(step.preview.warnings[0]).toMatchObject({ code: "send" });
  },
);

test("an automation without activities has nothing to run", async () => {
  const bench = await marketingCloudBench();
  const { id } = await named(bench, "Half built");
  await expect(bench.prepare(startAutomation, { automation: id })).rejects.toMatchObject({
    code: "operations.nothing_to_change",
  });
});

test.each([
  ["run-once", runAutomationOnce],
  ["start", startAutomation],
] as const)(
  "[PLN-5] %s: nobody is told that it ran, or that it did not, when no answer came",
  async (_verb, operation) => {
    const bench = await marketingCloudBench();
    const { id } = await named(bench, "Winback refresh");
    const step = await bench.prepareOne(operation, { automation: id });
    const before = await bench.cut(operation, step, "before-work");
    const after = await bench.cut(operation, step, "after-work");
    expect([before.kind, after.kind]).toEqual(["unknown", "unknown"]);
    expect(before.summary).toContain("no run since");
    expect(after.summary).toContain("runs, or has run since");
  },
);

test("a schedule is switched off and on by the undocumented route, which is said", async () => {
  const bench = await marketingCloudBench();
  const { id } = await named(bench, "夜間バッチ");
  const pause = await bench.prepareOne(pauseAutomation, { automation: id });
  expect(pause.effect).toBe("write");
  expect(pause.preview.warnings.map(({ code }) => code)).toEqual(["undocumented_route"]);
  expect(await bench.cut(pauseAutomation, pause, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(pauseAutomation, pause, "after-work")).toMatchObject({ kind: "applied" });
  const schedule = await bench.prepareOne(scheduleAutomation, { automation: id });
  expect(schedule.effect).toBe("code");
  expect(schedule.preview.changes).toMatchObject([
    { field: "State", before: "PausedSchedule", after: "Scheduled" },
  ]);
  expect(await bench.apply(scheduleAutomation, schedule)).toMatchObject({ kind: "applied" });
  expect(await named(bench, "夜間バッチ")).toMatchObject({ status: "Scheduled" });
  await expect(bench.prepare(scheduleAutomation, { automation: id })).rejects.toMatchObject({
    code: "operations.conflict",
  });
});
