import { z } from "zod";
import {
  type ConnectionJson,
  environments,
  type GrantState,
  grantSchema,
  providers,
  surfaces,
} from "#lib/connections/schema.ts";
import { plainText } from "#lib/core/plain-text.ts";
import { type ReasonCode, reasonCodes } from "#lib/providers/reason-codes.ts";

export const flowRequestSchema = z.strictObject({
  surface: z.enum(surfaces).default("web"),
  /** Where to go after connecting: a path of ours, see `lib/core/return-to.ts`. */
  returnTo: z.string().max(500).optional(),
});

/** Answer to a start: the address is for this browser alone and works once. */
export const startedFlowSchema = z.object({
  flowId: z.uuid(),
  authorizeUrl: z.url(),
  expiresAt: z.iso.datetime(),
});
export type StartedFlow = z.infer<typeof startedFlowSchema>;

const flowStates = [
  "waiting",
  "connected",
  "failed",
  "expired",
  "cancelled",
  "needs_confirmation",
] as const;
export type FlowState = (typeof flowStates)[number];

const identityFields = z.object({
  username: z.string(),
  displayName: z.string().nullable(),
  orgName: z.string().nullable(),
  orgId: z.string().nullable(),
  memberId: z.number().nullable(),
});

/** A flow as its owner's pages see it. */
export const flowSchema = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  state: z.enum(flowStates),
  reason: z.enum(reasonCodes).nullable(),
  /** The provider's own code, plain characters, at most 80: for the folded detail. */
  providerCode: z.string().nullable(),
  authorizeHost: z.string(),
  redirectUri: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** When it failed, ran out or was cancelled; null while it may still end otherwise. */
  endedAt: z.iso.datetime().nullable(),
  returnTo: z.string().nullable(),
  grant: grantSchema.nullable(),
  /** Only while `needs_confirmation`: who this connection was, and who came back. */
  identities: z.object({ before: identityFields, now: identityFields }).nullable(),
});
export type FlowJson = z.infer<typeof flowSchema>;

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();

/** How one's own grant has served since `since`; latencies are upper bounds of their class. */
export const grantHealthSchema = z.object({
  since: instant,
  refreshes: z.object({
    count,
    failed: count,
    failedInARow: count,
    lastAt: instant.nullable(),
    problem: z.string().nullable(),
    /** Nobody asks the provider before. */
    retryAt: instant.nullable(),
    /** When it is refreshed of itself, unless something needed it before. */
    dueAt: instant.nullable(),
  }),
  leases: z.object({
    count,
    failed: count,
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
  }),
  calls: z.object({ count, failed: count }),
  /** Hours in which something happened. */
  hours: z.array(
    z.object({ at: instant, leases: count, calls: count, refreshes: count, failed: count }),
  ),
  /** The last of each hour, the newest first, by stable code. */
  problems: z.array(z.object({ code: z.string(), at: instant })),
  /** Sign-ins of this user through this app, where the provider keeps only so many. */
  approvals: z.object({ used: count, of: count }).nullable(),
});
export type GrantHealth = z.infer<typeof grantHealthSchema>;

const revocationCauses = [
  "disconnected",
  "connection_deleted",
  "replaced",
  "definition_changed",
  "sign_in_unused",
  "member_removed",
  "superseded",
  "killed",
] as const;
const revocationStates = ["pending", "confirmed", "refused", "gave_up", "not_possible"] as const;

/** A token's end at its provider: what was asked, what it said, and what comes next. Never a token. */
export const revocationSchema = z.object({
  id: z.uuid(),
  provider: z.enum(providers),
  environment: z.enum(environments),
  connectionId: z.uuid(),
  connectionName: z.string(),
  grantId: z.uuid().nullable(),
  /** Whose it was here, and at the provider. */
  person: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  isMine: z.boolean(),
  username: z.string().nullable(),
  cause: z.enum(revocationCauses),
  state: z.enum(revocationStates),
  /** `not_possible` for another reason than that the provider has no revocation. */
  reason: z.enum(reasonCodes).nullable(),
  /** The provider's host that is asked. */
  host: z.string(),
  attempts: z.number(),
  createdAt: z.iso.datetime(),
  lastAttemptAt: z.iso.datetime().nullable(),
  /** Only while pending. */
  nextAttemptAt: z.iso.datetime().nullable(),
  givesUpAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
  /** The provider's last answer: HTTP status and its id of the request; null where none came. */
  httpStatus: z.number().nullable(),
  providerRequestId: z.string().nullable(),
  /** Until when an access token that is out may work, and until when a session; null when not known. */
  accessEndsAt: z.iso.datetime().nullable(),
  sessionEndsAt: z.iso.datetime().nullable(),
});
export type RevocationJson = z.infer<typeof revocationSchema>;

/** What a disconnect did, and what it could not do. */
export const disconnectReceiptSchema = z.object({
  grantId: z.uuid(),
  disconnectedAt: z.iso.datetime(),
  /** Null where there was no token left to end. */
  revocation: revocationSchema.nullable(),
});
export type DisconnectReceipt = z.infer<typeof disconnectReceiptSchema>;

/** What deleting a connection left for the providers to confirm. */
export const deletionReceiptSchema = z.object({ revocations: z.array(revocationSchema) });

export const revocationQuerySchema = z.strictObject({
  connectionId: z.uuid().optional(),
  /** Only what somebody may have to do something about. */
  open: z.stringbool().default(false),
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type RevocationQuery = z.infer<typeof revocationQuerySchema>;
export const revocationParamsSchema = z.strictObject({ revocationId: z.uuid() });

export const testResultSchema = z.object({
  ok: z.boolean(),
  at: z.iso.datetime(),
  durationMs: z.number(),
  reason: z.enum(reasonCodes).nullable(),
});
export type TestResult = z.infer<typeof testResultSchema>;

export const grantQuerySchema = z.strictObject({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type GrantQuery = z.infer<typeof grantQuerySchema>;

/** What a person can see on a provider's own page, or in place of it, while nobody is sent back. */
const seenReasons = [
  "redirect_uri_mismatch",
  "app_not_found",
  "tenant_not_found",
  "connection_timeout",
] as const satisfies readonly ReasonCode[];
export type SeenReason = (typeof seenReasons)[number];
/** Without `saw` the flow is cancelled. */
export const flowEndSchema = z.strictObject({ saw: z.enum(seenReasons).optional() });

export const flowParamsSchema = z.strictObject({ flowId: z.uuid() });
/** What one may choose about one's own grant. */
export const grantPatchSchema = z.strictObject({
  /** May agents have its access token itself? */
  allowsRawLeases: z.boolean(),
});
export type GrantPatch = z.infer<typeof grantPatchSchema>;
export const grantParamsSchema = z.strictObject({ grantId: z.uuid() });

const accountId = z.number().int().positive().max(999_999_999_999);

/** How one unit of a tenant stands with the person who asks. */
const unitConnectionSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Of my own grant under it. */
  state: z.enum(["connected", "needs_reconnect", "not_connected"]),
  /** As whom; null where I am not connected. */
  username: z.string().nullable(),
  /** How my last sign-in for it ended, where it did not connect; null: there was none. */
  lastAttempt: z
    .object({ state: z.enum(flowStates), reason: z.enum(reasonCodes).nullable() })
    .nullable(),
});
export type UnitConnection = z.infer<typeof unitConnectionSchema>;

const businessUnitSchema = z.object({
  /** MID */
  accountId: z.number(),
  name: z.string(),
  parentId: z.number().nullable(),
  /** Steps below the top. */
  depth: z.number(),
  isActive: z.boolean(),
  connection: unitConnectionSchema.nullable(),
});
export type BusinessUnitJson = z.infer<typeof businessUnitSchema>;

export const businessUnitListSchema = z.object({
  items: z.array(businessUnitSchema),
  nextCursor: z.string().nullable(),
  /** Units that match, over all pages. */
  total: z.number(),
  /** Of those, active and not connected by me. */
  toConnect: z.number(),
  /** False where the tenant had more to tell than is taken. */
  isWhole: z.boolean(),
});
export type BusinessUnitPage = z.infer<typeof businessUnitListSchema>;

export const businessUnitQuerySchema = z.strictObject({
  q: plainText.transform((text) => text.trim()).default(""),
  cursor: z
    .string()
    .regex(/^\d{1,7}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
export type BusinessUnitQuery = z.infer<typeof businessUnitQuerySchema>;

/** How many units one press may connect. */
const mostUnitsAtOnce = 200;

export const businessUnitRequestSchema = z.strictObject({
  accountIds: z
    .array(accountId)
    .min(1, "Tick a business unit.")
    .max(mostUnitsAtOnce, `Connect at most ${mostUnitsAtOnce} units at once.`)
    .transform((list) => [...new Set(list)]),
});
export type BusinessUnitRequest = z.infer<typeof businessUnitRequestSchema>;

export const addedBusinessUnitsSchema = z.object({
  results: z.array(
    z.object({
      accountId: z.number(),
      result: z.enum(["created", "exists", "not_found", "inactive"]),
      /** Where there is one now. */
      connectionId: z.uuid().nullable(),
    }),
  ),
});
export type AddedBusinessUnits = z.infer<typeof addedBusinessUnitsSchema>;

/** A member's grant as whoever may end it sees it (TEN-4). */
export type MemberGrantJson = {
  id: string;
  connection: Pick<ConnectionJson, "id" | "name" | "environment" | "provider">;
  state: GrantState;
  username: string;
  connectedAt: string;
  lastUsedAt: string | null;
};
