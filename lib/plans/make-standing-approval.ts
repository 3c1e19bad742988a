import type { AgentDeps } from "#lib/agents/create-agent.ts";
import { announceAgent, listReaches } from "#lib/agents/repository.ts";
import { requireAgent, requireJustProven } from "#lib/agents/require-agent.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { GrantNotUsableError } from "#lib/broker/errors.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import {
  type ApprovalMacDeps,
  macOfStanding,
  type SignedStanding,
} from "#lib/plans/approval-mac.ts";
import { TypedNameError } from "#lib/plans/errors.ts";
import { targetOf } from "#lib/plans/plan-content.ts";
import { wronglyTyped } from "#lib/plans/plan-state.ts";
import type { PlanTarget, StandingInput, StandingJson } from "#lib/plans/schema.ts";
import { mayStand } from "#lib/plans/standing-approval.ts";
import { TooManyStandingError } from "#lib/plans/standing-approval-errors.ts";
import { countLiveStanding, insertStanding } from "#lib/plans/standing-approval-repository.ts";
import { toStandingJson } from "#lib/plans/standing-approval-serialize.ts";
import {
  STANDING_DAYS_MOST,
  STANDING_MOST,
  type StandingEffect,
} from "#lib/plans/standing-approval-terms.ts";
import type { Operation } from "#lib/providers/operation.ts";
import { findOperation } from "#lib/providers/operations.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Gives an agent its owner's word beforehand: one operation of the registry on one of its connections, so
 * many steps of so many records each, until a time at most thirty days ahead. Never for what runs code.
 * It holds for where the connection leads now, as whom its owner is connected there.
 *
 * @throws {NotFoundError | ForbiddenError} not the principal's own agent
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} a session not just proven, always
 * @throws {InvalidInputError} no such operation there, one that may not stand, or a time that cannot be
 * @throws {TypedNameError} production, and its name was not typed
 * @throws {GrantNotUsableError} the principal is not connected there
 * @throws {TooManyStandingError} the agent has fifty
 */
export async function makeStandingApproval(
  deps: AgentDeps & ApprovalMacDeps,
  principal: Principal,
  agentId: string,
  input: StandingInput,
  requestId?: string,
): Promise<StandingJson> {
  return inTransaction(deps.db, async (tx) => {
    const agent = await requireAgent(tx, principal, agentId, "agent.edit");
    const grant = await liveGrant(tx, principal, agentId, input.connectionId);
    const target = targetOf(grant);
    const { id: operationId, effect } = standingOperation(input.operationId, target);
    const { until } = input;
    const now = deps.clock.now();
    requireUntil(until, now);
    const { typedName } = input;
    if (wronglyTyped([target], { typedNames: {}, typedName }).length > 0)
      throw new TypedNameError([target.name]);
    if ((await countLiveStanding(tx, agentId, now)) >= STANDING_MOST) {
      throw new TooManyStandingError();
    }
    await requireJustProven(tx, deps, principal);
    const { connectionId, usesMost, recordsMost, appliesAtOnce } = input;
    const terms = {
      id: deps.random.uuid(),
      teamId: agent.teamId,
      ownerId: agent.ownerId,
      agentId,
      connectionId,
      operationId,
      effect,
      target,
      appliesAtOnce,
      usesMost,
      recordsMost,
      until,
      createdAt: now,
    };
    const row = { ...terms, mac: macOfStanding(deps, terms) };
    await insertStanding(tx, row);
    await recordMade(tx, deps, principal, { agentName: agent.name, terms, requestId });
    await announceAgent(tx, agentId);
    const { name: connectionName, environment } = target;
    const made = { ...row, usesLeft: usesMost, revokedAt: null, connectionName, environment };
    return toStandingJson(made, now);
  });
}

const recordMade = (
  tx: Transaction,
  deps: AgentDeps,
  principal: Principal,
  {
    agentName,
    terms,
    requestId,
  }: { agentName: string; terms: SignedStanding; requestId: string | undefined },
): Promise<void> =>
  recordEvent(tx, deps, {
    action: "standing_approval.made",
    principal,
    target: { kind: "agent", id: terms.agentId },
    connectionId: terms.connectionId,
    result: "success",
    detail: {
      name: agentName,
      operation: terms.operationId,
      standingApprovalId: terms.id,
      usesMost: terms.usesMost,
      recordsMost: terms.recordsMost,
      appliesAtOnce: terms.appliesAtOnce,
      until: terms.until.toISOString(),
    },
    ...(requestId ? { requestId } : {}),
  });

async function liveGrant(
  tx: Transaction,
  principal: Principal,
  agentId: string,
  connectionId: string,
): Promise<Grant> {
  const reaches = await listReaches(tx, agentId);
  if (!reaches.has(connectionId)) {
    throw refusal("connectionId", "The agent does not have this connection. Give it that first.");
  }
  const grant = await findOwnGrant(tx, principal, connectionId);
  if (grant?.state === "active") return grant;
  throw new GrantNotUsableError({
    connectionId,
    isNew: grant === null || grant.state === "disconnected",
  });
}

function standingOperation(
  operationId: string,
  target: PlanTarget,
): Operation & { effect: StandingEffect } {
  const operation = findOperation(operationId);
  if (operation === null || operation.provider !== target.provider) {
    throw refusal("operationId", "There is no such operation on this connection.");
  }
  const { effect } = operation;
  if (mayStand(effect)) return { ...operation, effect } as Operation & { effect: StandingEffect };
  throw refusal(
    "operationId",
    effect === "code"
      ? "What runs code is approved each time."
      : "This operation only reads. It needs no approval.",
  );
}

function requireUntil(until: Date, now: Date): void {
  const ahead = until.getTime() - now.getTime();
  if (ahead <= 0) throw refusal("until", "Choose an end that lies ahead.");
  if (ahead > STANDING_DAYS_MOST * DAY_MS) {
    throw refusal("until", `A standing approval ends within ${STANDING_DAYS_MOST} days.`);
  }
}

const refusal = (path: string, message: string) =>
  new InvalidInputError(message, [{ path, message }]);
