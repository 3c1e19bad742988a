import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { createAccessTokens } from "#lib/grants/access-tokens.ts";
import { testClock } from "#lib/testing/clock.ts";

const minuteMs = 60_000;

test("[VA-9] a token is gone after its time, whatever the wall clock says", () => {
  const clock = testClock();
  const tokens = createAccessTokens(clock);
  const key = { id: "grant", generation: 1, version: 1 };
  tokens.put(key, new Secret("one"), minuteMs);
  clock.advanceSeconds(59);
  expect(tokens.get(key)?.token.reveal()).toBe("one");
  clock.advanceSeconds(1);
  expect(tokens.get(key)).toBeNull();
  expect(tokens.size).toBe(0);
});

test("[VA-9] a token of another generation is never given, and an older one never replaces it", () => {
  const tokens = createAccessTokens(testClock());
  tokens.put({ id: "grant", generation: 2, version: 2 }, new Secret("new"), minuteMs);
  tokens.put({ id: "grant", generation: 1, version: 1 }, new Secret("late"), minuteMs);
  expect(tokens.get({ id: "grant", generation: 1 })).toBeNull();
  expect(tokens.get({ id: "grant", generation: 2 })?.token.reveal()).toBe("new");
  expect(tokens.get({ id: "grant", generation: 3 })).toBeNull();
});

test("[VA-9] the number of tokens is bounded: the one that ends first makes room", () => {
  const tokens = createAccessTokens(testClock(), 3);
  for (const [i, minutes] of [5, 1, 9, 7].entries()) {
    tokens.put(
      { id: `grant ${i}`, generation: 1, version: 1 },
      new Secret("token"),
      minutes * minuteMs,
    );
  }
  expect(tokens.size).toBe(3);
  expect(tokens.get({ id: "grant 1", generation: 1 })).toBeNull();
  expect(tokens.get({ id: "grant 3", generation: 1 })).not.toBeNull();
});
