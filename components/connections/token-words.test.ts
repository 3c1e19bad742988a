import { expect, test } from "vitest";
import { slotWords } from "#components/connections/sign-in-slots.tsx";
import { tokenWords } from "#components/connections/token-words.ts";

const now = new Date("2026-11-22T11:30:00Z");
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
const calm = { failures: 0, problem: null, retryAt: null, dueAt: null };
const grant = {
  state: "active" as const,
  connectedAt: at(-600),
  lastRefreshedAt: at(-5) as string | null,
  accessTokenExpiresAt: at(13) as string | null,
  idleDeadline: null,
  refresh: calm as typeof calm & { retryAt: string | null; dueAt: string | null },
};

test("a short-lived token is fetched anew in the last fifth of its life, and nobody is told otherwise", () => {
  expect(tokenWords(grant, now)).toEqual({
    access: "5 min old, 13 min left",
    next: "When an agent asks next, from 11:39 on",
    background: null,
  });
});

test("a long-lived one five minutes before its end, on the reader's own clock", () => {
  const long = { ...grant, accessTokenExpiresAt: at(115) };
  expect(tokenWords(long, now, "Europe/Berlin").next).toBe(
    "When an agent asks next, from 14:20 on",
  );
});

test("one that ran out, or was never held, is fetched at the next use", () => {
  const gone = tokenWords({ ...grant, accessTokenExpiresAt: at(-3) }, now);
  expect(gone).toMatchObject({ access: "Ran out 3 min ago", next: "When an agent asks next" });
  expect(tokenWords({ ...grant, accessTokenExpiresAt: null }, now).access).toBe("None held");
});

test("after a failure nobody asks before the time to try again; before a reconnect nobody asks at all", () => {
  const failing = { ...grant, accessTokenExpiresAt: at(-3), refresh: { ...calm, retryAt: at(4) } };
  expect(tokenWords(failing, now).next).toBe("When an agent asks next, from 11:34 on");
  const fresh = { ...failing, accessTokenExpiresAt: at(13) };
  expect(tokenWords(fresh, now).next).toBe("When an agent asks next, from 11:39 on");
  expect(tokenWords({ ...failing, state: "needs_reconnect" }, now)).toMatchObject({
    next: "None before you reconnect",
    background: null,
  });
});

test("what the background does of itself is said with its day", () => {
  const due = { ...grant, refresh: { ...calm, dueAt: at(60 * 24 * 20) } };
  expect(tokenWords(due, now).background).toBe("12 Dec at the latest, so that it does not go idle");
});

test.each([
  [3, "3 of 5 sign-ins of this user through this app are in use; a sixth ends the oldest."],
  [1, "1 of 5 sign-ins of this user through this app is in use; a sixth ends the oldest."],
  [
    5,
    "5 of 5 sign-ins of this user through this app are in use: all. The next one ends the oldest.",
  ],
])("%i slots in words", (used, words) => {
  expect(slotWords(used, 5)).toBe(words);
});
