import { createHash } from "node:crypto";
import { z } from "zod";
import type { Json, JsonObject } from "#lib/core/json.ts";
import type { ProviderApi, StoredStep } from "#lib/providers/operation.ts";
import { unreadable } from "#lib/providers/salesforce/operations/read.ts";
import { readByIds, type SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
import { jsonOf } from "#lib/providers/salesforce/operations/refusals.ts";

/** What a stored step is about, beside its request. */
const contextSchema = z.object({
  action: z.enum(["create", "update", "upsert", "delete"]),
  /** Sent alone to the record's own address, not as one of a collection. */
  isSingle: z.boolean(),
  allOrNone: z.boolean(),
  /** By object: the field that moves with every write, types of the written fields, the key. */
  objects: z.record(
    z.string(),
    z.object({
      stampField: z.string().nullable(),
      types: z.record(z.string(), z.string()),
      keyField: z.string().nullable(),
    }),
  ),
  /** In the order of the request. */
  targets: z.array(
    z.object({
      object: z.string(),
      id: z.string().nullable(),
      key: z.union([z.string(), z.number()]).nullable(),
    }),
  ),
});
export type StepContext = z.infer<typeof contextSchema>;
export type Target = StepContext["targets"][number];

export const toContext = (context: StepContext): JsonObject => context as JsonObject;

/** @throws {ZodError} the store holds what no step of ours has */
export const contextOf = (step: Pick<StoredStep, "context">): StepContext =>
  contextSchema.parse(step.context);

const sentSchema = z.record(z.string(), z.unknown());
const sentRecordsSchema = z.object({ records: z.array(sentSchema) });

/** The values that a request sends, by target; without its address and id. */
export function sentValues(step: StoredStep, { isSingle }: StepContext): SalesforceRecord[] {
  const body = jsonOf(step.request.body ?? "");
  if (isSingle) return [sentSchema.parse(body)];
  return sentRecordsSchema
    .parse(body)
    .records.map(({ attributes: _, id: __, ...values }) => values);
}

/** Positions of the targets by object: each object is read with one request. */
function byObject(targets: readonly Target[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  targets.forEach(({ object }, at) => {
    places.set(object, [...(places.get(object) ?? []), at]);
  });
  return places;
}

/** The records of the targets as they are now, in their order, with what is watched and was written. */
export async function readTargets(
  api: ProviderApi,
  context: StepContext,
): Promise<(SalesforceRecord | null)[]> {
  const found: (SalesforceRecord | null)[] = context.targets.map(() => null);
  for (const [object, places] of byObject(context.targets)) {
    const ids = places.map((at) => context.targets[at]?.id ?? "");
    const records = await readByIds(api, object, ids, watchedFields(context, object));
    places.forEach((at, place) => {
      found[at] = records[place] ?? null;
    });
  }
  return found;
}

export function watchedFields(context: StepContext, object: string): string[] {
  const kind = context.objects[object];
  if (!kind) throw unreadable();
  return [...(kind.stampField ? [kind.stampField] : []), ...Object.keys(kind.types)];
}

/** What of a record must not move: its stamp, or where there is none the fields that are written. */
export function markOf(
  context: StepContext,
  { object }: Pick<Target, "object">,
  record: SalesforceRecord | null,
): Json {
  if (record === null) return null;
  const kind = context.objects[object];
  if (kind?.stampField) return String(record[kind.stampField] ?? "");
  return Object.keys(kind?.types ?? {}).map((name) => digestible(record[name]));
}

const longestMark = 60;
const digestible = (value: unknown): Json => {
  const text = JSON.stringify(value ?? null);
  if (text.length <= longestMark) return text;
  return createHash("sha256").update(text).digest("base64url");
};
