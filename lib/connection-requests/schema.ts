import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import { environments, providers, surfaces } from "#lib/providers/vocabulary.ts";

const requestStates = ["waiting", "answered", "declined", "expired"] as const;
export type RequestState = (typeof requestStates)[number];

/** A request nobody answers ends by itself. */
export const REQUEST_MINUTES = 30;
/** So long one call waits for an answer at most. */
export const WAIT_SECONDS_MOST = 25;

/** What an agent says when it asks. */
export const requestInputSchema = z.strictObject({
  provider: z
    .enum(providers)
    .optional()
    .describe("Only a connection of this provider will do. Left out where the operation says it."),
  reason: plainText
    .transform((text) => text.trim().normalize("NFC"))
    .default("")
    .describe("What it is for, in one line; its owner reads it."),
  operationId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("The operation that wants it, as the registry names it."),
});
export type RequestInput = z.input<typeof requestInputSchema>;

export const requestParamsSchema = z.strictObject({ requestId: z.uuid() });
export const waitQuerySchema = z.strictObject({
  waitSeconds: z.coerce.number().int().min(0).max(WAIT_SECONDS_MOST).default(0),
});

/** What its owner says. */
export const requestAnswerSchema = z.union([
  z.strictObject({ connectionId: z.uuid() }),
  z.strictObject({ decline: z.literal(true) }),
]);
export type RequestAnswer = z.infer<typeof requestAnswerSchema>;

export const requestQuerySchema = z.strictObject({
  /** Without it, all of them. */
  state: z.literal("waiting").optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
});
export type RequestQuery = z.infer<typeof requestQuerySchema>;

const answeredConnectionSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  provider: z.enum(providers),
  environment: z.enum(environments),
  /** How the owner's own sign-in stands there. */
  state: z.enum(["active", "needs_reconnect", "not_connected"]),
});

const common = {
  id: z.uuid(),
  state: z.enum(requestStates),
  provider: z.enum(providers).nullable(),
  reason: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  answeredAt: z.iso.datetime().nullable(),
  /** What it was answered with, for as long as it is there and the agent has it. */
  connection: answeredConnectionSchema.nullable(),
};

/** As its agent sees it. */
export const agentRequestSchema = z.object({
  ...common,
  operationId: z.string().nullable(),
  /** The connection can be used now: the call may go on. */
  isReady: z.boolean(),
  /** Where its owner answers. */
  url: z.url(),
});
export type AgentRequestJson = z.infer<typeof agentRequestSchema>;

/** As its agent's owner sees it. */
export const connectionRequestSchema = z.object({
  ...common,
  connection: answeredConnectionSchema.extend({ surfaces: z.array(z.enum(surfaces)) }).nullable(),
  agent: z.object({ id: z.uuid(), name: z.string() }),
  operation: z.object({ id: z.string(), title: z.string() }).nullable(),
});
export type ConnectionRequestJson = z.infer<typeof connectionRequestSchema>;
export const connectionRequestListSchema = z.object({
  items: z.array(connectionRequestSchema),
  nextCursor: z.string().nullable(),
  /** Those that wait for an answer now. */
  waiting: z.number(),
});
export type ConnectionRequestList = z.infer<typeof connectionRequestListSchema>;
