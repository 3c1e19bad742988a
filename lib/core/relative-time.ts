const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From here on a length in days says less than the date. */
const DATES_AFTER_DAYS = 30;
const HOURS_UNTIL = 48;

/** "now", "40 s", "2 min", "3 h", "4 days": the longest unit that fits, rounded down. */
export function lengthInWords(lengthMs: number): string {
  const length = Math.abs(lengthMs);
  if (length < 5 * SECOND) return "now";
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < HOURS_UNTIL * HOUR) return `${Math.floor(length / HOUR)} h`;
  return `${Math.floor(length / DAY)} days`;
}

/**
 * A time as a person would say it: "40 s ago", "3 h ago", "in 11 min"; past thirty days the date,
 * with its year when that is another one.
 *
 * @param form - "short" leaves out "ago" and "in", for a column whose head says it
 * @param timeZone - IANA name; only dates need it
 */
export function relativeTime(
  at: Date,
  now: Date,
  { form = "full", timeZone = "UTC" }: { form?: "full" | "short"; timeZone?: string } = {},
): string {
  const distanceMs = at.getTime() - now.getTime();
  if (Math.abs(distanceMs) >= DATES_AFTER_DAYS * DAY) return shortDate(at, now, timeZone);
  const words = lengthInWords(distanceMs);
  if (words === "now" || form === "short") return words;
  return distanceMs < 0 ? `${words} ago` : `in ${words}`;
}

/** "14 Oct", or "14 Oct 2025" when the year is not this one. */
export function shortDate(at: Date, now: Date, timeZone = "UTC"): string {
  const year = (date: Date) =>
    new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone }).format(date);
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    timeZone,
    ...(year(at) !== year(now) && { year: "numeric" }),
  }).format(at);
}

/** "Sunday, 22 November 2026 at 09:41:07 CET": nothing left to guess. */
export function exactTime(at: Date, timeZone = "UTC"): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(at);
}

/** "09:41" */
export function clockTime(at: Date, timeZone = "UTC"): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  }).format(at);
}
