import { expect, test } from "vitest";
import type { Change, ChangeFeed } from "#lib/db/changes.ts";
import { createRemembered } from "#lib/db/remembered.ts";

function heardFeed() {
  let tell: (change: Change | "all") => void = () => {};
  const feed: ChangeFeed & { isHeard: boolean } = {
    isHeard: true,
    subscribe(listener) {
      tell = listener;
      return () => {};
    },
    isCurrent: () => feed.isHeard,
    current: async () => feed.isHeard,
    stop: async () => {},
  };
  return { feed, tell: (change: Change | "all") => tell(change) };
}

const grants = () =>
  createRemembered<string>({
    max: 10,
    kinds: ["grant"],
    sourcesOf: (value) => [{ kind: "grant", id: value.split(" ")[0] ?? "" }],
  });

/** Reads that end when they are told to. */
function heldReads() {
  const begun: ((value: string) => void)[] = [];
  const read = () => new Promise<string>((resolve) => begun.push(resolve));
  return { begun, read };
}

test("a thousand who ask at once for one thing ask the database once", async () => {
  const { feed } = heardFeed();
  const remembered = grants();
  const { begun, read } = heldReads();
  const asked = Array.from({ length: 1_000 }, () => remembered.get(feed, "key", read));
  await Promise.resolve();
  expect(begun).toHaveLength(1);
  begun[0]?.("g1 first");
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["g1 first"]));
});

test("[BRK-11] whoever asks after a change is not given what was read before it", async () => {
  const { feed, tell } = heardFeed();
  const remembered = grants();
  const { begun, read } = heldReads();
  const before = remembered.get(feed, "key", read);
  tell({ kind: "grant", id: "g1" });
  const after = remembered.get(feed, "key", read);
  begun[0]?.("g1 before the change");
  await before;
  await new Promise(setImmediate);
  begun[1]?.("g1 after the change");
  expect(await after).toBe("g1 after the change");
  expect(remembered.peek(feed, "key")).toBe("g1 after the change");
});

test("[BRK-11] while changes are not heard nothing is shared, and nothing of memory is believed", async () => {
  const { feed } = heardFeed();
  const remembered = grants();
  await remembered.get(feed, "key", async () => "g1 kept");
  feed.isHeard = false;
  const { begun, read } = heldReads();
  const asked = [remembered.get(feed, "key", read), remembered.get(feed, "key", read)];
  await new Promise(setImmediate);
  expect(begun).toHaveLength(2);
  for (const end of begun) end("g1 anew");
  expect(await Promise.all(asked)).toEqual(["g1 anew", "g1 anew"]);
  expect(remembered.peek(feed, "key")).toBeUndefined();
});
