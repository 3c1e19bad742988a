import { expect, test } from "vitest";
import { givenStep } from "#components/plans/fixtures.ts";
import {
  bodySize,
  changesInSight,
  foldOf,
  inspectStep,
  isToldByRows,
} from "#components/plans/inspect-step.ts";
import { grouped } from "#components/ui/amounts.ts";
import type { Change, Preview } from "#lib/plans/schema.ts";
import { emptyPreview } from "#lib/plans/schema.ts";

const change = (n: number, of: Partial<Change> = {}): Change => ({
  subject: `Contact ${n}`,
  subjectId: null,
  field: "Lifecycle__c",
  before: "Lapsed",
  after: "Win-back",
  ...of,
});
const many = (count: number) => Array.from({ length: count }, (_, n) => change(n));

test("[PLN-9] one change of each field is in sight, wherever it stands", () => {
  const changes = [...many(200), change(200, { field: "OwnerId", after: "somebody else" })];
  expect(changesInSight(changes)).toHaveLength(8);
  expect(changesInSight(changes).at(-1)).toMatchObject({ field: "OwnerId" });
});

test("[PLN-9] a fold whose changes are all alike says so; one that hides another must be opened", () => {
  expect(foldOf(many(214))).toEqual({
    hidden: 206,
    same: { field: "Lifecycle__c", after: "Win-back" },
  });
  const odd = [...many(100), change(100, { after: "Deleted" }), ...many(100)];
  expect(foldOf(odd)).toMatchObject({ same: null });
  expect(inspectStep(givenStep({ preview: { changes: odd, changesTotal: 201 } })).toOpen).toEqual([
    { key: "1/changes", position: 1, words: "193 more changes that differ" },
  ]);
  expect(
    inspectStep(givenStep({ preview: { changes: many(214), changesTotal: 214 } })).toOpen,
  ).toEqual([]);
});

test("[PLN-9] a long body must be opened, a short one is in sight", () => {
  const bodies = (length: number) => [
    { label: "HTML", kind: "html" as const, before: null, after: "x".repeat(length) },
  ];
  expect(inspectStep(givenStep({ preview: { bodies: bodies(1_200) } })).toOpen).toEqual([]);
  expect(inspectStep(givenStep({ preview: { bodies: bodies(48_000) } })).toOpen).toEqual([
    { key: "1/body/0", position: 1, words: "HTML, 48 kB" },
  ]);
});

test("[PLN-9] a step too large for a list must be opened whole", () => {
  const step = { ...givenStep({}), preview: null, contentBytes: 1_400_000 };
  expect(inspectStep(step).toOpen).toEqual([
    { key: "1/whole", position: 1, words: "1.4 MB, shown on request" },
  ]);
});

test("[PLN-9] hidden characters are counted wherever a person reads", () => {
  const zero = "\u200b";
  const { hiddenCharacters } = inspectStep(
    givenStep({
      preview: {
        changes: [change(1, { after: `a${zero}b` })],
        changesTotal: 1,
        rows: { columns: [`Key${zero}`], sample: [[`x${zero}`]], total: 1 },
        bodies: [{ label: "Text", kind: "text", before: null, after: `${zero}${zero}` }],
        facts: [{ label: "List", value: `VIP${zero}` }],
        recipients: { count: 1, isAtMost: true, sample: [`a@b.example${zero}`] },
      },
    }),
  );
  expect(hiddenCharacters).toBe(7);
});

test("[PLN-9] rows under the fold must be opened, and what is only a sample is read in what will be sent", () => {
  const rows = (listed: number, total: number) => ({
    rows: { columns: ["Key"], sample: Array.from({ length: listed }, (_, n) => [`${n}`]), total },
  });
  const toOpenOf = (preview: Partial<Preview>) =>
    inspectStep({ ...givenStep({ preview }), contentBytes: 12_000 }).toOpen;
  expect(toOpenOf(rows(6, 6))).toEqual([]);
  expect(toOpenOf(rows(20, 20))).toEqual([{ key: "1/rows", position: 1, words: "14 more rows" }]);
  expect(toOpenOf(rows(50, 900)).map(({ key }) => key)).toEqual(["1/rows", "1/request"]);
  const alike = { changes: many(500), changesTotal: 2_000 };
  expect(toOpenOf(alike)).toEqual([
    {
      key: "1/request",
      position: 1,
      words: `what will be sent, 12 kB: ${grouped(1_500)} of it are not listed`,
    },
  ]);
});

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => [`O${at}`, at % 2 ? "placed" : "sent\u200b"]);
const newRows = (count: number) => ({
  changes: rowsOf(count).flatMap(([key = "", status = ""]) => [
    { subject: key, subjectId: null, field: "OrderId", before: null, after: key },
    { subject: key, subjectId: null, field: "Status", before: null, after: status },
  ]),
  changesTotal: count * 2,
  rows: { columns: ["OrderId", "Status"], sample: rowsOf(count), total: count },
});

test("[PLN-9] new rows that are all there are told once, as rows; what is hidden in them counts once", () => {
  const step = givenStep({ preview: newRows(20) });
  expect(isToldByRows(newRows(20) as never)).toBe(true);
  const { toOpen, hiddenCharacters } = inspectStep(step);
  expect(toOpen.map(({ words }) => words)).toEqual(["14 more rows"]);
  expect(hiddenCharacters).toBe(10);
});

test.each([
  ["a sample is not all of them", { rows: { ...newRows(20).rows, total: 21 } }],
  [
    "something is overwritten",
    { changes: [{ ...newRows(1).changes[1], subject: "O0", before: "lost" }] },
  ],
  ["a value is in no row", { changes: [{ ...newRows(1).changes[1], after: "another" }] }],
  ["it is another row's value", { changes: [{ ...newRows(1).changes[1], subject: "O1" }] }],
  ["it is no column", { changes: [{ ...newRows(1).changes[1], field: "Secret" }] }],
])("[PLN-9] each change stands in its own line where %s", (_, of) => {
  expect(isToldByRows({ ...emptyPreview, ...newRows(20), ...of } as never)).toBe(false);
});

test("a size is told on both sides where they differ", () => {
  const body = { label: "Text", kind: "text" as const };
  expect(bodySize({ ...body, before: "w".repeat(31_000), after: "Later 0" })).toBe(
    "31 kB → 7 bytes",
  );
  expect(bodySize({ ...body, before: null, after: "Later 0" })).toBe("7 bytes");
  expect(bodySize({ ...body, before: "w".repeat(12_100), after: "w".repeat(12_200) })).toBe(
    "12 kB",
  );
});
