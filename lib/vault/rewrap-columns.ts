import { type Database, inTransaction } from "#lib/db/client.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import { isUnreadable } from "#lib/vault/errors.ts";
import { rewrap } from "#lib/vault/rewrap.ts";
import type { SealedColumn, SealedRow } from "#lib/vault/sealed-column.ts";
import { sealedVersion } from "#lib/vault/sealed-format.ts";
import { swapSealed } from "#lib/vault/sealed-repository.ts";

const batchRows = 200;
/** A row that changed or was held in one pass is met again in the next. */
const mostPasses = 5;

export type RewrapProgress = {
  table: string;
  column: string;
  /** Since the run began. */
  rewrapped: number;
  /** Of this column, in this pass: they do not open, and stay as they are (VA-12). */
  unreadable: number;
};

export type RewrapResult = { rewrapped: number; unreadable: number; left: number };

/**
 * Moves every sealed value to the active version (VA-6), in small batches beside whatever else runs:
 * nothing is held while it works, a value that changes meanwhile is left to whoever changed it. What was
 * done stays done: killed and begun again, it goes on with what is left.
 *
 * @param onBatch - told after each batch is committed
 * @returns `left`: values that kept changing or being held; run it again
 * @throws {KeySourceUnavailableError | KeyExhaustedError} nothing half done is left
 */
export async function rewrapColumns(
  deps: { db: Database; vault: WrapDeps },
  columns: readonly SealedColumn[],
  onBatch: (progress: RewrapProgress) => void | Promise<void> = () => {},
): Promise<RewrapResult> {
  let rewrapped = 0;
  for (let pass = 1; ; pass++) {
    const met = { unreadable: 0, left: 0 };
    for (const column of columns) {
      const { table, column: name } = column;
      let unreadable = 0;
      for await (const batch of rewrapOne(deps, column)) {
        rewrapped += batch.rewrapped;
        unreadable += batch.unreadable;
        met.left += batch.left;
        await onBatch({ table, column: name, rewrapped, unreadable });
      }
      met.unreadable += unreadable;
    }
    if (met.left === 0 || pass === mostPasses) return { rewrapped, ...met };
  }
}

async function* rewrapOne(
  deps: { db: Database; vault: WrapDeps },
  column: SealedColumn,
): AsyncGenerator<RewrapResult> {
  let after: string | null = null;
  while (true) {
    const notUnder = `${sealedVersion}.${deps.vault.keyRing.activeKeyId}.`;
    const rows: SealedRow[] = await column.page(deps.db, { after, notUnder, limit: batchRows });
    if (rows.length === 0) return;
    after = rows.at(-1)?.id ?? null;
    const moved = await Promise.all(rows.map((row) => rewrapRow(deps.vault, row)));
    const swaps = moved.filter((each) => each !== null);
    const changed =
      swaps.length === 0 ? 0 : await inTransaction(deps.db, (tx) => swapSealed(tx, column, swaps));
    yield {
      rewrapped: changed,
      unreadable: rows.length - swaps.length,
      left: swaps.length - changed,
    };
  }
}

/** Null where it does not open. */
async function rewrapRow(vault: WrapDeps, row: SealedRow) {
  try {
    const next = await rewrap(vault, row.sealed, row.context());
    return { id: row.id, old: row.sealed, next };
  } catch (error) {
    // A row whose place cannot be told opens nowhere either.
    if (isUnreadable(error) || error instanceof TypeError) return null;
    throw error;
  }
}
