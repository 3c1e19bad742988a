import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { CallClass } from "#lib/providers/proxied-call.ts";

export type CallQuestion = {
  class: CallClass;
  mode: AgentPrincipal["mode"];
  /** The connection's owner allows plain writes without a plan, now, by a date that is stored. */
  mayWriteDirectly: boolean;
  /** Exactly these bytes stand in a plan that was approved, and it is this step's turn (PLN-2). */
  isApproved?: boolean;
};

export type CallDecision =
  | { allowed: true }
  | {
      allowed: false;
      code: "broker.plan_required" | "broker.never_allowed";
      userMessage: string;
    };

/**
 * Whether a call may go to the provider as it is (BRK-7, BRK-8). Reads pass in every mode; plain writes
 * in build mode where the owner allowed them; what makes sessions or credentials never, not even in a
 * plan; all else needs a plan that a person approved. Every argument comes from stored state
 * or from the provider's call table, none from the request.
 */
export function decideCall({
  class: callClass,
  mode,
  mayWriteDirectly,
  isApproved = false,
}: CallQuestion): CallDecision {
  if (callClass === "read") return { allowed: true };
  if (callClass === "credentials") return neverAllowed;
  if (isApproved) return { allowed: true };
  if (callClass === "write" && mode === "build" && mayWriteDirectly) return { allowed: true };
  return planRequired[callClass];
}

const neverAllowed: CallDecision = {
  allowed: false,
  code: "broker.never_allowed",
  userMessage: "Agents never make or end sessions, passwords or credentials, in any mode.",
};

const refusal = (userMessage: string): CallDecision => ({
  allowed: false,
  code: "broker.plan_required",
  userMessage,
});

const planRequired: Readonly<Record<"write" | "code" | "unknown", CallDecision>> = {
  write: refusal("This call changes data. Propose it in a plan for a person to approve."),
  code: refusal("This call runs code or a send. Propose it in a plan for a person to approve."),
  unknown: refusal(
    "The studio does not know this call to be a read. Propose it in a plan for a person to approve.",
  ),
};
