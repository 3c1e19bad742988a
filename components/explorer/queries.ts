import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "#components/ui/api.ts";
import type { OperationResult } from "#lib/operations/schema.ts";

const QUIET_MS = 5 * 60 * 1000;

export type RunAnswer =
  | { kind: "result"; answer: OperationResult }
  | { kind: "plan"; planId: string };

/** A read answers with its result, a write with the plan it became. */
const runSchema = z.union([
  z
    .object({ result: z.unknown(), rows: z.number().int() })
    .transform((answer): RunAnswer => ({ kind: "result", answer })),
  z.object({ id: z.uuid() }).transform(({ id }): RunAnswer => ({ kind: "plan", planId: id })),
]);

/**
 * Runs an operation as the signed-in person.
 *
 * @throws {ApiProblem}
 */
export const runOperation = (
  operationId: string,
  body: { connectionId: string; input: Record<string, unknown> },
  signal?: AbortSignal,
): Promise<RunAnswer> =>
  callApi(`/api/operations/${operationId}`, async () => runSchema, {
    method: "POST",
    body,
    ...(signal && { signal }),
  });

async function readAs<T>(
  schema: z.ZodType<T>,
  operationId: string,
  body: Parameters<typeof runOperation>[1],
  signal: AbortSignal,
): Promise<T> {
  const ran = await runOperation(operationId, body, signal);
  return schema.parse(ran.kind === "result" ? ran.answer.result : null);
}

const objectsSchema = z.object({
  objects: z.array(z.object({ name: z.string(), label: z.string() })),
});
/** Names of an org's objects, for completion. */
export const objectsOptions = (connectionId: string) =>
  queryOptions({
    queryKey: ["explorer", connectionId, "objects"] as const,
    staleTime: QUIET_MS,
    queryFn: async ({ signal }) =>
      (await readAs(objectsSchema, "salesforce.objects.list", { connectionId, input: {} }, signal))
        .objects,
  });

const describeSchema = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      type: z.string(),
      relationshipName: z.string().nullable().default(null),
      referenceTo: z.array(z.string()).default([]),
    }),
  ),
});
/** An object's fields, for completion. */
export const describeOptions = (connectionId: string, object: string) =>
  queryOptions({
    queryKey: ["explorer", connectionId, "describe", object.toLowerCase()] as const,
    staleTime: QUIET_MS,
    queryFn: async ({ signal }) =>
      (
        await readAs(
          describeSchema,
          "salesforce.objects.describe",
          { connectionId, input: { object } },
          signal,
        )
      ).fields,
  });
