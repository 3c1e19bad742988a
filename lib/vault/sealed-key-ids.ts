import type { Database } from "#lib/db/client.ts";
import { sealedKeyId } from "#lib/vault/sealed-format.ts";

/** Ids of the key versions that stored rows are sealed under; a new sealed column is named here. */
export async function sealedKeyIdsIn(db: Database): Promise<string[]> {
  const rows = await db.$queryRaw<{ sealed: string }[]>`
    select distinct on (split_part(sealed, '.', 2)) sealed from (
      select refresh_token_sealed as sealed from grants
      union all select client_secret_sealed from connections
      union all select verifier_sealed from flows
      union all select pending_refresh_token_sealed from flows
    ) every_sealed where sealed is not null`;
  return rows.map(({ sealed }) => sealedKeyId(sealed));
}
