import type { Flow } from "#lib/grants/flow-repository.ts";
import type { FlowState } from "#lib/grants/schema.ts";
import { isReasonCode, type ReasonCode } from "#lib/providers/reason-codes.ts";

/** Longer than every limit of an exchange and its proof together: after it, nobody is at work. */
export const exchangeLimitMs = 90_000;
/** How long another identity than before waits for the owner's word. */
export const confirmationLimitMs = 60 * 60 * 1000;

/** Time moves a flow too: nobody came back, or whoever exchanged the code was cut off. */
export function stateOf(
  flow: Pick<Flow, "status" | "reason" | "expiresAt" | "claimedAt">,
  now: Date,
): { state: FlowState; reason: ReasonCode | null } {
  const reason = flow.reason && isReasonCode(flow.reason) ? flow.reason : null;
  const sinceClaimMs = now.getTime() - (flow.claimedAt?.getTime() ?? 0);
  switch (flow.status) {
    case "waiting":
      return flow.expiresAt <= now
        ? { state: "expired", reason: "flow_expired" }
        : { state: "waiting", reason: null };
    case "exchanging":
      return sinceClaimMs > exchangeLimitMs
        ? { state: "failed", reason: "flow_interrupted" }
        : { state: "waiting", reason: null };
    case "needs_confirmation":
      return sinceClaimMs > confirmationLimitMs
        ? { state: "expired", reason: "flow_expired" }
        : { state: "needs_confirmation", reason: null };
    default:
      return { state: flow.status, reason };
  }
}
