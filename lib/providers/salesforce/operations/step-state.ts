import { z } from "zod";
import type { Json } from "#lib/core/json.ts";
import type { Outcome, ProviderApi, StoredStep } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Value } from "#lib/providers/salesforce/operations/inputs.ts";
import {
  findWhere,
  holds,
  type SalesforceRecord,
} from "#lib/providers/salesforce/operations/records.ts";
import { notApplied } from "#lib/providers/salesforce/operations/refusals.ts";
import {
  contextOf,
  markOf,
  readTargets,
  type StepContext,
  sentValues,
  type Target,
  watchedFields,
} from "#lib/providers/salesforce/operations/step-context.ts";
import { appliedOutcome } from "#lib/providers/salesforce/operations/step-outcome.ts";

const mostFound = 2_000;

/**
 * Records by their key, for each target all that have it.
 *
 * @throws {OperationFailedError} a key cannot be asked for
 */
export async function readKeys(
  api: ProviderApi,
  context: StepContext,
): Promise<SalesforceRecord[][]> {
  const found: SalesforceRecord[][] = context.targets.map(() => []);
  for (const [object, { keyField, types }] of Object.entries(context.objects)) {
    if (keyField === null) continue;
    const own = context.targets.filter((target) => target.object === object && target.key !== null);
    const type = types[keyField] ?? "string";
    const records = await findByKeys(
      api,
      { object, field: keyField, type, fields: watchedFields(context, object) },
      own.map(({ key }) => key as Value),
    );
    context.targets.forEach((target, at) => {
      if (target.object !== object || target.key === null) return;
      found[at] = records.filter((record) => hasKey(record[keyField], target.key));
    });
  }
  return found;
}

/** External ids are the same whatever the letter case, unless a field says otherwise: then both are told. */
const hasKey = (held: unknown, key: Value): boolean =>
  String(held).trim().toLowerCase() === String(key).trim().toLowerCase();

type KeyQuestion = { object: string; field: string; type: string; fields: readonly string[] };

/** In as few queries as addresses have room for. */
async function findByKeys(
  api: ProviderApi,
  question: KeyQuestion,
  keys: readonly Value[],
): Promise<SalesforceRecord[]> {
  if (keys.length === 0) return [];
  const { object, field, type, fields } = question;
  const found = await findWhere(
    api,
    object,
    [{ field, type, values: keys }],
    [...fields],
    mostFound,
  );
  if (found) return found.records;
  if (keys.length === 1) {
    throw new OperationFailedError(
      "operations.bad_query",
      `A value of ${field} cannot be looked for: it does not fit the field or an address.`,
    );
  }
  const middle = keys.length >> 1;
  const first = await findByKeys(api, question, keys.slice(0, middle));
  return [...first, ...(await findByKeys(api, question, keys.slice(middle)))];
}

const mostSimilar = 50;
const mostCompared = 8;

/**
 * Ids of records that already hold what a new one will hold; null where that cannot be told. After a cut
 * answer, one more of them is the one that was made.
 */
export async function readSimilar(
  api: ProviderApi,
  { object }: Target,
  types: StepContext["objects"][string]["types"],
  values: SalesforceRecord,
  isComparable: (field: string) => boolean,
): Promise<string[] | null> {
  const wanted = Object.entries(values)
    .filter(([field, value]) => value !== null && value !== "" && isComparable(field))
    .slice(0, mostCompared)
    .map(([field, value]) => ({
      field,
      type: types[field] ?? "string",
      values: [value as Value],
    }));
  const found = await findWhere(api, object, wanted, [], mostSimilar + 1);
  if (found === null || found.records.length > mostSimilar) return null;
  return found.records.map(({ Id }) => String(Id)).sort();
}

const observedSimilar = z.object({ similar: z.array(z.string()), fields: z.array(z.string()) });

/** What a step was prepared on, read again; in the same form, so that the two can be compared. */
export async function observeStep(
  api: ProviderApi,
  step: Pick<StoredStep, "context" | "observed"> & { request: StoredStep["request"] },
): Promise<Json | null> {
  const context = contextOf(step);
  if (context.action === "update" || context.action === "delete") {
    return marksOf(context, await readTargets(api, context));
  }
  if (context.targets.some(({ key }) => key !== null)) {
    return keyMarksOf(context, await readKeys(api, context));
  }
  const before = observedSimilar.safeParse(step.observed);
  if (!before.success) return null;
  const { fields } = before.data;
  return { similar: await similarTo(api, context, step, fields), fields };
}

function similarTo(
  api: ProviderApi,
  context: StepContext,
  step: StoredStep,
  fields: readonly string[],
): Promise<string[] | null> {
  const [target] = context.targets as [Target, ...Target[]];
  const [values = {}] = sentValues(step, context);
  const types = context.objects[target.object]?.types ?? {};
  return readSimilar(api, target, types, values, (field) => fields.includes(field));
}

export const marksOf = (
  context: StepContext,
  records: readonly (SalesforceRecord | null)[],
): Json => ({
  marks: context.targets.map((target, at) => [
    target.id,
    markOf(context, target, records[at] ?? null),
  ]),
});

export const keyMarksOf = (
  context: StepContext,
  found: readonly (readonly SalesforceRecord[])[],
): Json => ({
  keys: context.targets.map((target, at) => [
    target.key,
    (found[at] ?? []).map((record) => [String(record.Id), markOf(context, target, record)]),
  ]),
});

const observedMarks = z.object({ marks: z.array(z.tuple([z.string(), z.unknown()])) });
const observedKeys = z.object({
  keys: z.array(z.tuple([z.unknown(), z.array(z.tuple([z.string(), z.unknown()]))])),
});

type Verdict = { kind: "done"; id: string | null } | { kind: "not" } | { kind: "unclear" };
const not: Verdict = { kind: "not" };
const unclear: Verdict = { kind: "unclear" };
const isSame = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

function holdsAll(
  context: StepContext,
  target: Target,
  record: SalesforceRecord,
  values: SalesforceRecord,
): boolean {
  const types = context.objects[target.object]?.types ?? {};
  return Object.entries(values).every(([name, value]) =>
    holds(types[name] ?? "string", record[name], value as Value),
  );
}

/** Target by target, what reading back tells. */
async function verdictsOf(api: ProviderApi, step: StoredStep): Promise<Verdict[]> {
  const context = contextOf(step);
  const { action, targets } = context;
  const sent = action === "delete" ? [] : sentValues(step, context);
  /** A record that was there before: moved or not, and if moved, to what was sent. */
  const compared = (
    target: Target,
    record: SalesforceRecord,
    mark: unknown,
    at: number,
  ): Verdict => {
    if (isSame(markOf(context, target, record), mark)) return not;
    const isAsSent = holdsAll(context, target, record, sent[at] ?? {});
    return isAsSent ? { kind: "done", id: String(record.Id) } : unclear;
  };
  if (action === "update" || action === "delete") {
    const { marks } = observedMarks.parse(step.observed);
    const records = await readTargets(api, context);
    return targets.map((target, at): Verdict => {
      const record = records[at] ?? null;
      // What is gone was deleted, whoever did it; what is there was not.
      if (action === "delete") return record === null ? { kind: "done", id: target.id } : not;
      return record === null ? unclear : compared(target, record, marks[at]?.[1], at);
    });
  }
  if (targets.every(({ key }) => key === null)) {
    const before = observedSimilar.safeParse(step.observed);
    if (!before.success) return targets.map(() => unclear);
    const { similar, fields } = before.data;
    const now = await similarTo(api, context, step, fields);
    const more = now?.filter((id) => !similar.includes(id)) ?? [];
    // None may also mean that the org's own automation wrote other values over ours.
    return [more.length === 1 ? { kind: "done", id: more[0] ?? null } : unclear];
  }
  const { keys } = observedKeys.parse(step.observed);
  const found = await readKeys(api, context);
  return targets.map((target, at): Verdict => {
    if (target.key === null) return unclear;
    const [record, ...more] = found[at] ?? [];
    const [before] = keys[at]?.[1] ?? [];
    if (more.length > 0) return unclear;
    if (!record) return before ? unclear : not;
    if (before) return compared(target, record, before[1], at);
    const isAsSent = holdsAll(context, target, record, sent[at] ?? {});
    return isAsSent ? { kind: "done", id: String(record.Id) } : unclear;
  });
}

/** Whether a step whose answer never came happened. */
export async function settleStep(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const context = contextOf(step);
  const verdicts = await verdictsOf(api, step);
  const count = (kind: Verdict["kind"]) => verdicts.filter((one) => one.kind === kind).length;
  const [done, undone] = [count("done"), count("not")];
  if (undone === verdicts.length) {
    return notApplied("Nothing was changed: the records are as they were before.");
  }
  // With all or none, some of each means that somebody else was at it too.
  const isTold = count("unclear") === 0 && (done === verdicts.length || !context.allOrNone);
  if (!isTold) {
    return {
      kind: "unknown",
      summary:
        context.action === "create"
          ? "Reading back does not tell whether the record was made. Look for it in the org."
          : "The records are neither as they were nor as they were to become. Look at them in the org.",
    };
  }
  return appliedOutcome(
    context,
    verdicts.map((one) =>
      one.kind === "done" ? { ok: true, id: one.id } : { ok: false, id: null },
    ),
  );
}
