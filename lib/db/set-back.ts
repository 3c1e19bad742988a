import { failureNamesOf } from "#lib/db/failure-names.ts";

const setBackNames = new Set(["40001", "40P01", "P2034", "TransactionWriteConflict"]);

/** True where the database chose this transaction to end a deadlock or a conflict: it may be made anew. */
export const isSetBack = (error: unknown): boolean =>
  failureNamesOf(error).some((name) => setBackNames.has(name));
