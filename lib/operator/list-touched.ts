import { recordEvent } from "#lib/audit/record-event.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { listTouches, type Touch } from "#lib/operator/touched-repository.ts";

/**
 * After a leak: which grants were opened, leased or refreshed in a window, by whom, how often and when
 * (OPS-5). That it was asked is in the instance's own chain.
 */
export async function listTouched(
  deps: Pick<StudioDeps, "db" | "clock" | "random">,
  window: { since: Date; until: Date; teamId: string | null },
): Promise<Touch[]> {
  const touches = await listTouches(deps.db, window);
  await inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, {
      action: "studio.touched_listed",
      principal: null,
      ...(window.teamId === null ? {} : { target: { kind: "team", id: window.teamId } }),
      result: "success",
      detail: {
        since: window.since.toISOString(),
        until: window.until.toISOString(),
        rows: touches.length,
      },
    }),
  );
  return touches;
}
