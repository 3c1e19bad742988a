import { expect, test } from "vitest";
import { bytesOf, counted, grouped, sizeWords } from "#components/ui/amounts.ts";
import { effectWords } from "#components/ui/effect-badge.tsx";

test("thousands stand apart by a space that does not break", () => {
  expect([0, 999, 1_000, 12_345_678].map(grouped)).toEqual([
    "0",
    "999",
    "1\u00a0000",
    "12\u00a0345\u00a0678",
  ]);
});

test("one is one, and all else is many", () => {
  expect(counted(1, "person", "people")).toBe("1 person");
  expect(counted(0, "step")).toBe("0 steps");
  expect(counted(2_000, "row")).toBe("2\u00a0000 rows");
});

test("sizes are rounded to what people compare", () => {
  expect([1, 999, 12_400, 1_240_000].map(sizeWords)).toEqual([
    "1 byte",
    "999 bytes",
    "12 kB",
    "1.2 MB",
  ]);
  expect(bytesOf("日本")).toBe(6);
});

test("an effect that nobody knows is not called harmless", () => {
  expect(effectWords("read").tone).toBe("plain");
  expect(effectWords("destructive").tone).toBe("danger");
  expect(effectWords("constructor")).toEqual({ words: "not known", tone: "warn" });
});
