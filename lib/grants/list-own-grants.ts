import type { GrantJson } from "#lib/connections/schema.ts";
import { toGrantJson } from "#lib/connections/serialize.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { listGrantsOf } from "#lib/grants/grant-repository.ts";
import type { GrantQuery } from "#lib/grants/schema.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";

/** The principal's own grants in the team, by id; `cursor` is the last id of the page before. */
export async function listOwnGrants(
  deps: { db: Database; addresses: ProviderAddresses },
  principal: Principal,
  query: GrantQuery,
): Promise<{ items: GrantJson[]; nextCursor: string | null }> {
  const grants = await listGrantsOf(deps.db, principal, { ...query, limit: query.limit + 1 });
  const page = grants.slice(0, query.limit);
  return {
    items: page.map((grant) => toGrantJson(deps, grant.connection.environment, grant)),
    nextCursor: grants.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}
