import { expect, test } from "vitest";
import { isShallow } from "#lib/core/json-depth.ts";

const nested = (depth: number, open: string, close: string) =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`) as unknown;

test("[WEB-10] JSON that is nested further than anybody walks is told before it is walked", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    expect(isShallow(nested(128, open, close))).toBe(true);
    expect(isShallow(nested(129, open, close))).toBe(false);
    expect(isShallow(nested(5_000, open, close))).toBe(false);
  }
  expect(isShallow(Array.from({ length: 100_000 }, () => ({ a: [1, null, "x"] })))).toBe(true);
});
