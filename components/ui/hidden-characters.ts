/** A piece of text as it is, or one character that nobody would see, or a stretch of emptiness. */
export type TextPart =
  | { kind: "text"; text: string }
  | { kind: "hidden"; code: string; name: string }
  | { kind: "gap"; words: string };

/** So much emptiness in a row is shown as words: it could push text out of sight. */
const LONG_SPACES = 40;
const LONG_BREAKS = 6;

const names: Readonly<Record<number, string>> = {
  0: "Null",
  173: "Soft hyphen",
  847: "Combining grapheme joiner",
  1564: "Arabic letter mark",
  4447: "Hangul filler",
  4448: "Hangul filler",
  6158: "Mongolian vowel separator",
  8203: "Zero-width space",
  8204: "Zero-width non-joiner",
  8205: "Zero-width joiner",
  8206: "Left-to-right mark",
  8207: "Right-to-left mark",
  8232: "Line separator",
  8233: "Paragraph separator",
  8234: "Left-to-right embedding",
  8235: "Right-to-left embedding",
  8236: "End of a direction",
  8237: "Left-to-right override",
  8238: "Right-to-left override",
  8288: "Word joiner",
  8294: "Left-to-right isolate",
  8295: "Right-to-left isolate",
  8296: "First strong isolate",
  8297: "End of an isolate",
  10240: "Braille blank",
  12644: "Hangul filler",
  65279: "Byte order mark",
  65440: "Hangul filler",
};

/**
 * Controls, formats (zero-width, direction), lone surrogates, private use, unassigned, separators of
 * lines, whatever is made to be ignored (fillers, variation selectors) and spaces that are none of the usual
 * ones.
 * Line break, tab, no-break and ideographic space are what they look like.
 */
const hidden =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u1680\u2000-\u200a\u205f\u2800]/u;
/** Before a variation selector or a joiner that only gives an emoji its look. */
const emojiEnd = /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}0-9#*]|\ufe0f|\u20e3)$/u;
const emojiStart = /^\p{Extended_Pictographic}/u;

const looksPlain = /^(?:[\t\n\x20-\x7e]|\r\n)*$/;
const gaps = new RegExp(
  `(?:\\r?\\n[ \\t]*){${LONG_BREAKS},}|[ \\t\\u00a0\\u3000]{${LONG_SPACES},}`,
  "g",
);

/**
 * Takes apart what a person reads, so that nothing in it stays unseen (PLN-9): each character that has no
 * shape, or that turns the direction of reading, becomes a part of its own, with its code point.
 */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(gaps)) {
    pushVisible(parts, text.slice(from, match.index));
    parts.push({ kind: "gap", words: gapWords(match[0]) });
    from = match.index + match[0].length;
  }
  pushVisible(parts, text.slice(from));
  return parts;
}

/** How many characters of a text nobody would see. */
export function countHidden(text: string): number {
  if (looksPlain.test(text)) return 0;
  return partsOf(text).filter(({ kind }) => kind === "hidden").length;
}

function pushVisible(parts: TextPart[], text: string): void {
  if (text === "") return;
  if (looksPlain.test(text)) {
    parts.push({ kind: "text", text });
    return;
  }
  let plain = "";
  const flush = () => {
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
  };
  const characters = [...text];
  for (const [at, character] of characters.entries()) {
    if (!isHidden(character, plain, characters[at + 1] ?? "")) plain += character;
    else {
      flush();
      parts.push({ kind: "hidden", ...describe(character) });
    }
  }
  flush();
}

function isHidden(character: string, before: string, after: string): boolean {
  if (character === "\n" || character === "\t") return false;
  if (character === "\r") return after !== "\n";
  if (!hidden.test(character)) return false;
  if (character === "\ufe0f" || character === "\ufe0e") return !emojiEnd.test(before);
  if (character === "\u200d") return !(emojiEnd.test(before) && emojiStart.test(after));
  return true;
}

function describe(character: string): { code: string; name: string } {
  const point = character.codePointAt(0) ?? 0;
  return {
    code: `U+${point.toString(16).toUpperCase().padStart(4, "0")}`,
    name: names[point] ?? kindOf(character),
  };
}

function kindOf(character: string): string {
  if (/\p{Cc}/u.test(character)) return "Control character";
  if (/\p{Cs}/u.test(character)) return "Half a character";
  if (/\p{Co}/u.test(character)) return "Private character";
  if (/\p{Cn}/u.test(character)) return "Unassigned character";
  if (/[\u{e0000}-\u{e007f}]/u.test(character)) return "Hidden tag";
  if (/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u.test(character)) return "Variation selector";
  if (/\p{Zs}/u.test(character)) return "Unusual space";
  return "Invisible character";
}

function gapWords(gap: string): string {
  const breaks = gap.split("\n").length - 1;
  return breaks > 0 ? `${breaks} line breaks` : `${gap.length} spaces`;
}
