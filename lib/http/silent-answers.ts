import type { ServerResponse } from "node:http";

/** Streams beat every fifteen seconds, and browsers wait no more than five minutes for an answer. */
const SILENT_AT_MOST_MS = 6 * 60_000;

/**
 * Ends an answer of which nothing went either way for so long: a reader that takes no more of it would hold
 * its connection, and whatever makes it, for as long as it likes.
 */
export function endWhenSilent(res: ServerResponse, afterMs: number = SILENT_AT_MOST_MS): void {
  res.setTimeout(afterMs, () => res.destroy());
}
