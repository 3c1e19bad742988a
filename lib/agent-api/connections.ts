import type { Hono } from "hono";
import type { AgentEnv, AgentRouteMaker } from "#lib/agent-api/route.ts";
import {
  type ListAgentConnectionsDeps,
  listAgentConnections,
} from "#lib/broker/list-agent-connections.ts";
import { agentConnectionQuerySchema } from "#lib/broker/schema.ts";

/** What an agent may use. */
export function addConnectionRoutes(
  app: Hono<AgentEnv>,
  deps: ListAgentConnectionsDeps,
  agentRoute: AgentRouteMaker,
): void {
  app.get(
    "/api/broker/connections",
    agentRoute({ query: agentConnectionQuerySchema }, async ({ agent, query }) => ({
      status: 200,
      json: await listAgentConnections(deps, agent, query),
    })),
  );
}
