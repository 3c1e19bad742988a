import type { SimulatorContext } from "#lib/simulator/kit/types.ts";
import type { Row } from "./data-types.ts";
import type { Out } from "./soap-xml.ts";

/** What was found, written out a page at a time: a cursor holds no more than the objects themselves. */
export type Found = { count: number; result(at: number): Out };

/** What a next page continues; held for half an hour and not over a restart, as the vendor's are not for ever. */
export type Cursor = { tenant: string; mid: number; expiresAtMs: number } & (
  | { kind: "rowset"; dataExtensionId: string; rows: readonly Row[]; pageSize: number }
  | { kind: "retrieve"; found: Found; next: number }
);

const cursorSeconds = 1800;
const kept = 200;

export type Cursors = {
  open(cursor: DistributiveOmit<Cursor, "expiresAtMs">): { id: string; expiresAtMs: number };
  find(id: string, tenant: string, mid: number): Cursor | undefined;
};
type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

export function createCursors({ clock, random }: SimulatorContext): Cursors {
  const cursors = new Map<string, Cursor>();
  return {
    open(cursor) {
      // The oldest come first.
      for (const [key, { expiresAtMs }] of cursors) {
        if (cursors.size < kept && expiresAtMs > clock.nowMs()) break;
        cursors.delete(key);
      }
      const id = random.uuid();
      const expiresAtMs = clock.nowMs() + cursorSeconds * 1000;
      cursors.set(id, { ...cursor, expiresAtMs });
      return { id, expiresAtMs };
    },
    find(id, tenant, mid) {
      const cursor = cursors.get(id);
      const isTheirs = cursor?.tenant === tenant && cursor.mid === mid;
      return isTheirs && cursor.expiresAtMs > clock.nowMs() ? cursor : undefined;
    },
  };
}
