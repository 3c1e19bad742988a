import { raiseRequest } from "#lib/connection-requests/raise-request.ts";
import type { AgentRequestJson, RequestInput } from "#lib/connection-requests/schema.ts";
import { waitForAnswer } from "#lib/connection-requests/wait-for-answer.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { createHandles } from "#lib/mcp/handles.ts";
import type { ToolAnswer, ToolCall } from "#lib/mcp/tool.ts";

/** One call waits so long; clients give up on silence after a minute, and progress is told meanwhile. */
const WAIT_SECONDS = 25;

/**
 * Asks the agent's owner for a connection. A client that can show a person something is asked to show them
 * where to answer, and comes back (elicitation); for others the answer says where, with a handle to wait by.
 *
 * @returns the connection once the owner gave one; else what the caller has to be told
 */
export async function askForConnection(
  deps: McpDeps,
  call: ToolCall,
  input: RequestInput,
): Promise<{ kind: "ready"; connectionId: string } | ToolAnswer> {
  const { agent, requestId } = call;
  const request =
    call.waitsFor === null
      ? await raiseRequest(deps, agent, input, requestId)
      : await waitOn(deps, call, call.waitsFor, call.isDeclined ? 0 : WAIT_SECONDS);
  if (request.isReady && request.connection) {
    return { kind: "ready", connectionId: request.connection.id };
  }
  if (call.asks !== null && !call.isDeclined && request.state === "waiting") {
    return { kind: "ask", message: askWords, url: request.url, waitsFor: request.id };
  }
  return { kind: "answer", structured: waitingAnswer(deps, call, request) };
}

/** Waits a while for what the owner says. */
export const waitOn = (
  deps: McpDeps,
  { agent, signal, stopping }: ToolCall,
  id: string,
  waitSeconds: number,
): Promise<AgentRequestJson> =>
  waitForAnswer(deps, agent, id, { waitSeconds, signal: AbortSignal.any([signal, stopping]) });

const askWords =
  "This agent needs a connection from you. Open the studio to choose or connect one, or to say no. The call goes on once you have answered.";

export function waitingAnswer(
  deps: McpDeps,
  { agent }: ToolCall,
  { id, url, state, expiresAt }: AgentRequestJson,
): JsonObject {
  const handle = createHandles(deps).make("connection-request", agent, "", id);
  return {
    status: "waiting_for_connection",
    connectionRequest: { url, handle, state, expiresAt, next: nextWords[state] },
  };
}

const nextWords: Readonly<Record<AgentRequestJson["state"], string>> = {
  waiting:
    "Show the person the url. Then call request_connection with the handle to wait for the answer, and make this call again.",
  answered: "The owner chose a connection but is not signed in there yet. Wait with the handle.",
  declined: "The owner said no. Do not ask again; tell the person what you could not do.",
  expired: "Nobody answered in time. Ask again when the person is there.",
};
