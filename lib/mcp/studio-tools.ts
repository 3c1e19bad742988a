import { z } from "zod";
import { listAgentConnections } from "#lib/broker/list-agent-connections.ts";
import { requestInputSchema, WAIT_SECONDS_MOST } from "#lib/connection-requests/schema.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { askForConnection, waitingAnswer, waitOn } from "#lib/mcp/ask-for-connection.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { createHandles } from "#lib/mcp/handles.ts";
import { present, providerNote } from "#lib/mcp/provider-content.ts";
import { looksOnly, studioTool, type Tool } from "#lib/mcp/tool.ts";
import { connectionRequestSchema } from "#lib/mcp/tool-schemas.ts";

const connectionsList = studioTool({
  name: "connections_list",
  title: "List your connections",
  description:
    "The Salesforce orgs and Marketing Cloud business units that you may use, each with the id that other tools want, its environment and how its owner's sign-in stands.",
  annotations: looksOnly,
  input: z.strictObject({
    nextCursor: z.uuid().optional().describe("nextCursor of the answer before, for what follows."),
    limit: z.number().int().min(1).max(200).default(50).describe("How many at most."),
  }),
  output: z.object({
    note: z.string(),
    data: z.object({ connections: z.array(z.looseObject({ id: z.string() })) }),
    nextCursor: z.string().nullable(),
  }),
  run: async (deps, { agent, input: { nextCursor: cursor, limit } }) => ({
    kind: "answer",
    structured: await connectionsPage(deps, agent, { cursor, limit }),
  }),
});

/** As many of an agent's connections as go into one answer, and from where the rest is asked for. */
export async function connectionsPage(
  deps: McpDeps,
  agent: AgentPrincipal,
  page: Parameters<typeof listAgentConnections>[2],
): Promise<JsonObject> {
  const { items, nextCursor } = await listAgentConnections(deps, agent, page);
  const { data, nextFrom } = present({ connections: items.map(connectionJson) });
  const isCut = nextFrom !== null;
  return {
    note: providerNote,
    data,
    nextCursor: isCut ? (items[nextFrom - 1]?.id ?? null) : nextCursor,
  };
}

type Connection = Awaited<ReturnType<typeof listAgentConnections>>["items"][number];

/** What a model can use of it: addresses are for programs. */
export const connectionJson = (connection: Connection): JsonObject => ({
  id: connection.id,
  name: connection.name,
  provider: connection.provider,
  environment: connection.environment,
  state: connection.state,
  username: connection.username,
  orgId: connection.orgId,
  orgName: connection.orgName,
  accountId: connection.accountId,
});

const requestConnection = studioTool({
  name: "request_connection",
  title: "Ask your owner for a connection",
  description:
    "Asks the person you work for to give you a connection, or waits for what they say to a request made before. Use it only where connections_list has none that fits.",
  annotations: { ...looksOnly, readOnlyHint: false, idempotentHint: true },
  input: requestInputSchema.extend({
    handle: z
      .string()
      .max(500)
      .optional()
      .describe("Of a request made before: wait for its answer instead of asking anew."),
    waitSeconds: z
      .number()
      .int()
      .min(0)
      .max(WAIT_SECONDS_MOST)
      .default(WAIT_SECONDS_MOST)
      .describe("With a handle: how long to wait."),
  }),
  output: {
    type: "object",
    properties: {
      status: { type: "string", enum: ["ready", "waiting_for_connection"] },
      connectionId: { type: "string", description: "Which one you have now, where it is ready." },
      connectionRequest: connectionRequestSchema,
    },
    required: ["status"],
  },
  async run(deps, call) {
    const { handle, waitSeconds, ...asked } = call.input;
    const id =
      handle === undefined
        ? null
        : createHandles(deps).open("connection-request", call.agent, "", handle);
    if (handle !== undefined && id === null) throw notAHandle();
    if (id !== null) {
      const request = await waitOn(deps, call, id, waitSeconds);
      return {
        kind: "answer",
        structured:
          request.isReady && request.connection
            ? { status: "ready", connectionId: request.connection.id }
            : waitingAnswer(deps, call, request),
      };
    }
    const answer = await askForConnection(deps, call, asked);
    return answer.kind === "ready"
      ? {
          kind: "answer",
          structured: { status: "ready", connectionId: answer.connectionId },
        }
      : answer;
  },
});

const notAHandle = () =>
  new InvalidInputError("This handle is not one of yours, or it is too old. Ask without it.", [
    { path: "handle", message: "Not a handle of yours." },
  ]);

/** What there is for every agent, before the operations. */
export const studioTools: readonly Tool[] = [connectionsList, requestConnection];
