import type { Hono } from "hono";
import type { AgentEnv, AgentRouteMaker } from "#lib/agent-api/route.ts";
import { type NotedCallDeps, notedCall } from "#lib/agents/noted-call.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { getPlan, listPlans } from "#lib/plans/get-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { type ProposeDeps, proposePlan } from "#lib/plans/propose-plan.ts";
import { proposeProxiedCall } from "#lib/plans/propose-proxied-call.ts";
import {
  AGENT_PLAN_BYTES,
  agentPlanInputSchema,
  type PlanJson,
  PROXIED_CALL_BYTES,
  planEditSchema,
  planParamsSchema,
  planQuerySchema,
  planWaitSchema,
  proxiedCallInputSchema,
  stepParamsSchema,
  stepQuerySchema,
} from "#lib/plans/schema.ts";
import { type WaitForPlanDeps, waitForPlan } from "#lib/plans/wait-for-plan.ts";

export type PlanRoutesDeps = ProposeDeps & WaitForPlanDeps & NotedCallDeps;

/**
 * An agent proposes, follows, changes and takes back plans; in build mode it also lets one be applied that
 * its owner approved. Nothing here approves (PLN-6).
 */
export function addPlanRoutes(
  app: Hono<AgentEnv>,
  deps: PlanRoutesDeps,
  agentRoute: AgentRouteMaker,
): void {
  /** What changes something counts as a call and stands in the agent's log. */
  const noted = async <T extends object>(
    agent: AgentPrincipal,
    operation: string,
    work: () => Promise<T>,
    rowsOf: (done: T) => number = () => 0,
  ): Promise<T> => {
    const call = { door: "plan", operation, effect: "write", connectionId: null } as const;
    const { done } = await notedCall(deps, agent, call, async () => {
      const done = await work();
      return { done, rows: rowsOf(done) };
    });
    return done;
  };
  /** What a plan's previews show of records counts as read (BRK-9). */
  const recordsOf = ({ records }: PlanJson) => records;
  const one = "/api/broker/plans/:planId";

  app.get(
    "/api/broker/plans",
    agentRoute({ query: planQuerySchema }, async ({ agent, query }) => ({
      status: 200,
      json: await listPlans(deps, agent, query),
    })),
  );
  app.post(
    "/api/broker/plans",
    agentRoute(
      { body: agentPlanInputSchema, mostBytes: AGENT_PLAN_BYTES },
      async ({ agent, body, requestId, leaving }) => ({
        status: 201,
        json: await noted(
          agent,
          "plan.propose",
          () => proposePlan(deps, agent, body, { requestId, signal: leaving() }),
          recordsOf,
        ),
      }),
    ),
  );
  app.post(
    "/api/broker/plans/from-call",
    agentRoute(
      { body: proxiedCallInputSchema, mostBytes: PROXIED_CALL_BYTES },
      async ({ agent, body, requestId, leaving }) => ({
        status: 201,
        json: await noted(agent, "plan.propose_call", () =>
          proposeProxiedCall(deps, agent, body, { requestId, signal: leaving() }),
        ),
      }),
    ),
  );
  app.get(
    one,
    agentRoute(
      { params: planParamsSchema, query: planWaitSchema },
      async ({ agent, params, query, leaving, stopping }) => ({
        status: 200,
        json: await waitForPlan(deps, agent, params.planId, {
          ...query,
          signal: AbortSignal.any([leaving(), stopping]),
        }),
      }),
    ),
  );
  app.put(
    one,
    agentRoute(
      { params: planParamsSchema, body: planEditSchema, mostBytes: AGENT_PLAN_BYTES },
      async ({ agent, params, body, requestId, leaving }) => ({
        status: 200,
        json: await noted(
          agent,
          "plan.edit",
          () => editPlan(deps, agent, params.planId, body, { requestId, signal: leaving() }),
          recordsOf,
        ),
      }),
    ),
  );
  app.get(
    `${one}/steps`,
    agentRoute(
      { params: planParamsSchema, query: stepQuerySchema },
      async ({ agent, params, query }) => ({
        status: 200,
        json: await listPlanSteps(deps, agent, params.planId, query),
      }),
    ),
  );
  app.get(
    `${one}/steps/:position`,
    agentRoute({ params: stepParamsSchema }, async ({ agent, params: { planId, position } }) => ({
      status: 200,
      json: await getPlanStep(deps, agent, planId, position),
    })),
  );
  app.post(
    `${one}/apply`,
    agentRoute({ params: planParamsSchema }, async ({ agent, params: { planId }, requestId }) => ({
      status: 202,
      json: await noted(agent, "plan.apply", async () => {
        await applyPlan(deps, agent, planId, { requestId });
        return getPlan(deps, agent, planId);
      }),
    })),
  );
  app.post(
    `${one}/cancel`,
    agentRoute({ params: planParamsSchema }, async ({ agent, params: { planId }, requestId }) => ({
      status: 200,
      json: await noted(agent, "plan.cancel", () => cancelPlan(deps, agent, planId, requestId)),
    })),
  );
}
