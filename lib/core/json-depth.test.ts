import fc from "fast-check";
import { expect, test } from "vitest";
import { isModestJson } from "#lib/core/json-depth.ts";

const nested = (depth: number, open: string, close: string) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

test("[WEB-10] JSON is taken to a depth that can be walked", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    expect(isModestJson(nested(128, open, close))).toBe(true);
    expect(isModestJson(nested(129, open, close))).toBe(false);
    expect(isModestJson(nested(500_000, open, close))).toBe(false);
  }
});

test("[WEB-10] and no further than a parser has done with it at once", () => {
  const list = (items: number, item: string) => `[${Array(items).fill(item).join(",")}]`;
  expect(isModestJson(list(30_000, '{"a":[1,null,"x"]}'))).toBe(true);
  for (const item of ["1", "[]", '{"a":1}']) {
    expect(isModestJson(list(300_000, item)), item).toBe(false);
  }
});

test("[WEB-10] what stands in a text is no sign, however it is escaped", () => {
  expect(isModestJson(JSON.stringify({ text: '[{"\\",'.repeat(200_000) }))).toBe(true);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const deep = JSON.stringify([text, "[".repeat(200)]);
      expect(isModestJson(deep)).toBe(true);
      expect(isModestJson(`${deep.slice(0, -1)},${nested(129, "[", "]")}]`)).toBe(false);
    }),
    { numRuns: 200 },
  );
});
