import { expect, test } from "vitest";
import { createDataExtension } from "#lib/providers/marketing-cloud/operations/data-extension-create.ts";
import { isSameCell } from "#lib/providers/marketing-cloud/operations/rows.ts";
import { deleteRows } from "#lib/providers/marketing-cloud/operations/rows-delete.ts";
import { readRows } from "#lib/providers/marketing-cloud/operations/rows-read.ts";
import { upsertRows } from "#lib/providers/marketing-cloud/operations/rows-upsert.ts";
import { halden } from "#lib/simulator/marketing-cloud/testing.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";

const rowOf = async ({ run }: MarketingCloudBench, key: string, column: string, value: string) =>
  (await run(readRows, { key, filter: { conditions: [{ column, is: "eq", value }] } })).rows[0];

test("rows come under their columns' own names, page after page, each once", async () => {
  const { run } = await marketingCloudBench();
  const ids: string[] = [];
  let next: string | null = null;
  let pages = 0;
  do {
    const page = await run(readRows, {
      key: "Orders",
      pageSize: 2_000,
      ...(next ? { next } : {}),
    });
    expect(page.total).toBe(4_200);
    ids.push(...page.rows.map((row: Record<string, string>) => row.OrderId));
    next = page.next;
    pages += 1;
  } while (next !== null);
  expect(pages).toBe(3);
  expect(new Set(ids).size).toBe(4_200);
});

test("an empty data extension has no rows, and no page after", async () => {
  const { run } = await marketingCloudBench();
  expect(await run(readRows, { key: "Winback_Audience" })).toEqual({
    columns: ["SubscriberKey", "EmailAddress", "LastOpened"],
    rows: [],
    total: 0,
    next: null,
  });
});

test("a filter, an order and a choice of columns hold", async () => {
  const { run } = await marketingCloudBench();
  const { rows, columns, total } = await run(readRows, {
    key: "Orders",
    columns: ["status", "Total"],
    filter: {
      match: "all",
      conditions: [
        { column: "STATUS", is: "eq", value: "shipped" },
        { column: "Total", is: "gt", value: 600 },
      ],
    },
    orderBy: { column: "Total", direction: "desc" },
  });
  expect(columns).toEqual(["Status", "Total"]);
  expect(total).toBeGreaterThan(0);
  const totals = rows.map((row: Record<string, string>) => Number(row.Total));
  expect(totals.every((amount: number) => amount > 600)).toBe(true);
  expect(totals).toEqual([...totals].sort((a, b) => b - a));
  expect(new Set(rows.map((row: Record<string, string>) => row.Status))).toEqual(
    new Set(["shipped"]),
  );
});

test("a value is a value, whatever the filter's language would make of it", async () => {
  const { run, sent } = await marketingCloudBench();
  const value = "x' or Status neq 'x";
  const { rows } = await run(readRows, {
    key: "Orders",
    filter: { conditions: [{ column: "Status", is: "eq", value }] },
  });
  expect(rows).toEqual([]);
  const asked = new URLSearchParams(sent.at(-1)?.query ?? "");
  expect(asked.get("$filter")).toBe("Status eq 'x'' or Status neq ''x'");
});

test("a column that is not there is refused before anything is asked of rows", async () => {
  const { run, sent } = await marketingCloudBench();
  await expect(run(readRows, { key: "Orders", columns: ["Sttus"] })).rejects.toMatchObject({
    code: "operations.bad_query",
    userMessage: "There is no column “Sttus” in this data extension.",
  });
  expect(sent.every(({ door }) => door === "soap")).toBe(true);
});

const odd = "Guests / 50% & more?";
async function withOddOne(): Promise<MarketingCloudBench> {
  const bench = await marketingCloudBench();
  const [outcome] = await bench.all(createDataExtension, {
    key: odd,
    sendBy: "Guest Id",
    name: "Guests <of> 2026",
    description: 'Says "&" and <b>',
    columns: [
      { name: "Guest Id", type: "Text", length: 20, isPrimaryKey: true, isRequired: true },
      { name: "Nights", type: "Number" },
      { name: "Came", type: "Boolean" },
    ],
  });
  expect(outcome).toMatchObject({ kind: "applied", output: { key: odd } });
  return bench;
}

test("a data extension whose key no address can carry is made, filled, read and emptied by SOAP", async () => {
  const bench = await withOddOne();
  const rows = [
    { "Guest Id": "<a> & 'b'", Nights: 3, Came: true },
    { "Guest Id": "G2", Nights: 1, Came: false },
  ];
  expect(await bench.all(upsertRows, { key: odd, rows })).toMatchObject([
    { kind: "applied", output: { written: 2, added: 2, changed: 0 } },
  ]);
  expect(await bench.run(readRows, { key: odd })).toMatchObject({
    rows: [
      { "Guest Id": "<a> & 'b'", Nights: "3", Came: "True" },
      { "Guest Id": "G2", Nights: "1", Came: "False" },
    ],
    total: null,
  });
  expect(
    await bench.all(deleteRows, { key: odd, rows: [{ "guest id": "<a> & 'b'" }] }),
  ).toMatchObject([{ kind: "applied", output: { deleted: 1 } }]);
  expect((await bench.run(readRows, { key: odd })).rows).toHaveLength(1);
  expect(bench.sent.every(({ door }) => door === "soap")).toBe(true);
});

test("[PLN-5] dates and truths that come back in the vendor's form are known for what was written", async () => {
  const bench = await marketingCloudBench();
  const key = "Visits";
  await bench.all(createDataExtension, {
    ...{ key, name: key },
    columns: [
      { name: "Id", type: "Text", length: 20, isPrimaryKey: true, isRequired: true },
      { name: "At", type: "Date" },
      { name: "Came", type: "Boolean" },
    ],
  });
  const write = (At: string) => ({ key, rows: [{ Id: "a", At, Came: true }] });
  const step = await bench.prepareOne(upsertRows, write("2026-10-01T15:30:00"));
  expect(await bench.cut(upsertRows, step, "after-work")).toMatchObject({ kind: "applied" });
  expect((await bench.run(readRows, { key })).rows).toEqual([
    { Id: "a", At: "10/1/2026 3:30:00 PM", Came: "True" },
  ]);
  await expect(bench.prepare(upsertRows, write("10/1/2026 15:30"))).rejects.toMatchObject({
    code: "operations.nothing_to_change",
  });
  const zoned = await bench.prepareOne(upsertRows, write("2026-10-02T00:00:00+02:00"));
  expect(await bench.cut(upsertRows, zoned, "after-work")).toMatchObject({ kind: "unknown" });
  for (const At of ["soon", "2026-02-31", "31/12/2026"]) {
    await expect(bench.prepare(upsertRows, write(At))).rejects.toMatchObject({
      code: "operations.bad_query",
      userMessage: expect.stringContaining("takes dates"),
    });
  }
});

test("what would change is shown with what is there, and what is already so is left out", async () => {
  const bench = await marketingCloudBench();
  const old = await rowOf(bench, "Orders", "OrderId", "O000001");
  const same = await rowOf(bench, "Orders", "OrderId", "O000002");
  const status = old.Status === "returned" ? "placed" : "returned";
  const step = await bench.prepareOne(upsertRows, {
    key: "orders",
    rows: [
      { orderid: "O000001", STATUS: status },
      { OrderId: "O000002", Status: same.Status, Total: `${same.Total}0` },
      { OrderId: "X1", Status: "placed", Total: 12.5 },
    ],
  });
  expect(step).toMatchObject({ effect: "write", records: 2, recipients: 0 });
  expect(step.title).toBe("Write 2 rows to “Orders”: 1 new, 1 changed");
  expect(step.preview.changes).toEqual([
    { subject: "O000001", subjectId: null, field: "Status", before: old.Status, after: status },
    { subject: "X1", subjectId: null, field: "OrderId", before: null, after: "X1" },
    { subject: "X1", subjectId: null, field: "Status", before: null, after: "placed" },
    { subject: "X1", subjectId: null, field: "Total", before: null, after: "12.5" },
  ]);
  expect(JSON.parse(step.request.body ?? "")).toEqual([
    { keys: { OrderId: "O000001" }, values: { Status: status } },
    { keys: { OrderId: "X1" }, values: { Status: "placed", Total: 12.5 } },
  ]);
  expect(await bench.apply(upsertRows, step)).toMatchObject({
    kind: "applied",
    output: { written: 2, added: 1, changed: 1 },
  });
  expect((await rowOf(bench, "Orders", "OrderId", "O000001")).Status).toBe(status);
});

test("where nothing would change, there is no step", async () => {
  const bench = await marketingCloudBench();
  const { Status } = await rowOf(bench, "Orders", "OrderId", "O000003");
  await expect(
    bench.prepare(upsertRows, { key: "Orders", rows: [{ OrderId: "O000003", Status }] }),
  ).rejects.toMatchObject({ code: "operations.nothing_to_change" });
  await expect(
    bench.prepare(deleteRows, { key: "Orders", rows: [{ OrderId: "none" }] }),
  ).rejects.toMatchObject({ code: "operations.nothing_to_change" });
});

test("many rows go in steps of fifty, each shown whole, and a person is told that they are many", async () => {
  const bench = await marketingCloudBench();
  const rows = Array.from({ length: 250 }, (_, at) => ({ OrderId: `N${at}`, Status: "placed" }));
  const steps = await bench.prepare(upsertRows, { key: "Orders", rows });
  expect(steps.map(({ records }) => records)).toEqual([50, 50, 50, 50, 50]);
  for (const { preview } of steps) {
    expect(preview.warnings).toContainEqual({
      code: "bulk",
      text: "250 rows are written in all.",
    });
    expect(preview.rows?.sample).toHaveLength(50);
    expect(preview.changes).toHaveLength(preview.changesTotal);
  }
});

test("long rows go in smaller steps, and each step's request stays small", async () => {
  const bench = await marketingCloudBench();
  await bench.all(createDataExtension, {
    ...{ key: "Notes", name: "Notes" },
    columns: [
      { name: "Id", type: "Text", length: 20, isPrimaryKey: true, isRequired: true },
      { name: "Note", type: "Text", length: 4_000 },
    ],
  });
  const rows = Array.from({ length: 90 }, (_, at) => ({ Id: `${at}`, Note: "<".repeat(4_000) }));
  const steps = await bench.prepare(upsertRows, { key: "Notes", rows });
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.reduce((sum, { records }) => sum + records, 0)).toBe(90);
  for (const { request } of steps) expect(request.body?.length).toBeLessThan(1_000_000);
});

test.each([
  [[{ Status: "placed" }], "Row 1 lacks its key, the column “OrderId”."],
  [[{ OrderId: "" }], "Row 1 lacks its key, the column “OrderId”."],
  [[{ OrderId: "a" }, { OrderId: "A" }], "Row 2 has the same key as a row before it."],
  [[{ OrderId: "a", Total: "much" }], "Row 1: the column “Total” takes numbers."],
  [[{ OrderId: "a", Nope: 1 }], "There is no column “Nope” in this data extension."],
  [[{ OrderId: "a".repeat(37) }], "Row 1: the column “OrderId” takes at most 36 characters."],
  [[{ OrderId: "a", orderid: "b" }], "Row 1 names a column twice."],
])("rows that the provider would refuse are refused with their number: %j", async (rows, words) => {
  const { prepare } = await marketingCloudBench();
  await expect(prepare(upsertRows, { key: "Orders", rows })).rejects.toMatchObject({
    code: "operations.bad_query",
    userMessage: words,
  });
});

test("a data extension without a primary key takes no such writes", async () => {
  const { prepare } = await marketingCloudBench();
  await expect(
    prepare(upsertRows, { key: "Click_Log", rows: [{ Link: "home" }] }),
  ).rejects.toMatchObject({ code: "operations.bad_query" });
});

test("[PLN-10] a row that changed meanwhile is drift, in what is written and in what is deleted", async () => {
  const bench = await marketingCloudBench();
  const write = await bench.prepareOne(upsertRows, {
    key: "Orders",
    rows: [{ OrderId: "O000001", Status: "lost" }],
  });
  const remove = await bench.prepareOne(deleteRows, {
    key: "Orders",
    rows: [{ OrderId: "O000001" }],
  });
  await bench.all(upsertRows, { key: "Orders", rows: [{ OrderId: "O000001", Total: 1 }] });
  expect(await bench.apply(deleteRows, remove)).toBe("drifted");
  // Another column is none of its concern.
  await bench.all(upsertRows, { key: "Orders", rows: [{ OrderId: "O000001", Status: "found" }] });
  expect(await bench.apply(upsertRows, write)).toBe("drifted");
});

const cases = [
  [
    "rows that are written",
    upsertRows,
    { rows: [{ OrderId: "O000001", Status: "lost" }, { OrderId: "N1" }] },
  ],
  ["rows that are deleted", deleteRows, { rows: [{ OrderId: "O000001" }, { OrderId: "O000002" }] }],
] as const;
test.each(cases)(
  "[PLN-5] %s: an answer that never came is settled by reading back",
  async (_what, operation, input) => {
    const bench = await marketingCloudBench();
    const step = await bench.prepareOne(operation, { key: "Orders", ...input });
    expect(await bench.cut(operation, step, "before-work")).toMatchObject({
      kind: "failed",
      code: "operations.not_applied",
    });
    expect(await bench.cut(operation, step, "after-work")).toMatchObject({
      kind: "applied",
    });
  },
);

test("[PLN-5] rows that are neither as before nor as written leave it unknown", async () => {
  const bench = await marketingCloudBench();
  const step = await bench.prepareOne(upsertRows, {
    key: "Orders",
    rows: [
      { OrderId: "N1", Status: "lost" },
      { OrderId: "N2", Status: "lost" },
    ],
  });
  await bench.all(upsertRows, { key: "Orders", rows: [{ OrderId: "N1", Status: "lost" }] });
  expect(await bench.cut(upsertRows, step, "before-work")).toEqual({
    kind: "unknown",
    summary: "1 of 2 rows are as they should have been written; the others are not.",
  });
});

test("[PLN-5] a data extension whose making was not heard of is looked for by its key", async () => {
  const bench = await marketingCloudBench();
  const input = { key: "New", name: "New", columns: [{ name: "a", type: "Text" }] };
  const step = await bench.prepareOne(createDataExtension, input);
  expect(await bench.cut(createDataExtension, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(createDataExtension, step, "after-work")).toMatchObject({
    kind: "applied",
  });
  expect(await bench.apply(createDataExtension, step)).toBe("drifted");
  await expect(bench.prepare(createDataExtension, input)).rejects.toMatchObject({
    code: "operations.conflict",
  });
});

test("rows that go one by one may be done in part, and are then told apart", async () => {
  const bench = await marketingCloudBench();
  const step = await bench.prepareOne(deleteRows, {
    key: "Orders",
    rows: [{ OrderId: "O000001" }, { OrderId: "O000002" }],
  });
  await bench.all(deleteRows, { key: "Orders", rows: [{ OrderId: "O000001" }] });
  const answer = await bench.send(step.request);
  expect(await bench.conclude(deleteRows, step, answer)).toMatchObject({
    kind: "applied",
    output: { succeeded: 1, failed: 1 },
  });
});

test("who may only read is told which scope it takes", async () => {
  const bench = await marketingCloudBench({
    username: halden.jonas,
    accountId: halden.mids.nordics,
  });
  const [outcome] = await bench.all(upsertRows, {
    key: "Orders",
    rows: [{ OrderId: "O000001", Status: "lost" }],
  });
  expect(outcome).toMatchObject({ kind: "failed", code: "operations.missing_scope" });
});

test.each([
  ["Number", "7", "007", true],
  ["Decimal", "12.50", "12.5", true],
  ["Boolean", "True", "1", true],
  ["Boolean", "False", "true", false],
  ["Date", "10/1/2026 3:05:00 PM", "2026-10-01 15:05", true],
  ["Date", "10/1/2026 12:00:00 AM", "2026-10-01", true],
  ["Date", "10/1/2026 3:05:00 PM", "2026-10-01T15:05:00Z", false],
  ["Text", "a", "A", false],
  ["Text", null, "", true],
] as const)("in a column of %s, %j and %j are one value: %j", (type, one, other, isSame) => {
  expect(isSameCell(type, one, other)).toBe(isSame);
});
