import type { Automation, Query } from "./data-types.ts";

export const automationStatuses: Readonly<Record<number, string>> = {
  [-1]: "Error",
  0: "BuildingError",
  1: "Building",
  2: "Ready",
  3: "Running",
  4: "PausedSchedule",
  5: "Stopped",
  6: "Scheduled",
  7: "AwaitingTrigger",
  8: "InactiveTrigger",
};
export const ready = 2;
export const running = 3;
export const paused = 4;
export const scheduled = 6;

/** A run takes so long for each activity; a query by itself as long as one. */
const activitySeconds = 5;

export const isRunning = (one: { runUntilMs: number }, nowMs: number): boolean =>
  nowMs < one.runUntilMs;

/** What its status is at this moment: running while a run lasts, then what it was before. */
export const statusAt = (one: Automation, nowMs: number): number =>
  isRunning(one, nowMs) ? running : one.statusId;

/** Why it cannot be started now, or null. */
export function startProblem(one: Automation, nowMs: number): string | null {
  if (isRunning(one, nowMs)) return "The automation is already running.";
  if (one.steps.every(({ activities }) => activities.length === 0)) {
    return "The automation has no activities to run.";
  }
  return one.statusId === 0 ? "The automation has errors and cannot be run." : null;
}

/** One run of everything, from now. A stopped or failed one is ready afterwards. */
export function started(one: Automation, instanceId: string, nowMs: number): Automation {
  const count = one.steps.reduce((sum, { activities }) => sum + activities.length, 0);
  const isAtRest = [paused, scheduled, 7, 8].includes(one.statusId);
  return {
    ...one,
    statusId: isAtRest ? one.statusId : ready,
    lastRunAtMs: nowMs,
    lastRunInstanceId: instanceId,
    runUntilMs: nowMs + count * activitySeconds * 1000,
  };
}

export const startedQuery = (one: Query, nowMs: number): Query => ({
  ...one,
  runUntilMs: nowMs + activitySeconds * 1000,
});
