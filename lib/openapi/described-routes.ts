import { z } from "zod";
import {
  agentCallListSchema,
  agentInputSchema,
  agentListSchema,
  agentPatchSchema,
  agentQuerySchema,
  agentSchema,
  callQuerySchema,
  keyInputSchema,
  newKeySchema,
} from "#lib/agents/schema.ts";
import { auditListSchema, auditQuerySchema, exportQuerySchema } from "#lib/audit/schema.ts";
import {
  agentConnectionQuerySchema,
  agentConnectionSchema,
  issuedLeaseSchema,
  leaseListQuerySchema,
  leaseListSchema,
  leaseRequestSchema,
} from "#lib/broker/schema.ts";
import {
  agentRequestSchema,
  connectionRequestListSchema,
  requestAnswerSchema,
  requestInputSchema,
  requestQuerySchema,
  waitQuerySchema,
} from "#lib/connection-requests/schema.ts";
import {
  connectionDefinitionSchema,
  connectionListSchema,
  connectionPatchSchema,
  connectionQuerySchema,
  connectionSchema,
  grantSchema,
} from "#lib/connections/schema.ts";
import {
  disconnectReceiptSchema,
  flowRequestSchema,
  flowSchema,
  grantHealthSchema,
  grantPatchSchema,
  startedFlowSchema,
  testResultSchema,
} from "#lib/grants/schema.ts";
import {
  agentOperationQuerySchema,
  operationCallSchema,
  operationListSchema,
  operationQuerySchema,
  operationResultSchema,
} from "#lib/operations/schema.ts";
import {
  agentPlanInputSchema,
  approveInputSchema,
  planEditSchema,
  planListSchema,
  planQuerySchema,
  planSchema,
  planWaitSchema,
  proxiedCallInputSchema,
  rejectInputSchema,
  stepDetailSchema,
  stepListSchema,
  stepQuerySchema,
} from "#lib/plans/schema.ts";

/** One route as it is told of. `null` stands for an answer without a body. */
export type DescribedRoute = {
  method: "get" | "post" | "patch" | "delete" | "put";
  /** With `{names}`. */
  path: string;
  tag: "For agents" | "For people";
  summary: string;
  query?: z.ZodType;
  body?: z.ZodType;
  answers: Readonly<Record<number, { says: string; schema: z.ZodType | null }>>;
};

const says = (text: string, schema: z.ZodType | null) => ({ says: text, schema });
const listOf = (item: z.ZodType) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

const agents = { tag: "For agents" } as const;
const people = { tag: "For people" } as const;

/** The agents' surface but its operations, which the registry tells of. */
export const agentRoutes: readonly DescribedRoute[] = [
  {
    ...agents,
    method: "get",
    path: "/api/broker/connections",
    summary: "What this agent may use",
    query: agentConnectionQuerySchema,
    answers: { 200: says("Connections, by name", listOf(agentConnectionSchema)) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/leases",
    summary: "Borrow a connection for up to twenty minutes",
    body: leaseRequestSchema,
    answers: {
      201: says("The lease; an access token only where the owner allows it", issuedLeaseSchema),
    },
  },
  {
    ...agents,
    method: "delete",
    path: "/api/broker/leases/{leaseId}",
    summary: "Give a lease back",
    answers: { 204: says("It serves nobody any more", null) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/operations",
    summary: "Operations this agent can run, with their schemas",
    query: agentOperationQuerySchema,
    answers: { 200: says("In the registry's order", operationListSchema) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/connection-requests",
    summary: "Ask the owner for a connection",
    body: requestInputSchema,
    answers: { 202: says("Waiting for the owner", agentRequestSchema) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/connection-requests/{requestId}",
    summary: "How a request stands; waits for its answer",
    query: waitQuerySchema,
    answers: { 200: says("As it stands", agentRequestSchema) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/plans",
    summary: "Plans this agent proposed",
    query: planQuerySchema,
    answers: { 200: says("The newest first", planListSchema) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/plans",
    summary: "Propose several operations as one plan",
    body: agentPlanInputSchema,
    answers: { 201: says("The plan, for its owner to approve", planSchema) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/plans/from-call",
    summary: "Propose a write that the proxy refused, exactly as it was",
    body: proxiedCallInputSchema,
    answers: { 201: says("A plan of one step", planSchema) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/plans/{planId}",
    summary: "How a plan stands; waits for a change",
    query: planWaitSchema,
    answers: { 200: says("As it stands", planSchema) },
  },
  {
    ...agents,
    method: "put",
    path: "/api/broker/plans/{planId}",
    summary: "Propose it anew: another version, and every approval counts no more",
    body: planEditSchema,
    answers: { 200: says("The new version", planSchema) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/plans/{planId}/steps",
    summary: "Its steps",
    query: stepQuerySchema,
    answers: { 200: says("In their order", stepListSchema) },
  },
  {
    ...agents,
    method: "get",
    path: "/api/broker/plans/{planId}/steps/{position}",
    summary: "One step, with what would be sent",
    answers: { 200: says("Whole", stepDetailSchema) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/plans/{planId}/apply",
    summary: "Apply a plan that its owner approved; in build mode only",
    answers: { 202: says("It is being applied", planSchema) },
  },
  {
    ...agents,
    method: "post",
    path: "/api/broker/plans/{planId}/cancel",
    summary: "Take a plan back",
    answers: { 200: says("As it stands now", planSchema) },
  },
];

/** What programs of people build on; the rest of the pages' JSON serves our pages alone. */
export const personRoutes: readonly DescribedRoute[] = [
  {
    ...people,
    method: "get",
    path: "/api/connections",
    summary: "Connections of the team",
    query: connectionQuerySchema,
    answers: { 200: says("A page of them", connectionListSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/connections",
    summary: "Define a connection",
    body: connectionDefinitionSchema,
    answers: { 201: says("Defined; nobody is signed in to it yet", connectionSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/connections/{connectionId}",
    summary: "One connection, with your own sign-in",
    answers: { 200: says("As it stands", connectionSchema) },
  },
  {
    ...people,
    method: "patch",
    path: "/api/connections/{connectionId}",
    summary: "Rename or redefine it",
    body: connectionPatchSchema,
    answers: { 200: says("As it stands now", connectionSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/connections/{connectionId}/flows",
    summary: "Begin a sign-in at the provider",
    body: flowRequestSchema,
    answers: { 201: says("Where to go, in this browser", startedFlowSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/flows/{flowId}",
    summary: "How a sign-in stands",
    answers: { 200: says("As it stands", flowSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/connections/{connectionId}/leases",
    summary: "Leases under way on a connection",
    query: leaseListQuerySchema,
    answers: { 200: says("Those that end last first", leaseListSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/grants/{grantId}",
    summary: "Your own sign-in",
    answers: { 200: says("Never a token", grantSchema) },
  },
  {
    ...people,
    method: "patch",
    path: "/api/grants/{grantId}",
    summary: "Allow or stop handing out its access token",
    body: grantPatchSchema,
    answers: { 200: says("As it stands now", grantSchema) },
  },
  {
    ...people,
    method: "delete",
    path: "/api/grants/{grantId}",
    summary: "Disconnect",
    answers: { 200: says("What was revoked, and what was not", disconnectReceiptSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/grants/{grantId}/test",
    summary: "One harmless call",
    answers: { 200: says("How it went", testResultSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/grants/{grantId}/health",
    summary: "How it served over seven days",
    answers: { 200: says("Counted by the hour", grantHealthSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/agents",
    summary: "Agents",
    query: agentQuerySchema,
    answers: { 200: says("Your own first", agentListSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/agents",
    summary: "Make an agent",
    body: agentInputSchema,
    answers: { 201: says("It has no key yet", agentSchema) },
  },
  {
    ...people,
    method: "patch",
    path: "/api/agents/{agentId}",
    summary: "Change an agent",
    body: agentPatchSchema,
    answers: { 200: says("As it stands now", agentSchema) },
  },
  {
    ...people,
    method: "delete",
    path: "/api/agents/{agentId}",
    summary: "Delete an agent with its keys",
    answers: { 204: says("Gone", null) },
  },
  {
    ...people,
    method: "post",
    path: "/api/agents/{agentId}/keys",
    summary: "Make a key",
    body: keyInputSchema,
    answers: { 201: says("The key, this one time", newKeySchema) },
  },
  {
    ...people,
    method: "delete",
    path: "/api/agents/{agentId}/keys/{keyId}",
    summary: "Revoke a key",
    answers: { 200: says("As it stands now", agentSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/operations",
    summary: "Operations you can run on a connection",
    query: operationQuerySchema,
    answers: { 200: says("In the registry's order", operationListSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/operations/{operationId}",
    summary: "Run an operation by hand",
    body: operationCallSchema,
    answers: {
      200: says("What a read answers; a write answers 202 with its plan", operationResultSchema),
    },
  },
  {
    ...people,
    method: "get",
    path: "/api/plans",
    summary: "Plans",
    query: planQuerySchema,
    answers: { 200: says("The newest first", planListSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/plans/{planId}",
    summary: "One plan, with what its approval has to bring",
    answers: { 200: says("As it stands", planSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/plans/{planId}/steps",
    summary: "Its steps, with what would change",
    query: stepQuerySchema,
    answers: { 200: says("In their order", stepListSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/plans/{planId}/approve",
    summary: "Approve exactly what was shown, by its hash",
    body: approveInputSchema,
    answers: { 200: says("As it stands now", planSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/plans/{planId}/reject",
    summary: "Decline, or ask for changes",
    body: rejectInputSchema,
    answers: { 200: says("As it stands now", planSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/agents/{agentId}/calls",
    summary: "What an agent did",
    query: callQuerySchema,
    answers: { 200: says("The newest first, with its day's budgets", agentCallListSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/connection-requests",
    summary: "What agents ask for",
    query: requestQuerySchema,
    answers: { 200: says("The newest first", connectionRequestListSchema) },
  },
  {
    ...people,
    method: "post",
    path: "/api/connection-requests/{requestId}/answer",
    summary: "Give a connection, or decline",
    body: requestAnswerSchema,
    answers: { 200: says("Answered", null) },
  },
  {
    ...people,
    method: "get",
    path: "/api/audit",
    summary: "The trail of events",
    query: auditQuerySchema,
    answers: { 200: says("The newest first", auditListSchema) },
  },
  {
    ...people,
    method: "get",
    path: "/api/audit/export",
    summary: "The trail as a file, with its chain",
    query: exportQuerySchema,
    answers: { 200: says("NDJSON or CSV", null) },
  },
];
