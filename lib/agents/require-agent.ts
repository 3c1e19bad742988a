import { type AgentRow, lockAgent } from "#lib/agents/repository.ts";
import { requireRecentSignIn } from "#lib/auth/recent-sign-in.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireFreshSecondFactor } from "#lib/core/second-factor.ts";
import type { Transaction } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import { requireStanding } from "#lib/team/standing.ts";

/**
 * The agent, held until the transaction ends, for somebody who may do this to it as they stand in the
 * team now. An agent is its owner's alone: an admin sees it and can end it, never change or use it (TEN-4).
 *
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 * @throws {ForbiddenError} seen, but not theirs to change
 * @throws {SecondFactorRequiredError} an admin's, without a second factor
 */
export async function requireAgent(
  tx: Transaction,
  principal: Principal,
  agentId: string,
  action: "agent.edit" | "agent.end",
): Promise<AgentRow> {
  const doer = await requireStanding(tx, principal);
  const agent = await lockAgent(tx, principal, agentId);
  const of = { ownerId: agent?.ownerId ?? null };
  if (!agent || !mayDo(doer, "agent.read", of)) throw new NotFoundError();
  requireMay(
    doer,
    action,
    of,
    "An agent is its owner's: only they change it and make keys for it.",
  );
  return agent;
}

/**
 * For what gives an agent more than it has: a session left open must not be enough. Whoever has a second
 * factor gave it just now; whoever has none signed in lately.
 *
 * @throws {SecondFactorRequiredError | RecentSignInNeededError}
 */
export async function requireJustProven(
  tx: Transaction,
  deps: { clock: Clock },
  principal: Principal,
): Promise<void> {
  if (principal.hasSecondFactor) requireFreshSecondFactor(principal, deps.clock);
  else await requireRecentSignIn({ ...deps, db: tx }, principal);
}
