import {
  agentConnectionQuerySchema,
  issuedLeaseSchema,
  leaseRequestSchema,
} from "#lib/broker/schema.ts";
import {
  agentRequestSchema,
  requestInputSchema,
  waitQuerySchema,
} from "#lib/connection-requests/schema.ts";
import { agentConnectionListSchema } from "#lib/openapi/named-schemas.ts";
import { type DescribedRoute, nothing, routesOf, says } from "#lib/openapi/route.ts";
import {
  agentOperationQuerySchema,
  operationCallSchema,
  operationListSchema,
  operationResultSchema,
} from "#lib/operations/schema.ts";
import {
  agentPlanInputSchema,
  planEditSchema,
  planListSchema,
  planQuerySchema,
  planSchema,
  planWaitSchema,
  proxiedCallInputSchema,
  stepDetailSchema,
  stepListSchema,
  stepQuerySchema,
} from "#lib/plans/schema.ts";

const agent = routesOf("For agents", "agentKey");
const plan = "/api/broker/plans/{planId}";

/** The agents' surface; each operation of the registry has a path of its own beside these. */
export const agentRoutes: readonly DescribedRoute[] = [
  agent(
    "get",
    "/api/broker/connections",
    "What this agent may use",
    { 200: says("Connections, in a fixed order", agentConnectionListSchema) },
    { query: agentConnectionQuerySchema },
  ),
  agent(
    "post",
    "/api/broker/leases",
    "Borrow a connection for up to twenty minutes",
    { 201: says("The lease; an access token only where the owner allows it", issuedLeaseSchema) },
    { body: leaseRequestSchema },
  ),
  agent(
    "delete",
    "/api/broker/leases/{leaseId}",
    "Give a lease back",
    nothing("It serves nobody any more"),
  ),
  agent(
    "get",
    "/api/broker/operations",
    "Operations this agent can run, with their schemas",
    { 200: says("In the registry's order", operationListSchema) },
    { query: agentOperationQuerySchema },
  ),
  agent(
    "post",
    "/api/broker/operations/{operationId}",
    "Run any operation by its id; each has its own schemas at its own path",
    {
      200: says("What a read answers", operationResultSchema),
      202: says("The plan that a write became", planSchema),
    },
    { body: operationCallSchema },
  ),
  agent(
    "post",
    "/api/broker/connection-requests",
    "Ask the owner for a connection",
    { 202: says("Waiting for the owner", agentRequestSchema) },
    { body: requestInputSchema },
  ),
  agent(
    "get",
    "/api/broker/connection-requests/{requestId}",
    "How a request stands; waits for its answer",
    { 200: says("As it stands", agentRequestSchema) },
    { query: waitQuerySchema },
  ),
  agent(
    "get",
    "/api/broker/plans",
    "Plans this agent proposed",
    { 200: says("The newest first", planListSchema) },
    { query: planQuerySchema },
  ),
  agent(
    "post",
    "/api/broker/plans",
    "Propose several operations as one plan",
    { 201: says("The plan, for its owner to approve", planSchema) },
    { body: agentPlanInputSchema },
  ),
  agent(
    "post",
    "/api/broker/plans/from-call",
    "Propose a write that the proxy refused, exactly as it was",
    { 201: says("A plan of one step", planSchema) },
    { body: proxiedCallInputSchema },
  ),
  agent(
    "get",
    plan,
    "How a plan stands; waits for a change",
    { 200: says("As it stands", planSchema) },
    { query: planWaitSchema },
  ),
  agent(
    "put",
    plan,
    "Propose it anew: another version, and every approval counts no more",
    { 200: says("The new version", planSchema) },
    { body: planEditSchema },
  ),
  agent(
    "get",
    `${plan}/steps`,
    "Its steps",
    { 200: says("In their order", stepListSchema) },
    { query: stepQuerySchema },
  ),
  agent("get", `${plan}/steps/{position}`, "One step, with what would be sent", {
    200: says("Whole", stepDetailSchema),
  }),
  agent("post", `${plan}/apply`, "Apply a plan that its owner approved; in build mode only", {
    202: says("It is being applied", planSchema),
  }),
  agent("post", `${plan}/cancel`, "Take a plan back", {
    200: says("As it stands now", planSchema),
  }),
];
