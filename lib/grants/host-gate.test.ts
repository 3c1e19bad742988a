import { expect, test } from "vitest";
import { createHostGate, HostRestsError, type Passage } from "#lib/grants/host-gate.ts";
import { testClock } from "#lib/testing/clock.ts";

const random = { uuid: () => "", token: () => Buffer.alloc(4, 255).toString("base64url") };
const host = "login.example";

function gateWithClock() {
  const clock = testClock();
  return { clock, gate: createHostGate({ clock, random }) };
}
type Leave = (passage: Passage) => void;

/** Asks for so many places; gives those that were had. */
function ask(gate: ReturnType<typeof createHostGate>, count: number, isOnDemand = false) {
  const had: Leave[] = [];
  const all = Array.from({ length: count }, () =>
    gate.enter(host, isOnDemand).then((leave) => void had.push(leave)),
  );
  return { had, all };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("[RF-12] a thousand at once reach a host few at a time, more while it answers", async () => {
  const { gate } = gateWithClock();
  const { had, all } = ask(gate, 1_000);
  let [most, done] = [0, 0];
  for (await settled(); had.length > 0; await settled()) {
    most = Math.max(most, had.length);
    if (done === 0) expect(had).toHaveLength(16);
    for (const leave of had.splice(0)) {
      leave({ outcome: "answered" });
      done += 1;
    }
  }
  await Promise.all(all);
  expect(done).toBe(1_000);
  expect(most).toBeLessThanOrEqual(256);
  expect(most).toBeGreaterThan(64);
});

test("[RF-12] what somebody waits for goes before the background", async () => {
  const { gate } = gateWithClock();
  const full = ask(gate, 16);
  await settled();
  const background = ask(gate, 1);
  const demand = ask(gate, 1, true);
  full.had[0]?.({ outcome: "not_called" });
  await settled();
  expect([demand.had.length, background.had.length]).toEqual([1, 0]);
});

test("[RF-12] what was begun in the background goes first once somebody waits for it", async () => {
  const { gate } = gateWithClock();
  const full = ask(gate, 16);
  await settled();
  const had: string[] = [];
  for (const who of ["first", "second"]) {
    void gate.enter(host, false, who).then(() => had.push(who));
  }
  gate.hasten(host, "second");
  gate.hasten(host, "nobody");
  full.had[0]?.({ outcome: "not_called" });
  await settled();
  expect(had).toEqual(["second"]);
});

test("[RF-12] a host that fails five times in a row is left alone, and one call finds out whether it is back", async () => {
  const { clock, gate } = gateWithClock();
  for (let failure = 0; failure < 5; failure += 1) {
    (await gate.enter(host, true))({ outcome: "trouble" });
  }
  await expect(gate.enter(host, true)).rejects.toBeInstanceOf(HostRestsError);
  expect(gate.resting()).toBe(1);
  clock.advanceSeconds(2);
  const probe = await gate.enter(host, true);
  await expect(gate.enter(host, true)).rejects.toBeInstanceOf(HostRestsError);
  probe({ outcome: "trouble" });
  // It rests for longer each time.
  clock.advanceSeconds(1.5);
  await expect(gate.enter(host, true)).rejects.toBeInstanceOf(HostRestsError);
  clock.advanceSeconds(2);
  (await gate.enter(host, true))({ outcome: "answered" });
  expect(gate.resting()).toBe(0);
  await Promise.all([gate.enter(host, true), gate.enter(host, true)]);
});

test("[RF-12] a host that asks to wait is not called before; those in the queue are told", async () => {
  const { clock, gate } = gateWithClock();
  const inside = ask(gate, 16);
  await settled();
  const queued = gate.enter(host, false);
  inside.had[0]?.({ outcome: "trouble", askedToWaitMs: 30_000 });
  await expect(queued).rejects.toMatchObject({ afterMs: 30_000 });
  clock.advanceSeconds(29);
  await expect(gate.enter(host, true)).rejects.toBeInstanceOf(HostRestsError);
});
