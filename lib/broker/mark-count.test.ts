import { expect, test } from "vitest";
import { createMarkCount } from "#lib/broker/mark-count.ts";

const body = Buffer.from(
  `{"records":[${Array.from({ length: 40 }, (_, at) => `{"attributes":{"type":"A"},"Name":"a \\"attributes\\" ${at}"}`).join(",")}]}`,
);

function countOf(mark: string, pieces: readonly Buffer[]): number {
  const counted = createMarkCount(mark);
  for (const piece of pieces) counted.next(piece);
  return counted.count;
}
const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

test.each([1, 2, 3, 5, 7, 11, 12, 13, 64, 1_000, 100_000])(
  "rows are counted once each, cut into pieces of %d bytes; a value that speaks of them is none",
  (size) => {
    expect(countOf('"attributes"', cut(body, size))).toBe(40);
  },
);

test("lines are counted, and nothing in an empty body", () => {
  expect(countOf("\n", cut(Buffer.from("Id,Name\n1,a\n2,b\n"), 2))).toBe(3);
  expect(countOf("\n", [])).toBe(0);
});
