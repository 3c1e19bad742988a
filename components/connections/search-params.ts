import {
  createLoader,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { worstFirst } from "#lib/connections/health.ts";
import type { ConnectionQuery } from "#lib/connections/schema.ts";
import { environments, providers } from "#lib/providers/vocabulary.ts";

export const PAGE_SIZE = 50;
const LONGEST_SEARCH = 200;
/** Far past the end of any list; what lies beyond is a made-up address. */
const LAST_PAGE = 10_000;

/** What of the list's state lives in the URL: search, filters and page. */
export const listParsers = {
  q: parseAsString.withDefault(""),
  provider: parseAsStringLiteral(providers),
  environment: parseAsArrayOf(parseAsStringLiteral(environments)).withDefault([]),
  health: parseAsArrayOf(parseAsStringLiteral(worstFirst)).withDefault([]),
  page: parseAsInteger.withDefault(1),
};

export const loadListState = createLoader(listParsers);
export type ListState = Awaited<ReturnType<typeof loadListState>>;

/** What is asked of the server for this state; whatever an address holds, the answer is a valid query. */
export function toQuery(state: ListState): ConnectionQuery {
  const page = Math.min(Math.max(1, state.page), LAST_PAGE);
  return {
    q: state.q.trim().slice(0, LONGEST_SEARCH),
    environment: [...new Set(state.environment)],
    health: [...new Set(state.health)],
    limit: PAGE_SIZE,
    ...(state.provider !== null && { provider: state.provider }),
    ...(page > 1 && { cursor: String((page - 1) * PAGE_SIZE) }),
  };
}

/** Whether anything narrows the list. */
export function isFiltered(state: ListState): boolean {
  return (
    state.q.trim() !== "" ||
    state.provider !== null ||
    state.environment.length > 0 ||
    state.health.length > 0
  );
}
