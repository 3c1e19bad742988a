import type { Hono } from "hono";
import type { AgentEnv, AgentRouteMaker } from "#lib/agent-api/route.ts";
import { type RaiseRequestDeps, raiseRequest } from "#lib/connection-requests/raise-request.ts";
import {
  requestInputSchema,
  requestParamsSchema,
  waitQuerySchema,
} from "#lib/connection-requests/schema.ts";
import { type WaitDeps, waitForAnswer } from "#lib/connection-requests/wait-for-answer.ts";

export type ConnectionRequestRoutesDeps = RaiseRequestDeps & WaitDeps;

/** Asking one's owner for a connection, and waiting for what they say. */
export function addConnectionRequestRoutes(
  app: Hono<AgentEnv>,
  deps: ConnectionRequestRoutesDeps,
  agentRoute: AgentRouteMaker,
): void {
  app.post(
    "/api/broker/connection-requests",
    agentRoute({ body: requestInputSchema }, async ({ agent, body, requestId }) => ({
      status: 202,
      json: await raiseRequest(deps, agent, body, requestId),
    })),
  );
  app.get(
    "/api/broker/connection-requests/:requestId",
    agentRoute(
      { params: requestParamsSchema, query: waitQuerySchema },
      async ({ agent, params, query, leaving, stopping }) => ({
        status: 200,
        json: await waitForAnswer(deps, agent, params.requestId, {
          ...query,
          signal: AbortSignal.any([leaving(), stopping]),
        }),
      }),
    ),
  );
}
