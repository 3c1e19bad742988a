import type { UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import type { OperationList } from "#lib/operations/schema.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { toOperationJson } from "#lib/operations/serialize.ts";
import { usableOperations } from "#lib/operations/usable-operations.ts";

/** `usableOperations` as programs and forms are told of them; the registry fits on one page. */
export async function listOperations(
  deps: UsableGrantDeps,
  asker: Asker,
  { connectionId = null }: { connectionId?: string | null | undefined },
): Promise<OperationList> {
  const usable = await usableOperations(deps, asker, connectionId);
  return { items: usable.map(toOperationJson), nextCursor: null };
}
