import type { Hono } from "hono";
import type { AgentEnv, AgentRouteMaker } from "#lib/agent-api/route.ts";
import { listOperations } from "#lib/operations/list-operations.ts";
import {
  agentOperationQuerySchema,
  MAX_OPERATION_BYTES,
  operationCallSchema,
  operationParamsSchema,
} from "#lib/operations/schema.ts";
import { type CallOperationDeps, callOperation } from "#lib/plans/call-operation.ts";

export type OperationRoutesDeps = CallOperationDeps;

/** What an agent can do at its providers by name: reads answer, writes become plans. */
export function addOperationRoutes(
  app: Hono<AgentEnv>,
  deps: OperationRoutesDeps,
  agentRoute: AgentRouteMaker,
): void {
  app.get(
    "/api/broker/operations",
    agentRoute({ query: agentOperationQuerySchema }, async ({ agent, query }) => ({
      status: 200,
      json: await listOperations(deps, agent, query),
    })),
  );
  app.post(
    "/api/broker/operations/:operationId",
    agentRoute(
      {
        body: operationCallSchema,
        mostBytes: MAX_OPERATION_BYTES,
        params: operationParamsSchema,
      },
      async ({ agent, body, params, requestId, leaving }) => {
        const call = { ...body, ...params };
        const called = await callOperation(deps, agent, call, { requestId, signal: leaving() });
        return called.kind === "plan"
          ? { status: 202, json: called.plan }
          : { status: 200, json: { result: called.result, rows: called.rows } };
      },
    ),
  );
}
