import { isAboutAgent } from "#lib/agents/about-agent.ts";
import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { findRequestOfAgent } from "#lib/connection-requests/repository.ts";
import { type AgentRequestJson, WAIT_SECONDS_MOST } from "#lib/connection-requests/schema.ts";
import { toAgentRequestJson } from "#lib/connection-requests/serialize.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";
import type { Database } from "#lib/db/client.ts";
import { hear } from "#lib/db/hear.ts";

export type WaitDeps = AuthenticateDeps & { db: Database; studioUrl: string };

/**
 * How a request of the agent's stands, as soon as it is settled: declined, expired, or answered with a
 * connection where its owner is connected. Woken by the change feed, on whatever instance the owner
 * answered; ends when the key that waits does not count any more (BRK-11).
 *
 * @param options.waitSeconds - 0 asks how it stands now; 25 at most
 * @param options.signal - nobody waits any more: it ends with how things stand
 * @returns as it stands then, settled or not
 * @throws {NotFoundError} no such request of this agent's, or the key was taken back meanwhile
 */
export async function waitForAnswer(
  deps: WaitDeps,
  agent: AgentPrincipal,
  requestId: string,
  { waitSeconds = 0, signal }: { waitSeconds?: number; signal?: AbortSignal } = {},
): Promise<AgentRequestJson> {
  const seconds = Math.min(waitSeconds, WAIT_SECONDS_MOST);
  const timeUp = AbortSignal.timeout(seconds * 1000);
  const ended = signal ? AbortSignal.any([signal, timeUp]) : timeUp;
  // Before the first look: what is committed after it is heard.
  const ear = hear(deps.changes, (change) => couldSettle(change, agent, requestId));
  try {
    if (seconds > 0) await deps.changes.current();
    for (;;) {
      const request = await look(deps, agent, requestId);
      if (isSettled(request) || seconds === 0 || ended.aborted) return request;
      await ear.next(ended);
      if ((await agentOfKey(deps, agent.keyId)) === null) throw new NotFoundError();
    }
  } finally {
    ear.stop();
  }
}

/** Nothing more will come, as far as the agent's call is concerned. */
export const isSettled = ({ state, isReady, connection }: AgentRequestJson): boolean =>
  state === "declined" ||
  state === "expired" ||
  // Answered, and taken away again.
  (state === "answered" && (isReady || connection === null));

async function look(
  deps: WaitDeps,
  agent: AgentPrincipal,
  requestId: string,
): Promise<AgentRequestJson> {
  const row = await findRequestOfAgent(deps.db, agent, requestId);
  if (!row) throw new NotFoundError();
  return toAgentRequestJson(deps, row, deps.clock.now());
}

/** What could settle it. */
function couldSettle(change: Change | "all", agent: AgentPrincipal, requestId: string): boolean {
  if (change === "all" || isAboutAgent(change, agent)) return true;
  // The owner connects, or somebody deletes what it was answered with: told by ids not known here.
  if (change.kind === "grant" || change.kind === "connection") return true;
  return change.kind === "request" && change.id === requestId;
}
