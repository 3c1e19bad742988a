/** Time as a dependency: `now` for what people and databases read, `monotonicMs` for durations (RF-9). */
export type Clock = {
  now(): Date;
  /** Milliseconds since an arbitrary start; never moved by a change of the wall clock. */
  monotonicMs(): number;
};

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
