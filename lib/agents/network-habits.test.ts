import { expect, test } from "vitest";
import { judgeNetwork, type KeyNetwork, TOLD_A_DAY } from "#lib/agents/network-habits.ts";

const now = new Date("2026-11-22T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const home = "203.0.113.0/24";
const seen = (hours: number, more: Partial<KeyNetwork> = {}): KeyNetwork => ({
  network: home,
  state: "known",
  firstSeenAt: hoursAgo(hours),
  ...more,
});

test.each([
  ["a key's first use ever", home, [], true, "known"],
  ["its own network again", home, [seen(900)], true, "known"],
  ["another one on its first day", "198.51.100.0/24", [seen(23)], true, "known"],
  ["another one after its first day", "198.51.100.0/24", [seen(24)], true, "held"],
  ["the same for an agent on the move", "198.51.100.0/24", [seen(24)], false, "told"],
  [
    "one that was told of and not looked at",
    "n",
    [seen(48), seen(1, { network: "n", state: "told" })],
    true,
    "told",
  ],
  ["one that was refused", "n", [seen(48), seen(1, { network: "n", state: "held" })], true, "held"],
  [
    "one that was refused, once only telling is wanted",
    "n",
    [seen(48), seen(1, { network: "n", state: "held" })],
    false,
    "told",
  ],
  [
    "a first one that was refused proves nothing",
    "m",
    [seen(48, { state: "held" })],
    true,
    "known",
  ],
] as const)("[BRK-13] %s", (_what, network, before, pauses, state) => {
  expect(judgeNetwork(network, before, { now, pauses })).toBe(state);
});

test("[BRK-13] an agent on the move is told of so many times a day, and then no more", () => {
  const told = Array.from({ length: TOLD_A_DAY }, (_, at) =>
    seen(1, { network: `n${at}`, state: "told" }),
  );
  const before = [seen(100), ...told];
  expect(judgeNetwork("one more", before, { now, pauses: false })).toBe("known");
  const tomorrow = new Date(now.getTime() + 24 * 3_600_000);
  expect(judgeNetwork("one more", before, { now: tomorrow, pauses: false })).toBe("told");
});
