import { z } from "zod";
import { providers } from "#lib/providers/vocabulary.ts";

/** The longest body that an operation is called with: rows to write are many. */
export const MAX_OPERATION_BYTES = 1_048_576;

/** What is no id of the registry is not found, whatever it looks like. */
export const operationParamsSchema = z.strictObject({ operationId: z.string().max(120) });

export const operationCallSchema = z.strictObject({
  connectionId: z.uuid(),
  /** The operation's own schema says what it takes. */
  input: z.record(z.string(), z.unknown()).default({}),
});
export type OperationCallInput = z.infer<typeof operationCallSchema>;

/** A person asks about one connection; an agent may ask about all of its own at once. */
export const operationQuerySchema = z.strictObject({
  connectionId: z.uuid(),
  /** The id of the last one that was seen. */
  cursor: z.string().max(120).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
export const agentOperationQuerySchema = operationQuerySchema.extend({
  connectionId: z.uuid().optional(),
});

const jsonSchema = z.record(z.string(), z.unknown());

/** An operation of the registry, as programs and forms are told of it. */
export const operationSchema = z.object({
  id: z.string(),
  provider: z.enum(providers),
  area: z.string(),
  title: z.string(),
  description: z.string(),
  effect: z.enum(["read", "write", "destructive", "send", "code"]),
  scopes: z.array(z.string()),
  /** JSON Schema 2020-12. */
  input: jsonSchema,
  output: jsonSchema,
  example: z.unknown(),
  /** Where whoever asks may run it now. */
  connectionIds: z.array(z.uuid()),
});
export type OperationJson = z.infer<typeof operationSchema>;

export const operationListSchema = z.object({
  items: z.array(operationSchema),
  nextCursor: z.string().nullable(),
});
export type OperationList = z.infer<typeof operationListSchema>;

/** What a read answers; a write answers with its plan. */
export const operationResultSchema = z.object({
  result: z.unknown(),
  /** Records or rows in it. */
  rows: z.number().int(),
});
export type OperationResult = z.infer<typeof operationResultSchema>;
