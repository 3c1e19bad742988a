import type { GrantHealth } from "#lib/grants/schema.ts";

const HOUR_MS = 60 * 60 * 1000;
export const HOURS = 7 * 24;

export type Hour = { at: Date; uses: number; refreshes: number; failed: number };

/** Each hour of the week up to now, also those in which nothing happened; the oldest first. */
export function weekByHour(hours: GrantHealth["hours"], now: Date): Hour[] {
  const byHour = new Map(hours.map((hour) => [Date.parse(hour.at), hour]));
  const last = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, index) => {
    const at = last - (HOURS - 1 - index) * HOUR_MS;
    const hour = byHour.get(at);
    return {
      at: new Date(at),
      uses: (hour?.leases ?? 0) + (hour?.calls ?? 0),
      refreshes: hour?.refreshes ?? 0,
      failed: hour?.failed ?? 0,
    };
  });
}

export type Day = { day: string; uses: number; refreshes: number; failed: number };

/** The same by day, as the reader's calendar has it, the newest first. */
export function weekByDay(hours: readonly Hour[], timeZone: string): Day[] {
  const words = new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "short",
    timeZone,
  });
  const days = Map.groupBy(hours, ({ at }) => words.format(at));
  const sum = (list: readonly Hour[], of: (hour: Hour) => number) =>
    list.reduce((total, hour) => total + of(hour), 0);
  return [...days]
    .map(([day, list]) => ({
      day,
      uses: sum(list, ({ uses }) => uses),
      refreshes: sum(list, ({ refreshes }) => refreshes),
      failed: sum(list, ({ failed }) => failed),
    }))
    .reverse();
}

/** "99.2 %"; a share that is not all of it never says so. @returns null without any */
export function shareWell(count: number, failed: number): string | null {
  if (count === 0) return null;
  if (failed === 0) return "100 %";
  const percent = Math.floor(((count - failed) / count) * 1000) / 10;
  return `${percent.toFixed(1)} %`;
}
