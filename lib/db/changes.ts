import type { Transaction } from "#lib/db/client.ts";
import { type Sql, sqlOf } from "#lib/db/sql.ts";

/**
 * What changed, for whoever keeps something of it in memory: an agent (its keys, mode or connections), a
 * grant (ended, voided, made anew, its choices), a connection (edited, deleted), a lease (given back), a
 * person or a whole team (removed, switched off).
 */
export const changeKinds = ["agent", "grant", "connection", "lease", "member", "team"] as const;
export type Change = { kind: (typeof changeKinds)[number]; id: string };

export const changesChannel = "studio_changes";

/**
 * Tells every instance of a change when, and only if, this transaction commits.
 *
 * @see https://www.postgresql.org/docs/current/sql-notify.html
 */
export const announceChange = (tx: Transaction, change: Change): Promise<void> =>
  announceChanges(sqlOf(tx), [change]);

/** The same for several at once, and for a plain connection. */
export async function announceChanges(sql: Sql, changes: readonly Change[]): Promise<void> {
  for (const { kind, id } of changes) {
    await sql.query("select pg_notify($1, $2) is null as told", [changesChannel, `${kind}:${id}`]);
  }
}

/** Hears what every instance of the studio changes. */
export type ChangeFeed = {
  /**
   * Calls for each change, in the order of the commits, and with "all" when some may have been missed:
   * whoever keeps something then keeps nothing of it.
   */
  subscribe(listener: (change: Change | "all") => void): () => void;
  /** True while everything that was committed up to a moment ago is known to be heard (BRK-11). */
  isCurrent(): boolean;
  /**
   * Waits until everything that was committed before this call has been heard.
   *
   * @returns false where this feed hears nothing: read anew
   * @throws {Error} the database does not answer: what is kept in memory must not be used
   */
  current(): Promise<boolean>;
  stop(): Promise<void>;
};

/** A feed that hears nothing, and so never calls memory current: everything is read anew. */
export const deafFeed: ChangeFeed = {
  subscribe: () => () => {},
  isCurrent: () => false,
  current: async () => false,
  stop: async () => {},
};
