import { expect, test } from "vitest";
import type { Json, JsonObject } from "#lib/core/json.ts";
import { inertJson, MAX_DATA_BYTES, present, showHidden } from "#lib/mcp/provider-content.ts";

const bytesOf = (value: Json) => Buffer.byteLength(JSON.stringify(value));
const rows = (count: number, text = "x") =>
  Array.from({ length: count }, (_, at) => ({ id: at, text: text.repeat(50) }));

test.each([
  ["a change of direction", "pay \u202eevil\u202c now", "pay ⟨U+202E⟩evil⟨U+202C⟩ now"],
  ["zero widths", "in\u200bvi\u2060si\ufeffble", "in⟨U+200B⟩vi⟨U+2060⟩si⟨U+FEFF⟩ble"],
  ["controls", "a\u0000b\u001b[31mc\u0085d", "a⟨U+0000⟩b⟨U+001B⟩[31mc⟨U+0085⟩d"],
  ["tags that spell words", "hi\u{e0041}\u{e0042}", "hi⟨U+E0041⟩⟨U+E0042⟩"],
  ["isolates and marks", "\u2066a\u2069\u200f\u061c", "⟨U+2066⟩a⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩"],
  ["soft hyphens and fillers", "a\u00adb\u3164c\u115f", "a⟨U+00AD⟩b⟨U+3164⟩c⟨U+115F⟩"],
  ["separators of lines", "a\u2028b\u2029c", "a⟨U+2028⟩b⟨U+2029⟩c"],
  ["half a character", "a\ud800b", "a⟨U+D800⟩b"],
  ["selectors that carry data", "a\u{e0100}b\ufe0fc\ufe01", "a⟨U+E0100⟩b⟨U+FE0F⟩c⟨U+FE01⟩"],
])("[MCP-8] %s are shown", (_what, text, wanted) => {
  expect(showHidden(text)).toBe(wanted);
});

test.each(["Grüße, Łódź, 東京, שלום", "one\ttwo\r\nthree", "❤️ 1️⃣ 👍🏽", "a\u00a0b", "e\u0301"])(
  "[MCP-8] what people see is left as it is: %s",
  (text) => {
    expect(showHidden(text)).toBe(text);
  },
);

test("[MCP-8] as text it parses to the same, and holds no markup that loads an address", () => {
  const value = {
    markdown: "![pixel](https://evil.example/?q=1) [link](https://evil.example)",
    reference: "![pixel][1]\n\n[1]: https://evil.example",
    html: '<img src="https://evil.example"><script>x</script><!-- -->',
    "key <img>": ["</div>"],
  };
  const text = inertJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).not.toMatch(/<|!\[|\]\(/);
});

test("[MCP-8] names of fields are a provider's text too", () => {
  const { data } = present({ records: [{ "a\u202eb": 1, __proto__x: 2 }] });
  expect(data).toEqual({ records: [{ "a⟨U+202E⟩b": 1, __proto__x: 2 }] });
  const own = JSON.parse('{"records":[{"__proto__":{"polluted":true}}]}') as JsonObject;
  expect(JSON.stringify(present(own).data)).toBe('{"records":[{"__proto__":{"polluted":true}}]}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("what fits is whole", () => {
  const output = { records: rows(10), done: true };
  expect(present(output)).toEqual({ data: output, cut: [], nextFrom: null });
});

test("[MCP-8] a long list comes in pages that fit, each item once, and says so", () => {
  const output = { total: 5_000, records: rows(5_000) };
  const seen: Json[] = [];
  let from: number | null = 0;
  let pages = 0;
  while (from !== null) {
    const answer: ReturnType<typeof present> = present(output, { from });
    expect(bytesOf(answer.data)).toBeLessThanOrEqual(MAX_DATA_BYTES);
    const shown = answer.data.records as Json[];
    expect(answer.cut[0]).toEqual({
      path: "records",
      shown: shown.length,
      of: 5_000,
      unit: "items",
    });
    seen.push(...shown);
    from = answer.nextFrom;
    pages += 1;
  }
  expect(seen).toEqual(output.records);
  expect(pages).toBeGreaterThan(3);
});

test("[MCP-8] whatever comes, an answer is bounded and says what it leaves out", () => {
  const deep = (depth: number): Json => (depth === 0 ? "end" : { inner: deep(depth - 1) });
  const huge: JsonObject[] = [
    { body: "x".repeat(2_000_000) },
    { one: { list: rows(20_000) }, other: { list: rows(20_000) } },
    { records: [{ body: "y".repeat(500_000) }, { body: "z".repeat(500_000) }] },
    { records: rows(3_000), errors: rows(3_000) },
    { deep: deep(100) },
    { wide: Array.from({ length: 100 }, () => Array.from({ length: 1_000 }, () => "w")) },
    { body: "\u202e".repeat(100_000) },
  ];
  for (const output of huge) {
    const { data, cut, nextFrom } = present(output);
    expect(bytesOf(data)).toBeLessThanOrEqual(MAX_DATA_BYTES);
    expect(cut.length + (nextFrom ?? 0)).toBeGreaterThan(0);
    expect(cut.length).toBeLessThanOrEqual(20);
  }
});

test("a page beyond the end is empty", () => {
  expect(present({ records: rows(3) }, { from: 10 })).toMatchObject({
    data: { records: [] },
    nextFrom: null,
  });
});

test.each<[string, JsonObject]>([
  ["an object of a hundred thousand members", { definition: membersOf(100_000) }],
  ["one in an item of a list", { rows: [{ definition: membersOf(100_000) }, { id: 2 }] }],
  ["lists of such objects", { a: { b: Array.from({ length: 30 }, () => membersOf(20_000)) } }],
  ["a member with a name of megabytes", { of: { ["k".repeat(5_000_000)]: 1 } }],
  ["hidden characters that grow when shown", { of: ["\u200b".repeat(1_000_000)] }],
])("[MCP-8] %s is no answer of megabytes", (_what, output) => {
  const { data, cut } = present(output);
  expect(bytesOf(data)).toBeLessThan(3 * MAX_DATA_BYTES);
  expect(bytesOf(cut)).toBeLessThan(MAX_DATA_BYTES);
  expect(cut).not.toEqual([]);
});

function membersOf(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, "x".repeat(60)]));
}
