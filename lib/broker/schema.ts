import { z } from "zod";
import { environments, providers } from "#lib/providers/vocabulary.ts";

/** The longest that anybody can ask to be left of a lease. */
const MOST_REMAINING_SECONDS = 900;

export const leaseRequestSchema = z.strictObject({
  connectionId: z.uuid(),
  /** How long the lease must at least serve; without it, as long as what is held does. */
  minRemainingSeconds: z.number().int().min(0).max(MOST_REMAINING_SECONDS).default(0),
  /** The access token itself, where the owner of the grant and the agent's mode allow it. */
  raw: z.boolean().default(false),
});
export type LeaseRequest = z.infer<typeof leaseRequestSchema>;

export const leaseParamsSchema = z.strictObject({ leaseId: z.uuid() });

/** A lease as the agent gets it. */
export const issuedLeaseSchema = z.object({
  leaseId: z.uuid(),
  connectionId: z.uuid(),
  tokenType: z.literal("Bearer"),
  /** Opens the proxy for this connection until the lease ends. */
  leaseToken: z.string(),
  /** The provider's own, only in a raw lease. */
  accessToken: z.string().optional(),
  expiresAt: z.iso.datetime(),
  expiresInSeconds: z.number().int(),
  /** The provider's addresses: Salesforce's, or Marketing Cloud's two. */
  instanceUrl: z.string().optional(),
  restInstanceUrl: z.string().optional(),
  soapInstanceUrl: z.string().optional(),
  /** Below it: `/rest/…` and `/soap/…`. */
  proxyUrl: z.string(),
});
export type IssuedLeaseJson = z.infer<typeof issuedLeaseSchema>;

export const agentConnectionQuerySchema = z.strictObject({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AgentConnectionQuery = z.infer<typeof agentConnectionQuerySchema>;

/** A connection as an agent sees it. */
export const agentConnectionSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  provider: z.enum(providers),
  environment: z.enum(environments),
  /** Of its owner's sign-in there; only an active one can be leased. */
  state: z.enum(["active", "needs_reconnect", "not_connected"]),
  /** As whom the owner is signed in. */
  username: z.string().nullable(),
  orgId: z.string().nullable(),
  orgName: z.string().nullable(),
  /** Marketing Cloud: MID. */
  accountId: z.number().nullable(),
  instanceUrl: z.string().nullable(),
  restInstanceUrl: z.string().nullable(),
  soapInstanceUrl: z.string().nullable(),
  proxyUrl: z.string(),
  /** Would a raw lease be given now? */
  allowsRawLeases: z.boolean(),
  directWritesUntil: z.iso.datetime().nullable(),
});
export type AgentConnectionJson = z.infer<typeof agentConnectionSchema>;

export const leaseListQuerySchema = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type LeaseListQuery = z.infer<typeof leaseListQuerySchema>;

/** An active lease as its owner's and an admin's pages see it. */
const leaseSchema = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  agent: z.object({ id: z.uuid(), name: z.string().nullable() }),
  owner: z.object({ id: z.uuid(), name: z.string().nullable() }),
  isMine: z.boolean(),
  mode: z.enum(["plan", "build"]),
  /** The access token itself was handed out: ending the lease does not take it back. */
  isRaw: z.boolean(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type LeaseJson = z.infer<typeof leaseSchema>;
export const leaseListSchema = z.object({
  items: z.array(leaseSchema),
  nextCursor: z.string().nullable(),
});
export type LeaseList = z.infer<typeof leaseListSchema>;
