import type { EndAgentDeps } from "#lib/agents/create-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { listReaches } from "#lib/agents/repository.ts";
import { requireAgent } from "#lib/agents/require-agent.ts";
import { CONNECTIONS_MOST } from "#lib/agents/terms.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { RequestOverError } from "#lib/connection-requests/errors.ts";
import {
  announceRequest,
  findRequestOfOwner,
  lockRequestOfOwner,
  type RequestRow,
  settleRequest,
} from "#lib/connection-requests/repository.ts";
import { stateNow } from "#lib/connection-requests/request-state.ts";
import type { ConnectionRequestJson, RequestAnswer } from "#lib/connection-requests/schema.ts";
import { toConnectionRequestJson } from "#lib/connection-requests/serialize.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/**
 * Answers an agent's request, once: with a connection of the team, which the agent has from then on, by
 * the rules and with the events of an edit of the agent; or with a no. Whoever waits hears of the commit.
 *
 * @returns the request; its connection's `state` says whether the owner still has to sign in there
 * @throws {NotFoundError} absent, another team's, or not asked of this person (TEN-2, TEN-4)
 * @throws {RequestOverError} answered, declined or expired already
 * @throws {InvalidInputError} not a connection of the team, or of another provider than was asked for
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} as for an edit that widens the agent
 */
export async function answerRequest(
  deps: EndAgentDeps,
  principal: Principal,
  id: string,
  answer: RequestAnswer,
  requestId?: string,
): Promise<ConnectionRequestJson> {
  return inTransaction(deps.db, async (tx) => {
    const asked = await findRequestOfOwner(tx, principal, id);
    if (!asked) throw new NotFoundError();
    // Whoever raises holds the agent first, and so does this.
    await requireAgent(tx, principal, asked.agentId, "agent.edit");
    const request = await lockRequestOfOwner(tx, principal, id);
    if (!request) throw new NotFoundError();
    requireMay(principal, "connection_request.answer", { ownerId: request.ownerId });
    const now = deps.clock.now();
    const state = stateNow(request, now);
    if (state !== "waiting") throw new RequestOverError(state);
    const connectionId = "connectionId" in answer ? answer.connectionId : null;
    if (connectionId !== null) await giveConnection(deps, tx, principal, request, connectionId);
    await settleRequest(tx, principal, id, {
      state: connectionId === null ? "declined" : "answered",
      connectionId,
      answeredAt: now,
    });
    await recordEvent(tx, deps, {
      action: connectionId === null ? "connection_request.declined" : "connection_request.answered",
      principal,
      target: { kind: "agent", id: request.agentId },
      ...(connectionId === null ? {} : { connectionId }),
      result: "success",
      detail: { name: request.agentName },
      ...(requestId ? { requestId } : {}),
    });
    await announceRequest(tx, id);
    const answered = await findRequestOfOwner(tx, principal, id);
    if (!answered) throw new NotFoundError();
    return toConnectionRequestJson(answered, now);
  });
}

async function giveConnection(
  deps: EndAgentDeps,
  tx: Transaction,
  principal: Principal,
  { agentId, provider }: RequestRow,
  connectionId: string,
): Promise<void> {
  const connection = await findConnection(tx, principal, connectionId);
  if (!connection) throw refusal("This connection is not there any more. Choose again.");
  if (provider !== null && connection.provider !== provider) {
    throw refusal("The agent asked for a connection of the other provider.");
  }
  const reaches = await listReaches(tx, agentId);
  if (reaches.has(connectionId)) return;
  if (reaches.size >= CONNECTIONS_MOST) {
    throw refusal(`The agent has ${CONNECTIONS_MOST} connections already. Take one away first.`);
  }
  const connections = [
    ...[...reaches].map(([each, reach]) => ({ connectionId: each, ...reach })),
    { connectionId, directWritesUntil: null },
  ];
  await editAgent({ ...deps, db: tx }, principal, agentId, { connections });
}

const refusal = (message: string) =>
  new InvalidInputError(message, [{ path: "connectionId", message }]);
