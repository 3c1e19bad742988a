import type { StudioDeps } from "#lib/deps.ts";

/** What this process holds and waits for, to be read when somebody looks at its metrics (OPS-7). */
export function offerGauges(
  deps: Pick<StudioDeps, "metrics" | "changes" | "live" | "accessTokens" | "db">,
): void {
  const { metrics, changes, live, accessTokens, db } = deps;
  metrics.gauge("studio_change_feed_current", () => (changes.isCurrent() ? 1 : 0));
  metrics.gauge("studio_live_pages", () => live.size);
  metrics.gauge("studio_access_tokens_held", () => accessTokens.size);
  metrics.gauge("studio_revocations_pending", () =>
    db.revocation.count({ where: { state: "pending" } }),
  );
}
