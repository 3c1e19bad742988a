import type { Line } from "#lib/doctor/schema.ts";

/** What an event keeps of a check: how many lines of each state, and which ones failed. */
export function countDetail(lines: readonly Line[]) {
  const of = (state: Line["state"]) => lines.filter((line) => line.state === state);
  return {
    passed: of("pass").length,
    unknown: of("unknown").length,
    failed: of("fail").map(({ id }) => id),
  };
}
