import {
  type CompleteRequestParams,
  type CompleteResult,
  type ListResourcesResult,
  type ReadResourceResult,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { listAgentConnections } from "#lib/broker/list-agent-connections.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { planAnswer } from "#lib/mcp/plan-answer.ts";
import { inertJson, present, providerNote } from "#lib/mcp/provider-content.ts";
import { connectionJson, connectionsPage } from "#lib/mcp/studio-tools.ts";
import { getPlan } from "#lib/plans/get-plan.ts";

const connectionsUri = "studio://connections";
const plansUri = "studio://plans";
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
  {
    name: "plan",
    title: "One plan",
    uriTemplate: "studio://plans/{id}",
    description: "A plan of yours: how it stands, and its steps with what came of them.",
    mimeType,
  },
];

/** The same for every agent: what is in them is their own. */
export const listedResources: ListResourcesResult = {
  resources: [
    {
      uri: connectionsUri,
      name: "connections",
      title: "Your connections",
      description: "The orgs and business units that you may use.",
      mimeType,
    },
  ],
};

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
  const found = (await findConnections(deps, agent, uri)) ?? (await findPlan(deps, agent, uri));
  if (found === null) throw new ResourceNotFoundError(uri);
  return { contents: [{ uri, mimeType, text: inertJson(found) }] };
}

async function findConnections(
  deps: McpDeps,
  agent: AgentPrincipal,
  uri: string,
): Promise<JsonObject | null> {
  // A resource has no pages: `nextCursor` is for connections_list.
  if (uri === connectionsUri) return connectionsPage(deps, agent, { limit: pageSize });
  const id = idOf(uri, connectionsUri);
  if (id === null || !agent.connections.has(id)) return null;
  const { items } = await listAgentConnections(deps, agent, { limit: pageSize });
  const one = items.find((connection) => connection.id === id);
  return one ? { note: providerNote, data: present(connectionJson(one)).data } : null;
}

async function findPlan(
  deps: McpDeps,
  agent: AgentPrincipal,
  uri: string,
): Promise<JsonObject | null> {
  const id = idOf(uri, plansUri);
  if (id === null) return null;
  try {
    return await planAnswer(deps, agent, await getPlan(deps, agent, id));
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

const idOf = (uri: string, folder: string): string | null => {
  const id = uri.startsWith(`${folder}/`) ? uri.slice(folder.length + 1) : "";
  return z.uuid().safeParse(id).data ?? null;
};

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
