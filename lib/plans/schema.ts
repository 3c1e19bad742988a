import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import {
  approvalParts,
  EXPIRY_MINUTES,
  endReasons,
  planStates,
  REQUEST_BYTES_MOST,
  risks,
  STEPS_MOST,
  stepStates,
} from "#lib/plans/plan-states.ts";
import {
  STANDING_RECORDS_MOST,
  STANDING_USES_MOST,
  standingEffects,
  standingStates,
} from "#lib/plans/standing-approval-terms.ts";
import { effects } from "#lib/providers/operation.ts";
import { emptyPreview, previewSchema, warningCodes } from "#lib/providers/preview.ts";
import { environments, providers } from "#lib/providers/vocabulary.ts";

export type {
  ApprovalPart,
  EndReason,
  PlanState,
  Risk,
  StepState,
} from "#lib/plans/plan-states.ts";
export {
  approvalParts,
  BULK_RECORDS,
  EXPIRY_MINUTES,
  endReasons,
  openPlanStates,
  planStates,
  risks,
  STEPS_MOST,
  stepStates,
  waitingPlanStates,
} from "#lib/plans/plan-states.ts";
export {
  STANDING_DAYS_MOST,
  STANDING_RECORDS_MOST,
  STANDING_USES_MOST,
} from "#lib/plans/standing-approval-terms.ts";
export type { Change, Preview, Warning } from "#lib/providers/preview.ts";
export { emptyPreview, previewSchema };

export const pageSize = 50;

const title = plainText
  .transform((text) => text.trim().normalize("NFC"))
  .pipe(z.string().min(1, "Say in a few words what the plan does.").max(200));
/** Text of several lines; nothing in it is markup anywhere. */
const words = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => text.isWellFormed() && !text.includes("\u0000"), "Use printable text.");
const expiresInMinutes = z
  .number()
  .int()
  .min(EXPIRY_MINUTES.least, "A plan is open for 5 minutes at least.")
  .max(EXPIRY_MINUTES.most, "A plan is open for 7 days at most.")
  .default(EXPIRY_MINUTES.usual);
/** By which whoever asks again, after a lost answer, finds what they proposed. */
const clientKey = z
  .string()
  .regex(/^[!-~]{1,100}$/, "Use 1 to 100 printable characters without spaces.")
  .optional();

const plannedOperationSchema = z.strictObject({
  operationId: z.string().min(1).max(100),
  connectionId: z.uuid(),
  input: z.record(z.string(), z.unknown()),
});
export type PlannedOperation = z.infer<typeof plannedOperationSchema>;
const plannedOperations = z
  .array(plannedOperationSchema)
  .min(1, "A plan has one operation at least.")
  .max(STEPS_MOST, `A plan has at most ${STEPS_MOST} steps.`);

/** What a person proposes by hand. */
export const planInputSchema = z.strictObject({
  /** Without one, the plan is called what its steps are. */
  title: title.optional(),
  reason: words(4_000).default(""),
  operations: plannedOperations,
  expiresInMinutes,
});
/** What an agent proposes. */
export const agentPlanInputSchema = z.strictObject({ ...planInputSchema.shape, clientKey });
export type PlanInput = z.infer<typeof agentPlanInputSchema>;

/** A new version of a plan that nobody has applied; the approvals of the one before count no more. */
export const planEditSchema = z.strictObject({
  ...planInputSchema.shape,
  /** The version that was looked at. */
  version: z.number().int().min(1),
});
export type PlanEdit = z.infer<typeof planEditSchema>;

/** A write that the proxy refused, to become a plan of exactly this call. */
export const proxiedCallInputSchema = z.strictObject({
  connectionId: z.uuid(),
  door: z.enum(["rest", "soap"]),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  /** As it came after the connection's address in the proxy, with its slash. */
  path: z.string().min(1).max(8_000),
  /** Without `?`. */
  query: z.string().max(8_000).default(""),
  contentType: z.string().max(255).nullable().default(null),
  soapAction: z.string().max(255).nullable().default(null),
  /** Others that the proxy passes on, such as `if-match`. */
  headers: z
    .record(z.string().max(100), z.string().max(4_096))
    .refine((headers) => Object.keys(headers).length <= 20, "Send at most 20 headers.")
    .default({}),
  /** Text. An envelope is sent as it would be to the proxy, with whatever stands in the token's place. */
  body: z.string().max(REQUEST_BYTES_MOST).nullable().default(null),
  title: title.optional(),
  reason: words(4_000).default(""),
  clientKey,
  expiresInMinutes,
});
export type ProxiedCallInput = z.infer<typeof proxiedCallInputSchema>;

export const approveInputSchema = z.strictObject({
  /** Of the plan as it was shown (PLN-2). */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** By connection id: the name of each production org in it, typed by hand. */
  typedNames: z.record(z.uuid(), z.string().max(300)).default({}),
  /** In place of `typedNames`, where the plan asks for one name. */
  typedName: z.string().max(300).optional(),
  /** Begin at once, where nobody else has to approve. */
  apply: z.boolean().default(false),
});
export type ApproveInput = z.infer<typeof approveInputSchema>;

export const rejectInputSchema = z.strictObject({ reason: words(1_000).default("") });
export const resolveInputSchema = z.strictObject({
  outcome: z.enum(["applied", "failed"]),
  /** Carry out the steps behind it. */
  goOn: z.boolean().default(false),
});
export type ResolveInput = z.infer<typeof resolveInputSchema>;

/** Kinds of plan that want a second person. */
export const fourEyesSchema = z.strictObject({ kinds: z.array(z.enum(risks)).max(risks.length) });
export type FourEyes = z.infer<typeof fourEyesSchema>;

/** The longest body of a plan: an agent's may hold thousands of records, a person's is made by hand. */
export const AGENT_PLAN_BYTES = 8 * 1024 * 1024;
export const PERSON_PLAN_BYTES = 1024 * 1024;

export const PROXIED_CALL_BYTES = 4 * 1024 * 1024;

/** So long an agent may wait in one call for what a person decides. */
export const WAIT_SECONDS_MOST = 25;
export const planWaitSchema = z.strictObject({
  waitSeconds: z.coerce.number().int().min(0).max(WAIT_SECONDS_MOST).default(0),
});

export const planParamsSchema = z.strictObject({ planId: z.uuid() });
export const stepParamsSchema = z.strictObject({
  planId: z.uuid(),
  /** What is no position of the plan is not found, whatever it looks like. */
  position: z
    .string()
    .max(40)
    .transform((text) => (/^\d{1,5}$/.test(text) ? Number(text) : 0)),
});
const planViews = ["to-decide", "open", "ended", "all"] as const;
export const planQuerySchema = z.strictObject({
  /** `to-decide`: open, and waiting for this person's word. */
  view: z.enum(planViews).default("all"),
  /** Part of a title, or of an agent's or a person's name. */
  q: z.string().trim().max(200).default(""),
  state: z.enum(planStates).optional(),
  agent: z.uuid().optional(),
  connection: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(pageSize),
  cursor: z.uuid().optional(),
});
export type PlanQuery = z.infer<typeof planQuerySchema>;
export const stepQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(pageSize),
  /** The position of the last step that was seen. */
  cursor: z.coerce.number().int().min(0).max(STEPS_MOST).optional(),
  state: z.enum(stepStates).optional(),
  /** An earlier version, to be read; the plan's own where it is left out. */
  version: z.coerce.number().int().min(1).max(100_000).optional(),
});
export type StepQuery = z.infer<typeof stepQuerySchema>;

/** Left out: since the version that this person approved last, or the one before. */
export const changesQuerySchema = z.strictObject({
  since: z.coerce.number().int().min(1).max(100_000).optional(),
});

/** Where a plan writes, and as whom; part of what is hashed. */
export const planTargetSchema = z.strictObject({
  connectionId: z.uuid(),
  /** The connection's, when the plan was proposed. */
  name: z.string(),
  provider: z.enum(providers),
  environment: z.enum(environments),
  /** Its name has to be typed. */
  isProduction: z.boolean(),
  /** Salesforce: the org's id, 18 characters. */
  orgId: z.string().nullable(),
  /** Marketing Cloud: the business unit's MID. */
  memberId: z.number().nullable(),
  orgName: z.string().nullable(),
  /** Whose sign-in there carries it out. */
  username: z.string(),
  providerUserId: z.string(),
});
export type PlanTarget = z.infer<typeof planTargetSchema>;

const planWarningSchema = z.strictObject({
  code: z.enum([...warningCodes, "production"]),
  /** How many steps it is about. */
  steps: z.number().int(),
});
export type PlanWarning = z.infer<typeof planWarningSchema>;

const person = z.object({ id: z.uuid(), name: z.string() });
const approvalSchema = z.object({
  part: z.enum(approvalParts),
  by: person,
  approvedAt: z.iso.datetime(),
});

/** A plan in a list: nothing of what it would write. */
export const planSummarySchema = z.object({
  id: z.uuid(),
  title: z.string(),
  state: z.enum(planStates),
  endReason: z.enum(endReasons).nullable(),
  version: z.number().int(),
  /** Who asked for it; the agent's name is null once it is deleted. */
  proposer: z.object({
    kind: z.enum(["agent", "person"]),
    id: z.uuid(),
    name: z.string().nullable(),
  }),
  /** Whose grants carry it out. */
  owner: person,
  isMine: z.boolean(),
  stepCount: z.number().int(),
  records: z.number().int(),
  recipients: z.number().int(),
  /** How many steps are in each state. */
  progress: z.record(z.enum(stepStates), z.number().int()),
  risks: z.array(z.enum(risks)),
  targets: z.array(
    planTargetSchema.pick({
      connectionId: true,
      name: true,
      provider: true,
      environment: true,
      isProduction: true,
      orgName: true,
    }),
  ),
  approvals: z.array(approvalSchema),
  /** Whose word it still waits for. */
  missing: z.array(z.enum(approvalParts)),
  /** Which of them this person can give. */
  canApprove: z.enum(approvalParts).nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  approvedAt: z.iso.datetime().nullable(),
  appliedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type PlanSummaryJson = z.infer<typeof planSummarySchema>;
export const planListSchema = z.object({
  items: z.array(planSummarySchema),
  nextCursor: z.string().nullable(),
});
export type PlanList = z.infer<typeof planListSchema>;

/** Why the owner's sign-in cannot carry a plan out as things stand. */
const unreadyReasons = ["needs_reconnect", "not_connected", "another_identity"] as const;

/** A plan as its page shows it; its steps are asked for by pages. */
export const planSchema = planSummarySchema.extend({
  /** What the proposer says of it: a stranger's text. Null for who may not see contents. */
  reason: z.string().nullable(),
  /** To be named in an approval. */
  hash: z.string(),
  /** Whole; null for who may see only that it is there. */
  identities: z.array(planTargetSchema).nullable(),
  /** False: previews, requests and the reason are left out. */
  showsContent: z.boolean(),
  /** Since then what it wrote is stored no more, and nobody sees it. */
  contentsRemovedAt: z.iso.datetime().nullable(),
  warnings: z.array(planWarningSchema),
  /** Where it would stop: connections that its owner has to reconnect first. Empty once it has ended. */
  unready: z.array(z.object({ connectionId: z.uuid(), why: z.enum(unreadyReasons) })),
  /** What an approval has to bring. */
  asks: z.object({
    /** A sign-in, or a second factor, of the last minutes. */
    recentSignIn: z.boolean(),
    typedNames: z.array(z.object({ connectionId: z.uuid(), name: z.string() })),
    secondPerson: z.boolean(),
  }),
  /** Its words, where it was rejected. */
  rejection: z.string().nullable(),
  standingApprovalId: z.uuid().nullable(),
  /** Where a person looks at it. */
  url: z.string(),
  canReject: z.boolean(),
  canCancel: z.boolean(),
  canEdit: z.boolean(),
  canApply: z.boolean(),
});
export type PlanJson = z.infer<typeof planSchema>;

export const stepOutcomeSchema = z.object({
  kind: z.enum(["applied", "failed", "unknown", "drifted"]),
  /** For people, in our words. */
  summary: z.string(),
  code: z.string().nullable(),
  output: z.record(z.string(), z.unknown()),
  /** How it is known: the provider's answer, reading back, or a person's word. */
  settledBy: z.enum(["answer", "read-back", "person"]).nullable(),
});
export type StepOutcome = z.infer<typeof stepOutcomeSchema>;

/** A step in a list. */
export const stepSchema = z.object({
  position: z.number().int(),
  connectionId: z.uuid(),
  operationId: z.string(),
  effect: z.enum(effects),
  title: z.string(),
  records: z.number().int(),
  recipients: z.number().int(),
  state: z.enum(stepStates),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  outcome: stepOutcomeSchema.nullable(),
  requestId: z.string().nullable(),
  hash: z.string(),
  /** Of all that is hashed. */
  contentBytes: z.number().int(),
  /** Null where it is too large for a list (ask for the step alone), or not this person's to see. */
  preview: previewSchema.nullable(),
});
export type StepJson = z.infer<typeof stepSchema>;
export const stepListSchema = z.object({
  items: z.array(stepSchema),
  nextCursor: z.string().nullable(),
});
export type StepList = z.infer<typeof stepListSchema>;

/** What became of an earlier version's steps in the plan as it stands. */
export const planChangesSchema = z.object({
  version: z.number().int(),
  since: z.number().int(),
  /** This person approved that version. */
  isApproved: z.boolean(),
  /** Steps of this version that are not in that one: the step they took the place of, or null. */
  changed: z.array(z.object({ position: z.number().int(), was: z.number().int().nullable() })),
  removed: z.array(
    stepSchema.pick({ position: true, connectionId: true, title: true, effect: true }),
  ),
  /** Steps that stayed are done in another order. */
  isReordered: z.boolean(),
});
export type PlanChangesJson = z.infer<typeof planChangesSchema>;

/** One step, whole: all that is hashed and sent, and nothing beside it. */
export const stepDetailSchema = stepSchema.extend({
  request: z
    .object({
      door: z.enum(["rest", "soap"]),
      method: z.string(),
      host: z.string(),
      path: z.string(),
      query: z.string(),
      contentType: z.string().nullable(),
      soapAction: z.string().nullable(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
    })
    .nullable(),
  /** What its operation was given; in the first step of each operation. */
  input: z.unknown().nullable(),
  inputPosition: z.number().int(),
  /** False: nothing says, just before it is sent, whether it still is as it was shown. */
  isGuarded: z.boolean(),
  /** The canonical text that `hash` is over. */
  content: z.string().nullable(),
});
export type StepDetailJson = z.infer<typeof stepDetailSchema>;

/** A word given beforehand: one operation, on one connection of an agent, so often, until then. */
export const standingInputSchema = z.strictObject({
  connectionId: z.uuid(),
  operationId: z.string().min(1).max(100),
  /** Steps of plans. */
  usesMost: z
    .number()
    .int()
    .min(1)
    .max(STANDING_USES_MOST, `It covers at most ${STANDING_USES_MOST} steps.`),
  /** Records of one step, or people whom it may write to. */
  recordsMost: z
    .number()
    .int()
    .min(1)
    .max(STANDING_RECORDS_MOST, `It covers at most ${STANDING_RECORDS_MOST} records a step.`),
  until: z.iso.datetime({ offset: true }).transform((at) => new Date(at)),
  /** What it covers is applied at once, by an agent in plan mode too. */
  appliesAtOnce: z.boolean().default(false),
  /** The connection's name, where that is production. */
  typedName: z.string().max(300).optional(),
});
export type StandingInput = z.infer<typeof standingInputSchema>;
export const standingParamsSchema = z.strictObject({ agentId: z.uuid(), approvalId: z.uuid() });

export const standingSchema = z.object({
  id: z.uuid(),
  operation: z.object({ id: z.string(), title: z.string(), effect: z.enum(standingEffects) }),
  connection: z.object({ id: z.uuid(), name: z.string(), environment: z.enum(environments) }),
  state: z.enum(standingStates),
  usesMost: z.number().int(),
  usesLeft: z.number().int(),
  recordsMost: z.number().int(),
  appliesAtOnce: z.boolean(),
  until: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
export type StandingJson = z.infer<typeof standingSchema>;
export const standingListSchema = z.object({
  items: z.array(standingSchema),
  nextCursor: z.string().nullable(),
});
export type StandingList = z.infer<typeof standingListSchema>;
