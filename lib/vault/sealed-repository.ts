import type { Database, Transaction } from "#lib/db/client.ts";
import type { SealedColumn } from "#lib/vault/sealed-column.ts";
import { keyIdPattern, sealedVersion } from "#lib/vault/sealed-format.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** How many values of a column are under a version; `keyId` is null where none can be read. */
export type KeyUse = { table: string; column: string; keyId: string | null; rows: number };

/** What is sealed under which version, column by column. */
export async function countKeyUse(
  db: Database,
  columns: readonly SealedColumn[],
): Promise<KeyUse[]> {
  const uses: KeyUse[] = [];
  for (const { table, column, needed } of columns) {
    const rows = await db.$queryRaw<{ key_id: string | null; rows: bigint }[]>`
      select case when ${name(column)} like ${`${sealedVersion}.%`}
             then split_part(${name(column)}, '.', 2) end as key_id, count(*) as rows
      from ${name(table)}
      where ${name(column)} is not null ${needed ? Prisma.raw(`and ${needed}`) : Prisma.empty}
      group by 1 order by 1`;
    for (const { key_id, rows: count } of rows) {
      const keyId = key_id !== null && keyIdPattern.test(key_id) ? key_id : null;
      uses.push({ table, column, keyId, rows: Number(count) });
    }
  }
  return uses;
}

/**
 * Ids of the key versions that stored rows are sealed under. A value without a readable id is that row's
 * own trouble and stops nobody (VA-12).
 */
export async function sealedKeyIdsIn(
  db: Database,
  columns: readonly SealedColumn[],
): Promise<string[]> {
  const uses = await countKeyUse(db, columns);
  return [...new Set(uses.flatMap(({ keyId }) => keyId ?? []))];
}

/**
 * Puts rewrapped values in the place of exactly those that they were made from: whoever wrote a newer one
 * meanwhile wins. A row that somebody holds is left for the next time, so that nobody waits in a circle.
 *
 * @returns how many were put there
 */
export async function swapSealed(
  tx: Transaction,
  { table, column }: Pick<SealedColumn, "table" | "column">,
  swaps: readonly { id: string; old: string; next: string }[],
): Promise<number> {
  return tx.$executeRaw`
    with wanted as (
      select t.id, e.next from ${name(table)} t
      join json_to_recordset(${JSON.stringify(swaps)}::json) as e(id uuid, old text, next text)
        on e.id = t.id and e.old = t.${name(column)}
      for update of t skip locked
    )
    update ${name(table)} t set ${name(column)} = wanted.next from wanted where wanted.id = t.id`;
}

/** One at a time changes the ring, until the transaction ends. */
export async function lockKeyRing(tx: Transaction): Promise<void> {
  await tx.$queryRaw`select pg_advisory_xact_lock(${ringLock}::bigint) is null as held`;
}

/** Any number that nothing else of the studio locks. */
const ringLock = 7_274_110_001;

// Names of the table of columns, never input.
const name = (identifier: string) => Prisma.raw(`"${identifier}"`);
