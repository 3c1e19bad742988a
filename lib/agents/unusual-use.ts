/** What an agent used on one day. */
export type DayUse = { calls: number; rows: number; kilobytes: number };
export type UnusualUse = "volume" | "bulk_reads";

/** Days with use in the last two weeks from which on an agent has habits to be held against. */
const habitDays = 3;
/** More than so many times an ordinary day is not like before. */
const timesUsual = 10;
/** Below this a day is small, whatever the days before were. */
const floor = { calls: 5_000, rows: 50_000, kilobytes: 200 * 1024 } as const;
/** Without habits yet: what nobody reads on a first day unless they copy an org. */
const first = { calls: 100_000, rows: 500_000, kilobytes: 2 * 1024 * 1024 } as const;

/** Below this no day is looked at: nothing of it can be unusual. */
export const isSmall = ({ calls, rows, kilobytes }: DayUse): boolean =>
  calls < floor.calls && rows < floor.rows && kilobytes < floor.kilobytes;

/**
 * Whether a day is so unlike the ones before that the agent is stopped until its owner has looked
 * (BRK-13): it may have been talked into copying everything it can reach.
 *
 * @param before - days with use, at most the last fourteen, today not among them
 */
export function unusualUse(today: DayUse, before: readonly DayUse[]): UnusualUse | null {
  const most = (of: keyof DayUse): number => {
    if (before.length < habitDays) return first[of];
    const usual = before.reduce((sum, day) => sum + day[of], 0) / before.length;
    return Math.max(floor[of], usual * timesUsual);
  };
  if (today.rows > most("rows") || today.kilobytes > most("kilobytes")) return "bulk_reads";
  return today.calls > most("calls") ? "volume" : null;
}
