import type { Database } from "#lib/db/client.ts";
import { keyIdPattern, sealedVersion } from "#lib/vault/sealed-format.ts";

/**
 * Ids of the key versions that stored rows are sealed under; a new sealed column is named here. A
 * value without a readable id is that row's own trouble and stops nobody (VA-12).
 */
export async function sealedKeyIdsIn(db: Database): Promise<string[]> {
  const rows = await db.$queryRaw<{ key_id: string }[]>`
    select distinct split_part(sealed, '.', 2) as key_id from (
      select refresh_token_sealed as sealed from grants
      union all select client_secret_sealed from connections
      union all select verifier_sealed from flows where status = 'waiting' and expires_at > now()
      union all select pending_refresh_token_sealed from flows
      union all select secret_sealed from second_factors
      union all select token_sealed from revocations
    ) every_sealed where sealed like ${`${sealedVersion}.%`}`;
  return rows.map(({ key_id }) => key_id).filter((id) => keyIdPattern.test(id));
}
