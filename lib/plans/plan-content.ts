import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import type { Json } from "#lib/core/json.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { PlanDamagedError } from "#lib/plans/errors.ts";
import { isProductionTarget } from "#lib/plans/plan-state.ts";
import type { PlanTarget, PlanWarning, Risk } from "#lib/plans/schema.ts";
import { planTargetSchema } from "#lib/plans/schema.ts";
import {
  effects,
  type PreparedStep,
  type ProviderRequest,
  type StoredStep,
} from "#lib/providers/operation.ts";
import { previewSchema } from "#lib/providers/preview.ts";
import { proxyDialectOf } from "#lib/providers/registry.ts";

/** Said first in everything that is hashed, so that no hash of one thing is one of another. */
const STEP_FORM = "meshmesh-plan-step/1";
const PLAN_FORM = "meshmesh-plan/1";

const requestSchema = z.strictObject({
  door: z.enum(["rest", "soap"]),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  path: z.string(),
  query: z.string(),
  contentType: z.string().nullable(),
  soapAction: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
}) satisfies z.ZodType<ProviderRequest>;
const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** All of a step that is hashed: what a person saw, and exactly what is sent (PLN-1). */
const stepContentSchema = z.strictObject({
  form: z.literal(STEP_FORM),
  plan: z.strictObject({
    id: z.uuid(),
    teamId: z.uuid(),
    ownerId: z.uuid(),
    version: z.number().int(),
  }),
  position: z.number().int(),
  target: planTargetSchema.extend({
    /** Where the request goes. */
    host: z.string(),
  }),
  operationId: z.string(),
  /** What the operation was given: in its first step, whose position is `inputPosition`; else null. */
  input: json,
  inputPosition: z.number().int(),
  effect: z.enum(effects).exclude(["read"]),
  title: z.string(),
  request: requestSchema,
  preview: previewSchema,
  observed: json,
  context: z.record(z.string(), json),
  records: z.number().int(),
  recipients: z.number().int(),
  expiresAt: z.iso.datetime(),
});
export type StepContent = z.infer<typeof stepContentSchema>;

/** All of a plan that is hashed beside its steps. */
export type PlanHeader = {
  id: string;
  teamId: string;
  ownerId: string;
  agentId: string | null;
  keyId: string | null;
  proposedById: string | null;
  version: number;
  title: string;
  reason: string;
  expiresAt: Date;
  targets: readonly PlanTarget[];
  risks: readonly Risk[];
  warnings: readonly PlanWarning[];
  records: number;
  recipients: number;
};

/**
 * The one text of a value (RFC 8785): the same for the same content, whatever made it.
 *
 * @throws {Error} a lone surrogate or a number that JSON has no word for
 */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("nothing that JSON can say");
  return text;
}

/** SHA-256 of a text's UTF-8, in hex. */
export const hashOfText = (text: string): string =>
  createHash("sha256").update(text, "utf8").digest("hex");

/** @param stepHashes - of its version, in the order of their positions */
export function hashOfPlan(plan: PlanHeader, stepHashes: readonly string[]): string {
  return hashOfText(
    canonicalText({
      form: PLAN_FORM,
      id: plan.id,
      teamId: plan.teamId,
      ownerId: plan.ownerId,
      agentId: plan.agentId,
      keyId: plan.keyId,
      proposedById: plan.proposedById,
      version: plan.version,
      title: plan.title,
      reason: plan.reason,
      expiresAt: plan.expiresAt.toISOString(),
      targets: plan.targets,
      risks: plan.risks,
      warnings: plan.warnings,
      records: plan.records,
      recipients: plan.recipients,
      steps: stepHashes,
    }),
  );
}

/** Where this grant leads, and as whom. */
export function targetOf(grant: Grant): PlanTarget {
  const { connection } = grant;
  return {
    connectionId: connection.id,
    name: connection.name,
    provider: connection.provider,
    environment: connection.environment,
    isProduction: isProductionTarget({
      provider: connection.provider,
      environment: connection.environment,
      host: grant.instanceHost ?? connection.loginHost,
    }),
    orgId: grant.orgId,
    memberId: grant.memberId,
    orgName: grant.orgName,
    username: grant.username,
    providerUserId: grant.providerUserId,
  };
}

/** Whether two lead to the same place as the same person, whatever the place is called by now. */
export function isSameTarget(one: PlanTarget, other: PlanTarget): boolean {
  const same = ({
    connectionId,
    provider,
    environment,
    orgId,
    memberId,
    providerUserId,
  }: PlanTarget) =>
    canonicalText({ connectionId, provider, environment, orgId, memberId, providerUserId });
  return same(one) === same(other);
}

/** The host that a request through this door goes to; null where the grant has none. */
export const hostOfDoor = (grant: Grant, door: ProviderRequest["door"]): string | null =>
  proxyDialectOf(grant.connection.provider).hostOf(grant, door);

export type StepPlace = {
  plan: Pick<PlanHeader, "id" | "teamId" | "ownerId" | "version" | "expiresAt">;
  position: number;
  target: PlanTarget & { host: string };
  operationId: string;
  input: Json;
  inputPosition: number;
};

/** A step's canonical text and its hash. */
export function contentOfStep(
  { plan, ...place }: StepPlace,
  step: PreparedStep,
): { content: string; hash: string } {
  const { id, teamId, ownerId, version, expiresAt } = plan;
  const { title, effect, request, preview, observed, context, records, recipients } = step;
  const content = canonicalText({
    form: STEP_FORM,
    plan: { id, teamId, ownerId, version },
    ...place,
    title,
    effect,
    request,
    preview,
    observed,
    context,
    records,
    recipients,
    expiresAt: expiresAt.toISOString(),
  } satisfies StepContent);
  return { content, hash: hashOfText(content) };
}

/** A stored step, as far as what is shown of it beside its content must agree with it. */
export type StepRowToOpen = {
  position: number;
  version: number;
  connectionId: string;
  operationId: string;
  effect: string;
  title: string;
  records: number;
  recipients: number;
  content: string;
  hash: string;
};

/**
 * A stored step, read again from the bytes that were hashed and from nothing else (PLN-2).
 *
 * @throws {PlanDamagedError} the bytes do not have the step's hash, are of another plan, version or
 *   position, or say something else than the columns beside them
 */
export function openStep(
  plan: Pick<PlanHeader, "id" | "teamId" | "ownerId" | "version" | "expiresAt">,
  row: StepRowToOpen,
): StepContent {
  if (hashOfText(row.content) !== row.hash) throw new PlanDamagedError("a step's bytes changed");
  const parsed = stepContentSchema.safeParse(parseOrNull(row.content));
  if (!parsed.success) {
    throw new PlanDamagedError("a step's content is none", { cause: parsed.error });
  }
  const content = parsed.data;
  const agrees =
    content.plan.id === plan.id &&
    content.plan.teamId === plan.teamId &&
    content.plan.ownerId === plan.ownerId &&
    content.plan.version === plan.version &&
    content.expiresAt === plan.expiresAt.toISOString() &&
    row.version === plan.version &&
    content.position === row.position &&
    content.target.connectionId === row.connectionId &&
    content.operationId === row.operationId &&
    content.effect === row.effect &&
    content.title === row.title &&
    content.records === row.records &&
    content.recipients === row.recipients;
  if (!agrees) throw new PlanDamagedError("a step's columns disagree with its content");
  return content;
}

/**
 * The same of a version before the plan's last one: the plan's row has only that one's time, and what the
 * version was hashed with is not stored any more.
 */
export function openEarlierStep(
  plan: Pick<PlanHeader, "id" | "teamId" | "ownerId" | "version">,
  row: StepRowToOpen,
): StepContent {
  const timed = z.object({ expiresAt: z.iso.datetime() }).safeParse(parseOrNull(row.content));
  if (!timed.success) throw new PlanDamagedError("a step's content is none");
  return openStep({ ...plan, expiresAt: new Date(timed.data.expiresAt) }, row);
}

/** What a step's operation gets back of it. */
export const storedStepOf = ({ request, observed, context }: StepContent): StoredStep => ({
  request,
  observed,
  context,
});

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
