import { IDLE_SOON_DAYS } from "#lib/connections/health.ts";
import { pageOfConnections } from "#lib/connections/list-repository.ts";
import { listConnectionsByIds } from "#lib/connections/repository.ts";
import type { ConnectionJson, ConnectionList, ConnectionQuery } from "#lib/connections/schema.ts";
import { type SerializeDeps, toConnectionJson } from "#lib/connections/serialize.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

type Deps = SerializeDeps & { db: Database };

const dayMs = 24 * 60 * 60 * 1000;

/**
 * One page of the team's connections: groups with trouble first, then by name; inside a group
 * production before its sandboxes. Filters and order are the database's, so that ten thousand rows
 * cost one page.
 *
 * @throws {InvalidInputError} a cursor that is not ours
 */
export async function listConnections(
  deps: Deps,
  principal: Principal,
  query: ConnectionQuery,
): Promise<ConnectionList> {
  const offset = parseCursor(query.cursor);
  const page = await pageOfConnections(deps.db, principal, {
    ...query,
    offset,
    idleBefore: new Date(deps.clock.now().getTime() + IDLE_SOON_DAYS * dayMs),
  });
  const ids = page.rows.map(({ id }) => id);
  const rows = await listConnectionsByIds(deps.db, principal, ids);
  const names = new Map(page.groups.map((group) => [keyOf(group), group.groupName]));
  const end = offset + ids.length;
  return {
    items: rows.map((row) => {
      const json = toConnectionJson(deps, principal, row);
      return { ...json, groupName: names.get(keyOf(json)) ?? json.groupName };
    }),
    groups: page.groups,
    nextCursor: end < page.total ? String(end) : null,
    total: page.total,
  };
}

const keyOf = ({ provider, groupKey }: Pick<ConnectionJson, "provider" | "groupKey">) =>
  `${provider}:${groupKey}`;

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,7}$/.test(cursor)) {
    throw new InvalidInputError("This page of the list does not exist.", [
      { path: "cursor", message: "Start again without a cursor." },
    ]);
  }
  return Number(cursor);
}
