import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import {
  handleOf,
  hashAgentKey,
  hintOf,
  keyIdOf,
  makeAgentKey,
  parseAgentKey,
} from "#lib/agents/agent-key.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { loggableText } from "#lib/core/log.ts";

const keys = Array.from({ length: 500 }, () => {
  const id = randomUUID();
  return { id, text: makeAgentKey(systemRandom, id).reveal() };
});

const bytesOf = (part: string) => Buffer.from(part.replaceAll(".", "-"), "base64url");

test("[BRK-1] a key is 256 random bits behind the id of its row, and reads back whole", () => {
  for (const { id, text } of keys) {
    expect(text).toMatch(/^mmk_[\w.]{22}_[\w.]{43}$/);
    expect(bytesOf(text.slice(27))).toHaveLength(32);
    expect(parseAgentKey(text)).toEqual({ handle: handleOf(id), text });
    expect(keyIdOf(handleOf(id))).toBe(id);
  }
  expect(new Set(keys.map(({ text }) => text.slice(27))).size).toBe(keys.length);
});

test("a tool may put an org's id before the key, as a Salesforce token has it", () => {
  for (const { id, text } of keys) {
    expect(`00D5g0000012345EAA!${text}`).toMatch(/^(00D\w{12,15})![.\w]*$/);
    expect(parseAgentKey(`00D5g0000012345EAA!${text}`)).toEqual({ handle: handleOf(id), text });
  }
});

test("[BRK-1] one key has one spelling: whatever else decodes to the same bytes is refused", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
  for (const { text } of keys.slice(0, 50)) {
    for (const place of [25, 69]) {
      const bytes = (spelling: string) =>
        bytesOf(spelling.slice(4, 26)).toString("hex") +
        bytesOf(spelling.slice(27)).toString("hex");
      const spellings = [...alphabet]
        .map((letter) => text.slice(0, place) + letter + text.slice(place + 1))
        .filter((spelling) => bytes(spelling) === bytes(text));
      expect(spellings.length).toBeGreaterThan(1);
      expect(spellings.filter((spelling) => parseAgentKey(spelling) !== null)).toEqual([text]);
    }
  }
});

test("what is no key is nobody's", () => {
  const text = keys[0]?.text ?? "";
  const wrong = [
    "",
    " ",
    text.slice(0, -1),
    `${text}A`,
    ` ${text}`,
    `${text}\n`,
    `${text.slice(0, -1)}\n`,
    text.toUpperCase(),
    text.replace("mmk_", "mml_"),
    text.replaceAll("_", "-"),
    text.replaceAll(".", "-").replace(/.$/, "-"),
    `00D5g0000012345EA!${text}`,
    `00D5g0000012345EAAA!${text}`,
    `00D5g0000012345EA !${text}`,
    `00D5g0000012345EAA${text}!`,
    `00D5g0000012345EAA!00D5g0000012345EAA!${text}`,
    "x".repeat(1_000_000),
    `${text.slice(0, 27)}${"ä".repeat(43)}`,
  ];
  for (const credential of wrong) expect(parseAgentKey(credential)).toBeNull();
});

test("[BRK-1] what is stored is a keyed hash: without the studio's key it cannot be made", () => {
  const [one, two] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  const text = keys[0]?.text ?? "";
  expect(hashAgentKey(one, text)).toHaveLength(32);
  expect(hashAgentKey(one, text).equals(hashAgentKey(one, text))).toBe(true);
  expect(hashAgentKey(one, text).equals(hashAgentKey(two, text))).toBe(false);
  expect(hashAgentKey(one, text).equals(hashAgentKey(one, keys[1]?.text ?? ""))).toBe(false);
});

test("[LOG-1] a key that comes into a log is not in it, and its hint tells nothing of its secret", () => {
  for (const { id, text } of keys.slice(0, 50)) {
    expect(loggableText(`sent ${text} by mistake`)).toBe("sent [redacted] by mistake");
    expect(text.startsWith(hintOf(id))).toBe(true);
    expect(hintOf(id).length).toBeLessThan(12);
  }
});
