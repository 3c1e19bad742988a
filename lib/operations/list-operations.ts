import type { UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import type { OperationList } from "#lib/operations/schema.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { toOperationJson } from "#lib/operations/serialize.ts";
import { usableOperations } from "#lib/operations/usable-operations.ts";

type Asked = {
  connectionId?: string | undefined;
  cursor?: string | undefined;
  limit?: number;
};

/** One page of `usableOperations`, as programs and forms are told of them; all fit on one. */
export async function listOperations(
  deps: UsableGrantDeps,
  asker: Asker,
  { connectionId, cursor, limit = Number.POSITIVE_INFINITY }: Asked,
): Promise<OperationList> {
  const usable = await usableOperations(deps, asker, connectionId ?? null);
  // An id that is not among them is at the beginning.
  const seen = usable.findIndex(({ operation }) => operation.id === cursor) + 1;
  const page = usable.slice(seen, seen + limit);
  const hasMore = seen + page.length < usable.length;
  return {
    items: page.map(toOperationJson),
    nextCursor: hasMore ? (page.at(-1)?.operation.id ?? null) : null,
  };
}
