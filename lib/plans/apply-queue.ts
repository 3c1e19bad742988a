import type { Transaction } from "#lib/db/client.ts";

/**
 * Hands the id of a plan that is to be applied to whichever instance is free; it stands or falls with the
 * transaction. Nothing depends on it but promptness: what is under way is found in the table.
 */
export type PlanQueue = { deliver(tx: Transaction, planId: string): Promise<void> };
