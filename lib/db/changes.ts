import type { Transaction } from "#lib/db/client.ts";
import { type Sql, sqlOf } from "#lib/db/sql.ts";

/**
 * What changed, for whoever keeps something of it in memory: an agent (its keys, mode or connections), a
 * grant (ended, voided, made anew, its choices), a connection (edited, deleted), a lease (given back), a
 * person or a whole team (removed, switched off); and for pages that show it live: a plan, a request for a
 * connection, the calls of an agent (its id).
 */
const changeKinds = [
  "agent",
  "grant",
  "connection",
  "lease",
  "member",
  "team",
  "plan",
  "request",
  "calls",
] as const;
export type Change = {
  kind: (typeof changeKinds)[number];
  id: string;
  /** A grant's, where an authorization began or ended: what is of an earlier one serves nobody. */
  generation?: number;
};

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
  if (changes.length === 0) return;
  await sql.query("select pg_notify($1, told) is null as told from unnest($2::text[]) as told", [
    changesChannel,
    changes.map(textOf),
  ]);
}

const textOf = ({ kind, id, generation }: Change) =>
  generation === undefined ? `${kind}:${id}` : `${kind}:${id}:${generation}`;

/** @returns "all" for what another release of the studio announces and this one does not know */
export function changeOfText(text: string): Change | "all" {
  const parts = /^([a-z]+):([^:]+)(?::(\d+))?$/.exec(text);
  const kind = changeKinds.find((each) => each === parts?.[1]);
  const id = parts?.[2];
  if (!kind || id === undefined) return "all";
  return parts?.[3] === undefined ? { kind, id } : { kind, id, generation: Number(parts[3]) };
}

/**
 * Hears what every instance of the studio changes.
 *
 * What is kept in memory may be used while the feed is current: `isCurrent() || await current()`. Subscribe
 * before anything is kept; and what was read while a change came in is not kept: it may be from before.
 */
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
