import { createLoader, parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { actionsOf, type EventArea, eventAreas } from "#components/connections/event-words.ts";
import type { AuditFilters, AuditQuery } from "#lib/audit/schema.ts";

export const PAGE_SIZE = 50;
const LONGEST_SEARCH = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const areas = Object.keys(eventAreas) as EventArea[];
export const spans = { "1d": 1, "7d": 7, "30d": 30 } as const;
export type Span = keyof typeof spans;

/** What of the page's state lives in the address. */
export const activityParsers = {
  q: parseAsString.withDefault(""),
  area: parseAsStringLiteral(areas),
  actor: parseAsString,
  connection: parseAsString,
  /** Also leases and refreshes, which come by the thousand. */
  routine: parseAsBoolean.withDefault(false),
  since: parseAsStringLiteral(Object.keys(spans) as Span[]),
};
export const loadActivityState = createLoader(activityParsers);
export type ActivityState = Awaited<ReturnType<typeof loadActivityState>>;

/** What is asked of the server for this state; whatever an address holds, the answer is a valid query. */
export function toFilters(state: ActivityState, now: Date): AuditFilters {
  const { area, actor, connection, since } = state;
  return {
    q: state.q.trim().slice(0, LONGEST_SEARCH),
    action: area === null ? [] : actionsOf(area),
    ...(actor !== null && uuid.test(actor) && { actor }),
    ...(connection !== null && uuid.test(connection) && { connection }),
    ...(since !== null && { from: hourBefore(now, spans[since] * DAY_MS) }),
  };
}

/** Whoever asks for a kind, or for words, means all of it. */
const showsRoutine = ({ routine, area, q }: ActivityState): boolean =>
  routine || area !== null || q.trim() !== "";

export const toFirstPage = (state: ActivityState, now: Date): AuditQuery => ({
  ...toFilters(state, now),
  routine: showsRoutine(state),
  limit: PAGE_SIZE,
});

/** The filters as an address of the interface. */
export function toSearch(query: AuditFilters & { cursor?: string; format?: string }): string {
  const search = new URLSearchParams();
  if (query.q) search.set("q", query.q);
  for (const action of query.action) search.append("action", action);
  if (query.routine === false) search.set("routine", "false");
  for (const name of ["actor", "connection", "from", "to", "cursor", "format"] as const) {
    const value = query[name];
    if (value) search.set(name, value);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

export const isFiltered = (state: ActivityState) =>
  state.q.trim() !== "" ||
  [state.area, state.actor, state.connection, state.since].some((value) => value !== null);

// Whole hours, so that server and browser ask the same question.
function hourBefore(now: Date, spanMs: number): string {
  const hourMs = 60 * 60 * 1000;
  return new Date(Math.floor((now.getTime() - spanMs) / hourMs) * hourMs).toISOString();
}
