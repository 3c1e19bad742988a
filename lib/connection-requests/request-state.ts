import type { RequestState } from "#lib/connection-requests/schema.ts";

/** How a request stands now: one whose time is up is over before the job has noted it. */
export const stateNow = (
  request: { state: RequestState; expiresAt: Date },
  now: Date,
): RequestState =>
  request.state === "waiting" && request.expiresAt <= now ? "expired" : request.state;
