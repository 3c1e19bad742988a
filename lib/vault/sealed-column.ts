import type { Database } from "#lib/db/client.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

/** A sealed value where it stands. */
export type SealedRow = {
  readonly id: string;
  readonly sealed: string;
  /** The place it opens in. @throws where the row does not tell one: its own trouble (VA-12) */
  context(): SecretContext;
};

/** A column of sealed values, by the room that seals them; every one is in `lib/jobs/sealed-columns.ts`. */
export type SealedColumn = {
  readonly table: string;
  readonly column: string;
  /** SQL for the rows that still matter; the others may go with their key. */
  readonly needed?: string;
  /** Rows with a value that does not begin with `notUnder`, by id, after `after`. */
  page(
    db: Database,
    of: { after: string | null; notUnder: string; limit: number },
  ): Promise<SealedRow[]>;
};

/** The part of a query that each column's page has in common. */
export function rowsAfter<Name extends string>(
  field: Name,
  of: { after: string | null; notUnder: string; limit: number },
) {
  // In SQL a null is not unlike anything either: rows without a value stay away.
  const outdated = { not: { startsWith: of.notUnder } };
  return {
    where: {
      ...(of.after === null ? {} : { id: { gt: of.after } }),
      [field]: outdated,
    } as { id?: { gt: string } } & { [field in Name]: typeof outdated },
    orderBy: { id: "asc" as const },
    take: of.limit,
  };
}
