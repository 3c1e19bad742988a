import { type Remedy, StudioError } from "#lib/core/errors.ts";
import type { EndReason, PlanState } from "#lib/plans/plan-states.ts";

/** What is approved, or edited, is not what is stored now: it was looked at before it changed (PLN-2). */
export class PlanChangedError extends StudioError {
  readonly code = "plans.changed";
  readonly status = 409;
  readonly userMessage =
    "This plan is not the one you were shown any more. Look at it again before you decide.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** What is stored does not have the hash that it was stored with: somebody changed it under us (PLN-2). */
export class PlanDamagedError extends StudioError {
  readonly code = "plans.damaged";
  readonly status = 409;
  readonly userMessage =
    "What is stored of this plan was changed after it was proposed. It was stopped, and nothing of it will be sent. Tell your operator.";
  readonly remedy: Remedy = { do: "ask-admin" };
}

const stateWords: Readonly<Record<PlanState, string>> = {
  proposed: "It waits for approval.",
  approved: "It is approved already.",
  applying: "It is being applied.",
  applied: "It was applied already.",
  stopped: "It was stopped.",
  rejected: "It was rejected.",
  cancelled: "It was cancelled.",
  expired: "It expired. Propose it again.",
};

/** Not from where the plan is. */
export class PlanStateError extends StudioError {
  readonly code = "plans.wrong_state";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "none" };
  constructor(state: PlanState) {
    super(`plan is ${state}`);
    this.userMessage = `That cannot be done to this plan now. ${stateWords[state]}`;
  }
}

/** What became of this step is known, or it was never sent: there is nothing to say by hand. */
export class StepStateError extends StudioError {
  readonly code = "plans.step_not_unknown";
  readonly status = 409;
  readonly userMessage = "What became of this step is known already.";
  readonly remedy: Remedy = { do: "none" };
}

/** An agent in plan mode proposes; its owner applies. */
export class BuildModeNeededError extends StudioError {
  readonly code = "plans.build_mode_needed";
  readonly status = 403;
  readonly userMessage =
    "This agent is in plan mode: its owner applies what they approved, in the studio.";
  readonly remedy: Remedy = { do: "none" };
}

/** The names of the production orgs, as they have to be typed. */
export class TypedNameError extends StudioError {
  readonly code = "plans.name_not_typed";
  readonly status = 422;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(names: readonly string[]) {
    super("a production org's name was not typed as it is");
    this.userMessage = `This plan changes production. Type ${names.map((name) => `"${name}"`).join(" and ")} exactly to approve it.`;
  }
}

/** By an agent's own key, another plan was proposed before. */
export class ClientKeyTakenError extends StudioError {
  readonly code = "plans.client_key_taken";
  readonly status = 409;
  readonly userMessage =
    "You proposed something else under this clientKey before. Use a new key for a new plan.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** A plan as a whole is beyond what can be looked at, or held. */
export class PlanTooLargeError extends StudioError {
  readonly code = "plans.too_large";
  readonly status = 422;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(userMessage: string) {
    super(userMessage);
    this.userMessage = userMessage;
  }
}

/** It reads, so it needs no plan. */
export class PlanNotNeededError extends StudioError {
  readonly code = "plans.not_needed";
  readonly status = 422;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(what: string) {
    super("a read was to become a plan");
    this.userMessage = `${what} only reads. Run it as it is; it needs no plan.`;
  }
}

/** Nobody looks at so many plans; the oldest are to be decided, or taken back, first. */
export class TooManyPlansError extends StudioError {
  readonly code = "plans.too_many";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(most: number) {
    super("too many plans wait");
    this.userMessage = `${most} plans wait for a decision already. Cancel some, or wait until they are decided.`;
  }
}

/** More was put forward in a day than is kept of one person's plans: each version of each stays stored. */
export class PlansTooLargeTodayError extends StudioError {
  readonly code = "plans.too_much";
  readonly status = 429;
  readonly userMessage =
    "More was proposed in a day than the studio keeps for one person. Propose less at once, or go on later.";
  readonly remedy: Remedy;
  constructor(afterSeconds: number) {
    super("no room for more plans today");
    this.remedy = { do: "retry", afterSeconds };
  }
}

const faultWords: Readonly<Partial<Record<EndReason, string>>> = {
  member_removed: "Its owner is not in the team any more.",
  killed: "Its owner was switched off.",
  agent_ended: "Its agent is gone.",
  agent_disabled: "Its agent is disabled.",
  key_revoked: "The key it was proposed with has ended.",
  connection_ended: "A connection it needs is gone, or not the agent's any more.",
  grant_ended: "Its owner is disconnected from a connection it needs.",
};

/** Something that the plan stands on was taken back (PLN-7). */
export class PlanFaultError extends StudioError {
  readonly code = "plans.not_live";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "none" };
  readonly fault: EndReason;
  constructor(fault: EndReason) {
    super(`plan cannot go on: ${fault}`);
    this.fault = fault;
    this.userMessage = `This plan cannot go on. ${faultWords[fault] ?? "Something it needs was taken back."} Propose it again.`;
  }
}
