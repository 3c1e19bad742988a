import fc from "fast-check";
import { expect, test } from "vitest";
import { hunksOf, lineDiff, linesOf } from "#components/plans/line-diff.ts";

const words = (lines: ReturnType<typeof lineDiff>) =>
  lines.map(({ kind, text }) => `${{ same: " ", removed: "-", added: "+" }[kind]}${text}`);

test("lines that went and came stand where they were", () => {
  expect(words(lineDiff(["a", "b", "c", "d"], ["a", "c", "x", "d"]))).toEqual([
    " a",
    "-b",
    " c",
    "+x",
    " d",
  ]);
});

test("[PLN-9] every line of both texts is in the difference, in order", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = lineDiff(before, after);
      const side = (other: string) =>
        diff.filter(({ kind }) => kind !== other).map(({ text }) => text);
      expect(side("added")).toEqual(before);
      expect(side("removed")).toEqual(after);
      const folded = hunksOf(diff).flatMap(({ lines: shown }) => shown);
      expect(folded).toEqual(diff);
    }),
  );
});

test("two long texts that share nothing are shown whole, in bounded time", () => {
  const make = (mark: string) => Array.from({ length: 20_000 }, (_, n) => `${mark}${n}`);
  const began = performance.now();
  expect(lineDiff(make("a"), make("b"))).toHaveLength(40_000);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("what is far from a change is folded and counted", () => {
  const before = Array.from({ length: 50 }, (_, n) => `line ${n}`);
  const after = before.map((line, n) => (n === 25 ? "another" : line));
  expect(hunksOf(lineDiff(before, after)).map((hunk) => [hunk.kind, hunk.lines.length])).toEqual([
    ["fold", 22],
    ["lines", 8],
    ["fold", 21],
  ]);
});

test("mail in one long line is broken at its tags, and JSON is set out", () => {
  const html = `<table>${"<tr><td>x</td></tr>".repeat(30)}</table>`;
  expect(linesOf(html, "html").join("")).toBe(html);
  expect(linesOf(html, "html").length).toBeGreaterThan(60);
  expect(linesOf('{"a":[1]}', "json")).toEqual(["{", '  "a": [', "    1", "  ]", "}"]);
  expect(linesOf("not json", "json")).toEqual(["not json"]);
});

test("[PLN-9] JSON set out in lines is what JSON.stringify makes of it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const whole = JSON.stringify(value, null, 2);
      expect(linesOf(JSON.stringify(value), "json").join("\n")).toBe(whole);
      expect(linesOf(whole, "json").join("\n")).toBe(whole);
    }),
  );
});

test("[PLN-9] nothing of a JSON text is lost: not a name's other value, not a digit", () => {
  const text = '{"Phone":"real","Phone":"shown","Id":12345678901234567890,"\\u0041":1.0}';
  expect(linesOf(text, "json")).toEqual([
    "{",
    '  "Phone": "real",',
    '  "Phone": "shown",',
    '  "Id": 12345678901234567890,',
    '  "A": 1.0',
    "}",
  ]);
});
