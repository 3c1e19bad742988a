import type { AuditAction } from "#lib/audit/actions.ts";
import type { ToldEvent } from "#lib/audit/sealed-events-repository.ts";
import { mayGoOnAfter } from "#lib/plans/plan-state.ts";
import type { EndReason } from "#lib/plans/plan-states.ts";

/** How a plan came to stand as it does, which no row of its own can take back. */
export type PlanHistory = {
  /** Of what it was begun last to apply, while that is its last word; null: it is not under way. */
  begun: { version: number; hash: string } | null;
  /** Steps that may have reached the provider. */
  sent: ReadonlySet<number>;
};

/** What moves a plan. */
export const planWords = [
  "plan.apply_begun",
  "plan.step_resolved",
  "plan.applied",
  "plan.stopped",
  "plan.rejected",
  "plan.cancelled",
  "plan.expired",
] as const satisfies readonly AuditAction[];
/** What sends a step, and takes that back. */
export const stepWords = [
  "plan.step_begun",
  "plan.step_ended",
] as const satisfies readonly AuditAction[];

/**
 * Reads a plan's events in their order (PLN-4). Begun once, it goes on only where it was stopped for a
 * person's word or its agent's day; behind any other end no word counts any more.
 *
 * @returns null where the words contradict each other: somebody wrote into the plan's rows between them
 */
export function historyOf(events: readonly ToldEvent[]): PlanHistory | null {
  let begun: PlanHistory["begun"] = null;
  let standing: "waiting" | "under way" | "held up" | "over" = "waiting";
  const sent = new Set<number>();
  for (const { action, detail } of events) {
    const step = Number(detail.step);
    switch (action) {
      case "plan.apply_begun":
        if (standing !== "waiting" && standing !== "held up") return null;
        begun = { version: Number(detail.version), hash: String(detail.hash) };
        standing = "under way";
        break;
      case "plan.step_resolved":
        if (detail.goOn !== true) standing = "over";
        else if (standing === "held up") standing = "under way";
        else return null;
        break;
      case "plan.step_begun":
        sent.add(step);
        break;
      case "plan.step_ended":
        if (detail.outcome === "put_off") sent.delete(step);
        break;
      default: {
        const goesOn =
          action === "plan.stopped" && mayGoOnAfter((detail.reason ?? null) as EndReason | null);
        if (standing === "over") break;
        standing = goesOn ? "held up" : "over";
      }
    }
  }
  return { begun: standing === "under way" ? begun : null, sent };
}
