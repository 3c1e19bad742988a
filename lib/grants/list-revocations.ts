import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { type AttemptDeps, attemptRevocation } from "#lib/grants/attempt-revocation.ts";
import {
  countPending,
  findTeamRevocation,
  listTeamRevocations,
  namesOf,
  type Revocation,
} from "#lib/grants/revocation-repository.ts";
import type { RevocationJson, RevocationQuery } from "#lib/grants/schema.ts";
import { toRevocationJson } from "#lib/grants/serialize.ts";
import { mayDo, reachOf, requireMay } from "#lib/policy/role-matrix.ts";

/**
 * What was, or is still, to be ended at the providers, newest first: one's own, and for whoever may end
 * teammates' grants the team's.
 */
export async function listRevocations(
  deps: { db: Database; clock: Clock },
  principal: Principal,
  query: RevocationQuery,
): Promise<{ items: RevocationJson[]; nextCursor: string | null }> {
  const mine = reachOf(principal, "grant.disconnect") === "any" ? {} : { userId: principal.userId };
  const rows = await listTeamRevocations(deps.db, principal, {
    ...mine,
    connectionId: query.connectionId,
    openAt: query.open ? deps.clock.now() : undefined,
    cursor: query.cursor,
    limit: query.limit + 1,
  });
  const page = rows.slice(0, query.limit);
  return {
    items: await serialize(deps, principal, page),
    nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

/** How many the provider has not answered for yet: one's own, and the team's for whoever may end them. */
export function countPendingRevocations(
  deps: { db: Database },
  principal: Principal,
): Promise<number> {
  const mine = reachOf(principal, "grant.disconnect") === "any" ? {} : { userId: principal.userId };
  return countPending(deps.db, principal, mine);
}

/** Those with the given ids, of the principal's own doing. */
export async function listRevocationsByIds(
  deps: { db: Database },
  principal: Principal,
  ids: readonly string[],
): Promise<RevocationJson[]> {
  return serialize(deps, principal, await listTeamRevocations(deps.db, principal, { ids }));
}

/**
 * Asks the provider now, before the time that was set for the next attempt.
 *
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 */
export async function askAgain(
  deps: AttemptDeps,
  principal: Principal,
  id: string,
): Promise<RevocationJson> {
  const found = await findTeamRevocation(deps.db, principal, id);
  const of = { ownerId: found?.userId ?? null };
  if (!found || !mayDo(principal, "grant.disconnect", of)) throw new NotFoundError();
  requireMay(principal, "grant.disconnect", of);
  const revocation = (await attemptRevocation(deps, principal, id, { isDue: false })) ?? found;
  const [json] = await serialize(deps, principal, [revocation]);
  return json as RevocationJson;
}

async function serialize(
  deps: { db: Database },
  principal: Principal,
  rows: readonly Revocation[],
): Promise<RevocationJson[]> {
  const names = await namesOf(deps.db, [...new Set(rows.map(({ userId }) => userId))]);
  return rows.map((revocation) => {
    const name = names.get(revocation.userId);
    const person = name === undefined ? null : { id: revocation.userId, name };
    return toRevocationJson(principal, { revocation, person });
  });
}
