import { countWaiting, pageOfRequests } from "#lib/connection-requests/repository.ts";
import type { ConnectionRequestList, RequestQuery } from "#lib/connection-requests/schema.ts";
import { toConnectionRequestJson } from "#lib/connection-requests/serialize.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";

type Deps = { db: DatabaseOrTransaction; clock: Clock };

/** What agents of this person asked them; those that wait first. Nobody else's, whatever the role (TEN-4). */
export async function listRequests(
  deps: Deps,
  principal: Principal,
  query: RequestQuery,
): Promise<ConnectionRequestList> {
  const now = deps.clock.now();
  const [rows, waiting] = await Promise.all([
    pageOfRequests(deps.db, principal, {
      isWaiting: query.state === "waiting",
      cursor: query.cursor,
      limit: query.limit + 1,
      now,
    }),
    countWaiting(deps.db, principal, now),
  ]);
  const shown = rows.slice(0, query.limit);
  return {
    items: shown.map((row) => toConnectionRequestJson(row, now)),
    nextCursor: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
    waiting,
  };
}

/** How many of their agents' requests wait for this person. */
export const countWaitingRequests = (deps: Deps, principal: Principal): Promise<number> =>
  countWaiting(deps.db, principal, deps.clock.now());
