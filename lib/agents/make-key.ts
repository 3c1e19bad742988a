import { hashAgentKey, hintOf, makeAgentKey, newKeyId } from "#lib/agents/agent-key.ts";
import type { AgentKeys } from "#lib/agents/agent-keys.ts";
import type { AgentDeps } from "#lib/agents/create-agent.ts";
import { AgentDisabledError, KeyOverError, TooManyAgentsError } from "#lib/agents/errors.ts";
import {
  announceAgent,
  countLiveKeys,
  endKeyAt,
  endLeaseRows,
  findKey,
  insertKey,
  type KeyFacts,
  revokeKeys,
} from "#lib/agents/repository.ts";
import { requireAgent, requireJustProven } from "#lib/agents/require-agent.ts";
import type { AgentKeyJson, KeyInput } from "#lib/agents/schema.ts";
import { stateOf, toKeyJson } from "#lib/agents/serialize.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";

const KEYS_MOST = 10;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Makes a key for an agent of the principal's own. The studio keeps its keyed hash alone: what is returned
 * is known this one time (BRK-1). Where it takes another key's place, that one goes on for the overlap
 * asked for, a day at most, and then ends by itself.
 *
 * @throws {NotFoundError} no such agent, or no such key of it to replace
 * @throws {ForbiddenError} a teammate's, whatever the role
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} from a session not just proven
 * @throws {AgentDisabledError | KeyOverError | TooManyAgentsError}
 */
export async function makeKey(
  deps: AgentDeps & { agentKeys: Pick<AgentKeys, "hashingKey"> },
  principal: Principal,
  agentId: string,
  input: KeyInput,
  requestId?: string,
): Promise<{ key: Secret; facts: AgentKeyJson }> {
  return inTransaction(deps.db, async (tx) => {
    const agent = await requireAgent(tx, principal, agentId, "agent.edit");
    await requireJustProven(tx, deps, principal);
    if (agent.disabledAt !== null) throw new AgentDisabledError();
    const now = deps.clock.now();
    const replaced = input.replaces && (await endReplaced(tx, agent, input.replaces, now));
    if ((await countLiveKeys(tx, agentId, now)) >= KEYS_MOST + (replaced ? 1 : 0)) {
      throw new TooManyAgentsError(`An agent can have ${KEYS_MOST} keys. Revoke one first.`);
    }
    const id = newKeyId(deps.random);
    const key = makeAgentKey(deps.random, id);
    const facts = {
      id,
      name: input.name,
      createdAt: now,
      expiresAt: new Date(now.getTime() + input.expiresInDays * DAY_MS),
    };
    await insertKey(tx, {
      ...facts,
      agentId,
      teamId: agent.teamId,
      secretHash: hashAgentKey(deps.agentKeys.hashingKey, key.reveal()),
    });
    await recordEvent(tx, deps, {
      action: "agent_key.made",
      principal,
      target: { kind: "agent", id: agentId },
      result: "success",
      detail: {
        name: agent.name,
        key: hintOf(id),
        keyId: id,
        keyName: facts.name,
        expiresAt: facts.expiresAt.toISOString(),
        ...replaced,
      },
      ...(requestId ? { requestId } : {}),
    });
    await announceAgent(tx, agentId);
    return {
      key,
      facts: toKeyJson({ ...facts, revokedAt: null, lastUsedAt: null, networks: [] }, now),
    };
  });
}

async function endReplaced(
  tx: Transaction,
  agent: { id: string; teamId: string },
  { keyId, overlapMinutes }: NonNullable<KeyInput["replaces"]>,
  now: Date,
): Promise<{ replaces: string; replacedEndsAt: string }> {
  const old = await findKey(tx, agent.id, keyId);
  if (!old) throw new NotFoundError();
  if (stateOf(old, now) !== "live") throw new KeyOverError();
  const endsAt = earlier(old, new Date(now.getTime() + overlapMinutes * MINUTE_MS));
  if (endsAt <= now) {
    const of = { teamId: agent.teamId, keyId };
    await revokeKeys(tx, of, now);
    await endLeaseRows(tx, of, now);
  } else await endKeyAt(tx, keyId, endsAt);
  return { replaces: keyId, replacedEndsAt: endsAt.toISOString() };
}

const earlier = ({ expiresAt }: KeyFacts, at: Date) =>
  expiresAt !== null && expiresAt < at ? expiresAt : at;
