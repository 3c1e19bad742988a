import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import type { Outcome, ProviderResponse } from "#lib/providers/operation.ts";
import {
  failed,
  failureOf,
  jsonOf,
  partRefusalOf,
  type Refusal,
  refusalOf,
} from "#lib/providers/salesforce/operations/refusals.ts";
import { countOf } from "#lib/providers/salesforce/operations/step-build.ts";
import type { StepContext } from "#lib/providers/salesforce/operations/step-context.ts";

/** What came of one record. */
export type Part = { ok: boolean; id: string | null; isCreated?: boolean; refusal?: Refusal };

const idText = z.string().regex(/^[A-Za-z0-9]{15,18}$/);
const createdSchema = z.object({ id: idText, success: z.literal(true) });
const partsSchema = z.array(
  z.object({
    id: idText.nullish(),
    success: z.boolean(),
    created: z.boolean().nullish(),
    errors: z.unknown(),
  }),
);

const past = {
  create: "Created",
  update: "Updated",
  upsert: "Created or updated",
  delete: "Deleted",
} as const;
const rolledBack = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
const mostFailuresTold = 20;

/**
 * What an answer says; null where it leaves open what happened, so that reading back has to tell.
 */
export function outcomeOf(context: StepContext, response: ProviderResponse): Outcome | null {
  const { status } = response;
  if (status >= 200 && status < 300) {
    const parts = partsOf(context, response);
    return parts && partsOutcome(context, parts);
  }
  const refusal = refusalOf(response);
  // A fault of theirs may come after the work; a page in the place of an answer says nothing.
  const isOpen =
    (status >= 500 && refusal?.code !== "SERVER_UNAVAILABLE") || status < 400 || status === 420;
  if (isOpen) return null;
  return failed(failureOf(status, refusal, thing(context)));
}

const thing = ({ targets }: StepContext): string =>
  targets.length === 1 ? `the ${targets[0]?.object} record` : "these records";

function partsOf(context: StepContext, { status, body }: ProviderResponse): Part[] | null {
  const { isSingle, action, targets } = context;
  if (isSingle) {
    // Done is told without a body; a page in its place says nothing.
    const isDone = body.trim() === "";
    if (action !== "create") return isDone ? [{ ok: true, id: targets[0]?.id ?? null }] : null;
    const created = createdSchema.safeParse(jsonOf(body));
    return status === 201 && created.success ? [{ ok: true, id: created.data.id }] : null;
  }
  const parts = partsSchema.safeParse(jsonOf(body));
  if (!parts.success || parts.data.length !== targets.length) return null;
  return parts.data.map((part, at) => ({
    ok: part.success,
    id: part.id ?? targets[at]?.id ?? null,
    ...(part.created == null ? {} : { isCreated: part.created }),
    ...(part.success ? {} : { refusal: partRefusalOf(part.errors) }),
  }));
}

function partsOutcome(context: StepContext, parts: readonly Part[]): Outcome {
  if (parts.some(({ ok }) => ok)) return appliedOutcome(context, parts);
  const told = parts.find(({ refusal }) => refusal && refusal.code !== rolledBack) ?? parts[0];
  const at = told ? parts.indexOf(told) : 0;
  const object = context.targets[at]?.object ?? "";
  const what = parts.length === 1 ? thing(context) : `record ${at + 1} of the step (${object})`;
  const outcome = failed(failureOf(400, told?.refusal ?? null, what));
  if (outcome.kind !== "failed") return outcome;
  return { ...outcome, output: { ...outcome.output, ...countsOf(context, parts) } };
}

/** Counts, new ids, and the first refusals with their codes. */
function countsOf(context: StepContext, parts: readonly Part[]): JsonObject {
  const failures = parts.flatMap(({ ok, refusal }, at) =>
    ok || !refusal || refusal.code === rolledBack
      ? []
      : [
          {
            position: at + 1,
            object: context.targets[at]?.object ?? "",
            id: context.targets[at]?.id ?? null,
            ...codesOf(refusal, `record ${at + 1}`),
          },
        ],
  );
  return {
    succeeded: parts.filter(({ ok }) => ok).length,
    failed: parts.filter(({ ok }) => !ok).length,
    ...(failures.length ? { failures: failures.slice(0, mostFailuresTold) } : {}),
  };
}

function codesOf(refusal: Refusal, what: string) {
  const { code, userMessage, providerCode } = failureOf(400, refusal, what);
  return { code, providerCode, summary: userMessage };
}

/** At least one record is as it was to become. */
export function appliedOutcome(context: StepContext, parts: readonly Part[]): Outcome {
  const objects = context.targets.filter((_, at) => parts[at]?.ok).map(({ object }) => object);
  const refused = parts.length - objects.length;
  const created = parts.filter(({ isCreated }) => isCreated).length;
  const isTold = parts.some(({ isCreated }) => isCreated !== undefined);
  const ids = parts.flatMap(({ ok, id }) => (ok && id !== null ? [id] : []));
  const rest = refused ? ` ${refused} of ${parts.length} were not changed.` : "";
  return {
    kind: "applied",
    summary: `${past[context.action]} ${countOf(objects)}.${rest}`,
    output: { ...countsOf(context, parts), ...(isTold ? { created } : {}), ids },
  };
}
