import type { Transaction } from "#lib/db/client.ts";

/**
 * Statements of one transaction, whichever client runs it: Prisma's, or a plain connection where it must
 * be quick. Parameters are `$1`, `$2` …; dates, numbers, bigints and uuids come back as each client reads
 * them, so whoever reads converts.
 */
export type Sql = {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
};

/** The same transaction as Prisma's. */
export const sqlOf = (tx: Transaction): Sql => ({
  query: (text, values) => tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values),
});
