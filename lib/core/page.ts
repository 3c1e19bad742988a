import { z } from "zod";

const MOST = 200;

/** How a page of a list is asked for, where all of it fits one. */
export const pageQuerySchema = z.strictObject({
  /** The id of the last one that was seen. */
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/**
 * A page of a short list that is read whole. Behind one that has gone meanwhile nothing follows: whoever
 * asks begins anew rather than in a circle.
 */
export function pageOf<T extends { id: string }>(
  all: readonly T[],
  { cursor, limit }: PageQuery,
): { items: T[]; nextCursor: string | null } {
  const seen = all.findIndex(({ id }) => id === cursor);
  const rest = cursor === undefined ? all : seen < 0 ? [] : all.slice(seen + 1);
  const items = rest.slice(0, limit);
  return { items, nextCursor: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
}
