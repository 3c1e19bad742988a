import fc from "fast-check";
import { expect, test } from "vitest";
import { countHidden, partsOf } from "#components/ui/hidden-characters.ts";

const point = (code: number) => String.fromCodePoint(code);

test.each([
  ["zero-width space", 0x200b, "U+200B"],
  ["zero-width joiner between letters", 0x200d, "U+200D"],
  ["right-to-left override", 0x202e, "U+202E"],
  ["first strong isolate", 0x2068, "U+2068"],
  ["Arabic letter mark", 0x61c, "U+061C"],
  ["soft hyphen", 0xad, "U+00AD"],
  ["byte order mark", 0xfeff, "U+FEFF"],
  ["null", 0, "U+0000"],
  ["escape", 0x1b, "U+001B"],
  ["delete", 0x7f, "U+007F"],
  ["line separator", 0x2028, "U+2028"],
  ["Hangul filler, which counts as a letter", 0x3164, "U+3164"],
  ["braille blank, which counts as a symbol", 0x2800, "U+2800"],
  ["combining grapheme joiner", 0x34f, "U+034F"],
  ["hidden tag letter", 0xe0041, "U+E0041"],
  ["variation selector after a letter", 0xfe0f, "U+FE0F"],
  ["hair space", 0x200a, "U+200A"],
  ["private use", 0xe000, "U+E000"],
  ["carriage return alone", 0x0d, "U+000D"],
])("[PLN-9] a %s does not stay unseen", (_, code, written) => {
  const text = `fjord${point(code)}, Dana`;
  expect(partsOf(text)).toEqual([
    { kind: "text", text: "fjord" },
    { kind: "hidden", code: written, name: expect.stringMatching(/\w/) },
    { kind: "text", text: ", Dana" },
  ]);
  expect(countHidden(text)).toBe(1);
});

test.each([
  ["plain words", "We miss you"],
  ["accents and scripts", "Grüße, Ωμέγα, 日本語, שלום, مرحبا"],
  ["a family of emoji", "👩‍👩‍👧 ❤️ 1️⃣ 👍🏽"],
  ["line breaks and tabs", "a\r\n\tb\nc"],
  ["no-break space", "10\u00a0000"],
])("%s stay as they are", (_, text) => {
  expect(partsOf(text)).toEqual([{ kind: "text", text }]);
  expect(countHidden(text)).toBe(0);
});

test("[PLN-9] emptiness that would push text out of sight is said in words", () => {
  expect(partsOf(`yes${"\n".repeat(300)}no`)).toEqual([
    { kind: "text", text: "yes" },
    { kind: "gap", words: "300 line breaks" },
    { kind: "text", text: "no" },
  ]);
  expect(partsOf(`yes${" ".repeat(500)}no`)[1]).toEqual({ kind: "gap", words: "500 spaces" });
});

test("[PLN-9] whatever the text, no part of it that is shown as text holds a format or control character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      for (const part of partsOf(text)) {
        if (part.kind === "text") {
          expect(part.text.replace(/\u200d|\r\n/g, "")).not.toMatch(/[\p{Cf}\p{Cs}\p{Co}]|\r/u);
        }
      }
    }),
    { numRuns: 3_000 },
  );
});

test("[PLN-9] whatever Unicode says is to be ignored is shown", () => {
  const ignorable = /\p{Default_Ignorable_Code_Point}/u;
  const unmarked = Array.from({ length: 0xe1000 }, (_, point) => point)
    .filter((point) => ignorable.test(String.fromCodePoint(point)))
    .filter((point) => countHidden(`a${String.fromCodePoint(point)}b`) !== 1);
  expect(unmarked.map((point) => point.toString(16))).toEqual([]);
});
