import type { AgentActivity } from "#lib/agents/agent-activity.ts";
import { lockAgent } from "#lib/agents/repository.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { AskingNotAllowedError, TooManyRequestsError } from "#lib/connection-requests/errors.ts";
import {
  announceRequest,
  findRequestOfAgent,
  insertRequest,
  listRecentRequests,
} from "#lib/connection-requests/repository.ts";
import {
  type AgentRequestJson,
  REQUEST_MINUTES,
  type RequestInput,
  requestInputSchema,
} from "#lib/connection-requests/schema.ts";
import { toAgentRequestJson } from "#lib/connection-requests/serialize.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { findOperation } from "#lib/providers/operations.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

export type RaiseRequestDeps = {
  db: Database;
  clock: Clock;
  random: Random;
  studioUrl: string;
  agentActivity: AgentActivity;
};

/** Waiting at once for one agent; a person answers no more. */
export const WAITING_MOST = 5;
/** Asked in an hour by one agent, whatever became of it: a no is not worn down. */
export const RAISED_MOST = 20;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * Asks the agent's owner for a connection. What is asked already, with the same words for the same
 * provider, is that request: calls that come at once raise one (the agent's row is held).
 *
 * @returns the request, new or waiting; its `url` is where its owner answers
 * @throws {AskingNotAllowedError} its owner does not want to be asked
 * @throws {TooManyRequestsError} five wait already, or twenty were asked within an hour
 * @throws {InvalidInputError} no such operation, or not of that provider
 */
export async function raiseRequest(
  deps: RaiseRequestDeps,
  agent: AgentPrincipal,
  input: RequestInput,
  requestId?: string,
): Promise<AgentRequestJson> {
  const asked = parse(input);
  const beganMs = deps.clock.monotonicMs();
  const { request, isNew } = await inTransaction(deps.db, async (tx) => {
    const { agentId, teamId, ownerId } = agent;
    const row = await lockAgent(tx, agent, agentId);
    if (!row || row.disabledAt !== null) throw new NotFoundError();
    if (!row.asksForConnections) throw new AskingNotAllowedError();
    const now = deps.clock.now();
    const since = new Date(now.getTime() - hourMs);
    const { waiting, raisedAt } = await listRecentRequests(tx, agentId, { now, since });
    const same = waiting.find(
      ({ provider, reason }) => provider === asked.provider && reason === asked.reason,
    );
    const id = same?.id ?? deps.random.uuid();
    if (same === undefined) {
      refuseTooMany(waiting, raisedAt, now);
      const expiresAt = new Date(now.getTime() + REQUEST_MINUTES * minuteMs);
      await insertRequest(tx, {
        id,
        teamId,
        ownerId,
        agentId,
        ...asked,
        createdAt: now,
        expiresAt,
      });
      await recordEvent(tx, deps, {
        action: "connection_request.raised",
        principal: agent,
        target: { kind: "agent", id: agentId },
        result: "success",
        // Not what the agent wrote: that is a stranger's text (AUD-5).
        detail: { name: row.name, provider: asked.provider, operation: asked.operationId },
        ...(requestId ? { requestId } : {}),
      });
      await announceRequest(tx, id);
    }
    const found = await findRequestOfAgent(tx, agent, id);
    if (!found) throw new NotFoundError();
    return { request: toAgentRequestJson(deps, found, now), isNew: same === undefined };
  });
  if (isNew) {
    deps.agentActivity.note(agent, {
      door: "request",
      connectionId: null,
      operation: asked.operationId ?? "connection-request",
      effect: "ask",
      status: null,
      code: null,
      durationMs: deps.clock.monotonicMs() - beganMs,
    });
  }
  return request;
}

function parse(input: RequestInput): {
  provider: ProviderName | null;
  reason: string;
  operationId: string | null;
} {
  const parsed = requestInputSchema.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error);
  const { provider = null, reason, operationId = null } = parsed.data;
  if (operationId === null) return { provider, reason, operationId };
  const operation = findOperation(operationId);
  if (operation === null) throw refusal("operationId", "There is no operation of this name.");
  if (provider !== null && provider !== operation.provider) {
    throw refusal("provider", "This operation is not of this provider.");
  }
  return { provider: operation.provider, reason, operationId };
}

const refusal = (path: string, message: string) =>
  new InvalidInputError(message, [{ path, message }]);

function refuseTooMany(
  waiting: readonly { expiresAt: Date }[],
  raisedAt: readonly Date[],
  now: Date,
): void {
  const secondsUntil = (ms: number) => Math.max(1, Math.ceil((ms - now.getTime()) / 1000));
  const [soonest] = waiting;
  if (soonest && waiting.length >= WAITING_MOST) {
    throw new TooManyRequestsError(
      `${WAITING_MOST} requests of this agent wait for its owner's answer already. Wait for one of them.`,
      secondsUntil(soonest.expiresAt.getTime()),
    );
  }
  const [first] = raisedAt;
  if (first && raisedAt.length >= RAISED_MOST) {
    throw new TooManyRequestsError(
      `This agent has asked ${RAISED_MOST} times within an hour. Its owner can give it connections on its page.`,
      secondsUntil(first.getTime() + hourMs),
    );
  }
}
