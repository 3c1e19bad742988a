import type { Hono } from "hono";
import type { AgentEnv, AgentRouteMaker } from "#lib/agent-api/route.ts";
import { type EndLeaseDeps, giveBackLease } from "#lib/broker/end-lease.ts";
import { type IssueLeaseDeps, issueLease } from "#lib/broker/issue-lease.ts";
import { leaseParamsSchema, leaseRequestSchema } from "#lib/broker/schema.ts";
import { type IssuedLeaseDeps, toIssuedLeaseJson } from "#lib/broker/serialize.ts";

export type LeaseRoutesDeps = IssueLeaseDeps & EndLeaseDeps & IssuedLeaseDeps;

/** Asking for a lease, and giving it back. */
export function addLeaseRoutes(
  app: Hono<AgentEnv>,
  deps: LeaseRoutesDeps,
  agentRoute: AgentRouteMaker,
): void {
  app.post(
    "/api/broker/leases",
    agentRoute({ body: leaseRequestSchema }, async ({ agent, body, requestId }) => {
      const issued = await issueLease(deps, agent, body, { requestId });
      return { status: 201, json: toIssuedLeaseJson(deps, issued) };
    }),
  );
  app.delete(
    "/api/broker/leases/:leaseId",
    agentRoute({ params: leaseParamsSchema }, async ({ agent, params, requestId }) => {
      await giveBackLease(deps, agent, params.leaseId, { requestId });
      return { status: 204 };
    }),
  );
}
