import { expect, test } from "vitest";
import { createSecretSearch, needleOf } from "#lib/broker/secret-search.ts";

const token = "00D5f000000abcD!AQEAQNzMQ_q.7vJ5xk3fYh2LmPqRsTuVwXyZ0123456789abcdef";
const random = (() => {
  let state = 42;
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
})();

/** What got through of a text that came in the given pieces, and whether it was stopped. */
function through(text: string, cuts: readonly number[]) {
  const search = createSecretSearch([needleOf(token)]);
  const bytes = Buffer.from(text);
  const passed: Buffer[] = [];
  const edges = [0, ...cuts, bytes.byteLength];
  for (let at = 1; at < edges.length; at++) {
    const part = search.next(bytes.subarray(edges[at - 1], edges[at]));
    if (part === null) return { text: Buffer.concat(passed).toString(), isStopped: true };
    passed.push(part);
  }
  return { text: Buffer.concat([...passed, search.rest()]).toString(), isStopped: false };
}

test("[BRK-6] a token is found wherever the pieces are cut, and no part of it gets through", () => {
  const text = `{"token":"${token}"}`;
  const secret = needleOf(token).toString();
  for (let at = 0; at <= text.length; at++) {
    const { text: passed, isStopped } = through(text, [at]);
    expect(isStopped).toBe(true);
    expect(text.startsWith(passed)).toBe(true);
    expect(passed).not.toContain(secret.slice(0, 1 + secret.length / 2));
  }
  expect(
    through(
      text,
      Array.from({ length: text.length - 1 }, (_, at) => at + 1),
    ),
  ).toEqual({ text: `{"token":"00D5f000000abcD!`, isStopped: true });
});

test("[BRK-6] a token is found in the spellings of JSON, addresses and XML", () => {
  for (const mark of ["%21", "\\u0021", "&#33;", "&#x21;"]) {
    expect(through(token.replace("!", mark), []).isStopped).toBe(true);
  }
});

test("[BRK-6] 10,000 bodies without the token pass unchanged, however they are cut", () => {
  const needle = needleOf(token).toString();
  for (let round = 0; round < 10_000; round++) {
    const parts = Array.from({ length: random(8) }, () =>
      // Beginnings of the token, over and over, but never the whole of it.
      random(3) === 0 ? "x" : needle.slice(0, random(needle.length)),
    );
    const text = parts.join("é");
    const length = Buffer.byteLength(text);
    const cuts = Array.from({ length: random(6) }, () => random(length + 1)).sort((a, b) => a - b);
    expect(through(text, cuts)).toEqual({ text, isStopped: false });
  }
});
