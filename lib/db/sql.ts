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
  /**
   * The transaction's last statement, where it can go out together with the commit; resolves after that.
   * Nothing may be asked of the transaction any more.
   */
  finish?(text: string, values: readonly unknown[]): Promise<void>;
};

/** The same transaction as Prisma's. */
export const sqlOf = (tx: Transaction): Sql => ({
  query: (text, values) => tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values),
});
