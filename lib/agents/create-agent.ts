import { TooManyAgentsError } from "#lib/agents/errors.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import {
  checkedReaches,
  noReaches,
  recordWriteChanges,
  widenedWrites,
} from "#lib/agents/reaches.ts";
import { announceAgent, countAgents, insertAgent, replaceReaches } from "#lib/agents/repository.ts";
import { requireJustProven } from "#lib/agents/require-agent.ts";
import type { AgentInput, AgentJson } from "#lib/agents/schema.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type DatabaseOrTransaction, inTransaction, type Transaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { requireStanding } from "#lib/team/standing.ts";

export type AgentDeps = { db: DatabaseOrTransaction; clock: Clock; random: Random };
/** For what takes an agent, or a key of it, out of use. */
export type EndAgentDeps = AgentDeps & {
  /** Ends what rooms above hold of it, in the same transaction: its open plans, or those of one key. */
  onAgentEnded(
    tx: Transaction,
    principal: Principal,
    of: { teamId: string; agentId: string; keyId?: string; isDeleted?: boolean },
  ): Promise<void>;
};

const AGENTS_MOST = 200;

/**
 * Makes an agent of the principal's own. It has no key yet, and so does nothing.
 *
 * @throws {InvalidInputError} a connection that is not the team's, or a time that cannot be
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} build mode, from a session not just proven
 * @throws {TooManyAgentsError} the person has two hundred
 */
export async function createAgent(
  deps: AgentDeps,
  principal: Principal,
  input: AgentInput,
  requestId?: string,
): Promise<AgentJson> {
  const { teamId, userId: ownerId } = principal;
  const { connections: _, ...chosen } = input;
  const { name, mode } = chosen;
  return inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "agent.create");
    if ((await countAgents(tx, { teamId, ownerId })) >= AGENTS_MOST) {
      throw new TooManyAgentsError(`A person can have ${AGENTS_MOST} agents. Delete one first.`);
    }
    const reaches = await checkedReaches(tx, deps, principal, input, noReaches);
    if (mode === "build" || widenedWrites(noReaches, reaches).length > 0) {
      await requireJustProven(tx, deps, principal);
    }
    const agent = { id: deps.random.uuid(), teamId, ownerId, ...chosen };
    await insertAgent(tx, { ...agent, createdAt: deps.clock.now() });
    await replaceReaches(tx, agent.id, rowsOf(reaches));
    await recordEvent(tx, deps, {
      action: "agent.created",
      principal,
      target: { kind: "agent", id: agent.id },
      result: "success",
      detail: { name, mode, connections: [...reaches.keys()] },
      ...(requestId ? { requestId } : {}),
    });
    await recordWriteChanges(tx, deps, principal, agent, noReaches, reaches);
    await announceAgent(tx, agent.id);
    return getAgent({ ...deps, db: tx }, principal, agent.id);
  });
}

export const rowsOf = (reaches: ReadonlyMap<string, { directWritesUntil: Date | null }>) =>
  [...reaches].map(([connectionId, reach]) => ({ connectionId, ...reach }));
