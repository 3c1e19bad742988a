import { lengthInWords } from "#lib/core/relative-time.ts";
import type { ClockReading } from "#lib/doctor/ask.ts";
import { fail, pass, unknown } from "#lib/doctor/line.ts";
import type { Line } from "#lib/doctor/schema.ts";

const what = { id: "clock", title: "Clock" };

/** Beyond this, token ages and one-time codes are judged wrongly. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Our clock held against the provider's. @param label - whose it is */
export function judgeClock(reading: ClockReading | null, label: string): Line {
  if (reading === null) {
    return unknown(
      what,
      `${label} gave no answer that tells its time.`,
      "It becomes known once the host answers. Then run the check again.",
    );
  }
  const off = Math.abs(reading.aheadMs);
  if (off - reading.uncertaintyMs <= CLOCK_TOLERANCE_MS) {
    return pass(
      what,
      off <= reading.uncertaintyMs + 2_000
        ? `The studio's clock agrees with ${label}'s.`
        : `The studio's clock is within ${lengthInWords(off)} of ${label}'s.`,
    );
  }
  const direction = reading.aheadMs > 0 ? "behind" : "ahead of";
  return fail(
    what,
    `The studio's clock is ${lengthInWords(off)} ${direction} ${label}'s.`,
    "Ask the operator to switch on time synchronisation (NTP) on the studio's server. Until then token ages, deadlines and one-time codes are wrong.",
  );
}
