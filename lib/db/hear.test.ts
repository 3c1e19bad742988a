import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Change, type ChangeFeed, deafFeed } from "#lib/db/changes.ts";
import { type Ear, hear } from "#lib/db/hear.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const mine: Change = { kind: "plan", id: "mine" };
const others: Change = { kind: "plan", id: "others" };

function given() {
  const listeners = new Set<(change: Change | "all") => void>();
  const feed: ChangeFeed = {
    ...deafFeed,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const ear = hear(feed, (change) => change === "all" || change.id === "mine");
  const tell = (...changes: Change[]) => {
    for (const change of changes) for (const listener of listeners) listener(change);
  };
  const ending = new AbortController();
  return { ear, tell, ending, listeners };
}
/** Whether a wait is over, after everything that is ready has run. */
async function begun(ear: Ear, ended: AbortSignal) {
  let isOver = false;
  void ear.next(ended).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return isOver;
  };
}

test("a wait ends with what concerns it, and with nothing else", async () => {
  const { ear, tell, ending } = given();
  const isOver = await begun(ear, ending.signal);
  tell(others, others);
  expect(await isOver()).toBe(false);
  tell(mine);
  expect(await isOver()).toBe(true);
});

test("what was told between two waits ends the next at once, and only that one", async () => {
  const { ear, tell, ending } = given();
  tell(mine, mine, mine);
  expect(await (await begun(ear, ending.signal))()).toBe(true);
  expect(await (await begun(ear, ending.signal))()).toBe(false);
});

test("several that come at once wake once: whoever looks then sees all of them", async () => {
  const { ear, tell, ending } = given();
  const isOver = await begun(ear, ending.signal);
  tell(mine, mine);
  expect(await isOver()).toBe(true);
  expect(await (await begun(ear, ending.signal))()).toBe(false);
});

test("a change that was not heard costs five seconds, and no more", async () => {
  const { ear, ending } = given();
  const isOver = await begun(ear, ending.signal);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await isOver()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isOver()).toBe(true);
});

test("an end ends it, before and while it waits, and leaves no timer and no listener behind", async () => {
  const { ear, ending, listeners } = given();
  const isOver = await begun(ear, ending.signal);
  expect(await isOver()).toBe(false);
  ending.abort();
  expect(await isOver()).toBe(true);
  expect(await (await begun(ear, ending.signal))()).toBe(true);
  ear.stop();
  expect(listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
