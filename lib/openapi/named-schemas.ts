import type { z } from "zod";
import { agentListSchema, agentSchema, newKeySchema } from "#lib/agents/schema.ts";
import { auditEventSchema, auditListSchema } from "#lib/audit/schema.ts";
import { agentConnectionSchema, issuedLeaseSchema } from "#lib/broker/schema.ts";
import { agentRequestSchema, connectionRequestSchema } from "#lib/connection-requests/schema.ts";
import { connectionListSchema, connectionSchema, grantSchema } from "#lib/connections/schema.ts";
import { flowSchema, revocationSchema } from "#lib/grants/schema.ts";
import { listOf } from "#lib/openapi/route.ts";
import {
  operationListSchema,
  operationResultSchema,
  operationSchema,
} from "#lib/operations/schema.ts";
import {
  planListSchema,
  planSchema,
  planSummarySchema,
  standingSchema,
  stepDetailSchema,
  stepListSchema,
  stepSchema,
} from "#lib/plans/schema.ts";
import { memberListSchema, memberSchema } from "#lib/team/schema.ts";

export const agentConnectionListSchema = listOf(agentConnectionSchema);
export const grantListSchema = listOf(grantSchema);
export const revocationListSchema = listOf(revocationSchema);

/** Answers that programs name: a generated client has a type for each. */
export const namedSchemas: Readonly<Record<string, z.ZodType>> = {
  Agent: agentSchema,
  AgentConnection: agentConnectionSchema,
  AgentConnectionList: agentConnectionListSchema,
  AgentList: agentListSchema,
  AuditEvent: auditEventSchema,
  AuditList: auditListSchema,
  Connection: connectionSchema,
  ConnectionList: connectionListSchema,
  ConnectionRequest: connectionRequestSchema,
  Flow: flowSchema,
  Grant: grantSchema,
  GrantList: grantListSchema,
  Lease: issuedLeaseSchema,
  Member: memberSchema,
  MemberList: memberListSchema,
  NewKey: newKeySchema,
  Operation: operationSchema,
  OperationList: operationListSchema,
  OperationResult: operationResultSchema,
  OwnRequest: agentRequestSchema,
  Plan: planSchema,
  PlanList: planListSchema,
  PlanSummary: planSummarySchema,
  Revocation: revocationSchema,
  RevocationList: revocationListSchema,
  StandingApproval: standingSchema,
  Step: stepSchema,
  StepDetail: stepDetailSchema,
  StepList: stepListSchema,
};
