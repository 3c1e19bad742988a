import type { Transaction } from "#lib/db/client.ts";

/** Refreshes that began before then and are not settled: what they bring is sealed already. */
export const countRefreshesBefore = (tx: Transaction, before: Date): Promise<number> =>
  tx.refresh.count({ where: { beganAt: { lt: before } } });
