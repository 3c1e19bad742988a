import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { createAccessTokens } from "#lib/grants/access-tokens.ts";
import type { SharedTokens } from "#lib/grants/shared-tokens.ts";
import { testClock } from "#lib/testing/clock.ts";

const minuteMs = 60_000;

const keyOf = (generation: number, version = generation) => ({ id: "grant", generation, version });

/** Stands for the shared store: what it was told, and what it gives. */
function sharedByHand(given: Awaited<ReturnType<SharedTokens["find"]>> = null) {
  const told: string[] = [];
  const shared: SharedTokens = {
    put: async ({ id, version }) => void told.push(`put ${id} ${version}`),
    find: async ({ id }) => {
      told.push(`find ${id}`);
      return given;
    },
    drop: async (id) => void told.push(`drop ${id}`),
    dropBefore: async ({ id, generation }) => void told.push(`drop ${id} before ${generation}`),
  };
  return { shared, told };
}

test("[VA-9] a token is gone after its time, whatever the wall clock says", () => {
  const clock = testClock();
  const tokens = createAccessTokens({ clock });
  void tokens.put(keyOf(1), new Secret("one"), minuteMs);
  clock.advanceSeconds(59);
  expect(tokens.get(keyOf(1))?.token.reveal()).toBe("one");
  clock.advanceSeconds(1);
  expect(tokens.get(keyOf(1))).toBeNull();
  expect(tokens.size).toBe(0);
});

test("[VA-9] a token of another generation is never given, and an older one never replaces it", () => {
  const tokens = createAccessTokens({ clock: testClock() });
  void tokens.put(keyOf(2), new Secret("new"), minuteMs);
  void tokens.put(keyOf(1), new Secret("late"), minuteMs);
  expect(tokens.get(keyOf(1))).toBeNull();
  expect(tokens.get(keyOf(2))).toMatchObject({ version: 2, expiresAtMs: minuteMs });
  expect(tokens.get(keyOf(2))?.token.reveal()).toBe("new");
  expect(tokens.get(keyOf(3))).toBeNull();
  void tokens.put(keyOf(2, 5), new Secret("fifth"), minuteMs);
  void tokens.put(keyOf(2, 4), new Secret("fourth"), minuteMs);
  expect(tokens.get(keyOf(2))?.token.reveal()).toBe("fifth");
});

test("[VA-9] the number of tokens is bounded: the one that ends first makes room", () => {
  const tokens = createAccessTokens({ clock: testClock() }, 3);
  for (const [i, minutes] of [5, 1, 9, 7].entries()) {
    const key = { id: `grant ${i}`, generation: 1, version: 1 };
    void tokens.put(key, new Secret("token"), minutes * minuteMs);
  }
  expect(tokens.size).toBe(3);
  expect(tokens.get({ id: "grant 1", generation: 1 })).toBeNull();
  expect(tokens.get({ id: "grant 3", generation: 1 })).not.toBeNull();
});

test("[VA-9] nothing is kept for longer than half a day, whatever the provider says", () => {
  const clock = testClock();
  const tokens = createAccessTokens({ clock });
  void tokens.put(keyOf(1), new Secret("one"), 365 * 24 * 60 * minuteMs);
  clock.advanceSeconds(12 * 60 * 60);
  expect(tokens.get(keyOf(1))).toBeNull();
});

test("[VA-9] a token that comes after its authorization ended is not kept", async () => {
  const { shared, told } = sharedByHand();
  const tokens = createAccessTokens({ clock: testClock(), shared });
  tokens.dropBefore({ id: "grant", generation: 3 });
  await tokens.put(keyOf(2), new Secret("late"), minuteMs);
  expect(tokens.size).toBe(0);
  // Not even held here: the instance that shared one may be gone.
  expect(told).toEqual(["drop grant before 3"]);
  await tokens.put(keyOf(3), new Secret("new"), minuteMs);
  expect(tokens.get(keyOf(3))?.token.reveal()).toBe("new");
});

test("[BRK-11] an end that is heard leaves later generations alone and takes earlier ones everywhere", async () => {
  const { shared, told } = sharedByHand();
  const tokens = createAccessTokens({ clock: testClock(), shared });
  await tokens.put(keyOf(2), new Secret("new"), minuteMs);
  tokens.dropBefore({ id: "grant", generation: 2 });
  expect(tokens.size).toBe(1);
  tokens.dropBefore({ id: "grant", generation: 3 });
  expect(tokens.size).toBe(0);
  tokens.drop("grant");
  expect(told).toEqual(["put grant 2", "drop grant before 3", "drop grant"]);
});

test("a token that another instance shares is kept for what is left of it; who ask at once ask once", async () => {
  const clock = testClock();
  const given = { token: new Secret("shared"), version: 7, lifetimeMs: minuteMs };
  const { shared, told } = sharedByHand(given);
  const tokens = createAccessTokens({ clock, shared });
  const found = await Promise.all(Array.from({ length: 50 }, () => tokens.find(keyOf(1))));
  expect(new Set(found.map((each) => each?.token.reveal()))).toEqual(new Set(["shared"]));
  expect(told).toEqual(["find grant"]);
  expect(tokens.get(keyOf(1))).toMatchObject({ version: 7, expiresAtMs: minuteMs });
  await tokens.find(keyOf(1));
  expect(told).toEqual(["find grant"]);
});

test("[VA-10] nothing shows a token that is held", () => {
  const tokens = createAccessTokens({ clock: testClock() });
  void tokens.put(keyOf(1), new Secret("00Dxx!canary"), minuteMs);
  const held = tokens.get(keyOf(1));
  const shown = [tokens, held].flatMap((each) => [
    inspect(each, { depth: 10, showHidden: true, getters: true }),
    JSON.stringify(each),
    String(each),
  ]);
  expect(shown.join()).not.toContain("canary");
});

test("whatever comes and goes, what is held is what was put last and has not ended", () => {
  const step = fc.record({
    id: fc.nat(12).map((n) => `grant ${n}`),
    does: fc.constantFrom("put", "put", "put", "drop", "wait"),
    length: fc.integer({ min: 1, max: 1_500 }),
    seconds: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = testClock();
      const tokens = createAccessTokens({ clock }, 8);
      const model = new Map<string, { text: string; endsAtMs: number }>();
      const now = () => clock.monotonicMs();
      for (const [at, { id, does, length, seconds }] of steps.entries()) {
        if (does === "wait") clock.advanceSeconds(seconds);
        else if (does === "drop") {
          tokens.drop(id);
          model.delete(id);
        } else {
          for (const [each, { endsAtMs }] of model) if (endsAtMs <= now()) model.delete(each);
          const text = String.fromCharCode(97 + (at % 26)).repeat(length);
          const endsAtMs = now() + seconds * 1_000 + at / 1_000; // no two end at once
          model.delete(id);
          if (model.size >= 8) {
            const [soonest] = [...model].sort(([, a], [, b]) => a.endsAtMs - b.endsAtMs);
            if (soonest) model.delete(soonest[0]);
          }
          model.set(id, { text, endsAtMs });
          const key = { id, generation: 1, version: at + 1 };
          void tokens.put(key, new Secret(text), endsAtMs - now());
        }
        for (let n = 0; n <= 12; n++) {
          const each = `grant ${n}`;
          const wanted = model.get(each);
          const isLive = wanted !== undefined && wanted.endsAtMs > now();
          const got = tokens.get({ id: each, generation: 1 })?.token.reveal() ?? null;
          expect(got).toBe(isLive ? wanted.text : null);
        }
      }
    }),
    { numRuns: 300 },
  );
});
