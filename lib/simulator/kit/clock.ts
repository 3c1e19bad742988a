import type { SimulatorClock } from "#lib/simulator/kit/types.ts";

/**
 * Real time plus what tests have added; with `startMs` time stands still until it is moved.
 *
 * @param startMs - milliseconds since the epoch; left out: real time
 */
export function simulatorClock(startMs?: number): SimulatorClock {
  let offsetMs = 0;
  return {
    nowMs: () => (startMs ?? Date.now()) + offsetMs,
    advanceSeconds: (seconds) => {
      offsetMs += seconds * 1000;
    },
  };
}
