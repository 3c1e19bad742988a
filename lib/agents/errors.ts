import { type Remedy, StudioError } from "#lib/core/errors.ts";

export class TooManyAgentsError extends StudioError {
  readonly code = "agents.too_many";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(userMessage: string) {
    super(userMessage);
    this.userMessage = userMessage;
  }
}

/** A key was asked for an agent that nobody may use just now. */
export class AgentDisabledError extends StudioError {
  readonly code = "agents.disabled";
  readonly status = 409;
  readonly userMessage = "This agent is disabled. Enable it first.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** The key to be replaced has ended or was revoked. */
export class KeyOverError extends StudioError {
  readonly code = "agents.key_over";
  readonly status = 409;
  readonly userMessage = "This key has ended already. Make a new one instead.";
  readonly remedy: Remedy = { do: "fix-input" };
}

const budgetWords = {
  calls: "calls",
  rows: "rows read",
  sends: "people written to",
} as const;
export type BudgetKind = keyof typeof budgetWords;

/** The agent has used up what its owner lets it use in a day (BRK-9). */
export class BudgetSpentError extends StudioError {
  readonly code = "agents.budget_spent";
  readonly status = 429;
  readonly userMessage: string;
  readonly remedy: Remedy;
  constructor(kind: BudgetKind, limit: number, retryAfterSeconds: number) {
    super(`budget of ${kind} spent`);
    this.userMessage = `This agent's owner lets it have ${limit.toLocaleString("en")} ${budgetWords[kind]} a day, and this would go beyond that. It begins anew at midnight UTC; the owner can allow more on the agent's page.`;
    this.remedy = { do: "retry", afterSeconds: retryAfterSeconds };
  }
}
