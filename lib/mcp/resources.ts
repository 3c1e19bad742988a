import {
  type CompleteRequestParams,
  type CompleteResult,
  type ListResourcesResult,
  type ReadResourceResult,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import { listAgentConnections } from "#lib/broker/list-agent-connections.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { inertJson, present, providerNote } from "#lib/mcp/provider-content.ts";
import { connectionJson } from "#lib/mcp/studio-tools.ts";

const connectionsUri = "studio://connections";
const mimeType = "application/json";
const MAX_COMPLETIONS = 100;
const pageSize = 200;

export const resourceTemplates = [
  {
    name: "connection",
    title: "One connection",
    uriTemplate: "studio://connections/{id}",
    description: "An org or business unit that you may use, and how its owner's sign-in stands.",
    mimeType,
  },
];

/** The same for every agent: what is in them is their own. */
export const listResources = (_deps: McpDeps, _agent: AgentPrincipal): ListResourcesResult => ({
  resources: [
    {
      uri: connectionsUri,
      name: "connections",
      title: "Your connections",
      description: "The orgs and business units that you may use.",
      mimeType,
    },
  ],
});

/**
 * What is behind an address of ours, for this agent.
 *
 * @throws {ResourceNotFoundError} none, or not theirs (TEN-2)
 */
export async function readResource(
  deps: McpDeps,
  agent: AgentPrincipal,
  uri: string,
): Promise<ReadResourceResult> {
  const found = await find(deps, agent, uri);
  if (found === null) throw new ResourceNotFoundError(uri);
  const { data } = present(found);
  return { contents: [{ uri, mimeType, text: inertJson({ note: providerNote, data }) }] };
}

async function find(deps: McpDeps, agent: AgentPrincipal, uri: string): Promise<JsonObject | null> {
  const connections = async () =>
    (await listAgentConnections(deps, agent, { limit: pageSize })).items.map(connectionJson);
  if (uri === connectionsUri) return { connections: await connections() };
  const id = /^studio:\/\/connections\/([0-9a-f-]{36})$/.exec(uri)?.[1];
  if (id === undefined || !agent.connections.has(id)) return null;
  return (await connections()).find((connection) => connection.id === id) ?? null;
}

/** Ids of connections, wherever a prompt or an address wants one. */
export async function completeArgument(
  deps: McpDeps,
  agent: AgentPrincipal,
  { ref, argument }: CompleteRequestParams,
): Promise<CompleteResult> {
  const wantsConnection =
    (ref.type === "ref/prompt" && argument.name === "connectionId") ||
    (ref.type === "ref/resource" &&
      ref.uri === "studio://connections/{id}" &&
      argument.name === "id");
  if (!wantsConnection) return { completion: { values: [], hasMore: false } };
  const { items } = await listAgentConnections(deps, agent, { limit: pageSize });
  const values = items.map(({ id }) => id).filter((id) => id.startsWith(argument.value));
  return {
    completion: {
      values: values.slice(0, MAX_COMPLETIONS),
      hasMore: values.length > MAX_COMPLETIONS,
    },
  };
}
