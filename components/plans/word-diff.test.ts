import fc from "fast-check";
import { expect, test } from "vitest";
import { wordDiff } from "#components/plans/word-diff.ts";

const changed = (parts: { text: string; isChanged: boolean }[]) =>
  parts.filter(({ isChanged }) => isChanged).map(({ text }) => text);

test("only the words that differ are marked", () => {
  const { before, after } = wordDiff(
    "We miss you, Dana. Come back to the fjord before spring.",
    "We miss you, Dana. Come home to the fjord before winter.",
  );
  expect(changed(before)).toEqual(["back", "spring"]);
  expect(changed(after)).toEqual(["home", "winter"]);
});

test("what is added or gone stands on one side alone", () => {
  expect(changed(wordDiff("a b c", "a b new c").before)).toEqual([]);
  expect(changed(wordDiff("a b c", "a b new c").after).join("")).toContain("new");
});

test("[PLN-9] both sides are always whole, whatever changed and however long they are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", " ", "ö", "1", "."), { maxLength: 40 }),
      fc.array(fc.constantFrom("a", "b", " ", "ö", "1", "."), { maxLength: 40 }),
      (a, b) => {
        const [before, after] = [a.join(""), b.join("")];
        const diff = wordDiff(before, after);
        expect(diff.before.map(({ text }) => text).join("")).toBe(before);
        expect(diff.after.map(({ text }) => text).join("")).toBe(after);
        const same = (parts: typeof diff.before) =>
          parts.flatMap(({ text, isChanged }) => (isChanged ? [] : [text])).join("");
        expect(same(diff.before)).toBe(same(diff.after));
      },
    ),
  );
  const long = Array.from({ length: 5_000 }, (_, n) => `w${n}`).join(" ");
  const turned = long.split(" ").reverse().join(" ");
  expect(
    wordDiff(long, turned)
      .after.map(({ text }) => text)
      .join(""),
  ).toBe(turned);
});
