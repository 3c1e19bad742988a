import { z } from "zod";
import {
  type AgentMode,
  agentModes,
  BUDGET_MOST,
  CONNECTIONS_MOST,
  KEY_DAYS_DEFAULT,
  KEY_DAYS_MOST,
  OVERLAP_HOURS_MOST,
} from "#lib/agents/terms.ts";
import { plainText } from "#lib/core/plain-text.ts";
import { environments, providers } from "#lib/providers/vocabulary.ts";

export type { AgentMode };
export const pageSize = 50;

const nameOf = (what: string) =>
  plainText
    .transform((text) => text.trim().normalize("NFC"))
    .pipe(z.string().min(1, `Give the ${what} a name.`).max(80, "Use at most 80 characters."));

const reachInput = z.strictObject({
  connectionId: z.uuid(),
  /** Until then it writes here without a plan; only in build mode. */
  directWritesUntil: z.iso
    .datetime({ offset: true })
    .nullable()
    .default(null)
    .transform((at) => (at === null ? null : new Date(at))),
});
const reachList = z
  .array(reachInput)
  .max(CONNECTIONS_MOST, `An agent may use at most ${CONNECTIONS_MOST} connections.`)
  .refine(
    (list) => new Set(list.map(({ connectionId }) => connectionId)).size === list.length,
    "Name each connection once.",
  );
export type ReachInput = z.infer<typeof reachInput>;

const perDay = z
  .number()
  .int()
  .min(0)
  .max(BUDGET_MOST, `A budget holds at most ${BUDGET_MOST.toLocaleString("en")}.`)
  .nullable();

export const agentInputSchema = z.strictObject({
  name: nameOf("agent"),
  mode: z.enum(agentModes).default("plan"),
  connections: reachList.default([]),
  asksForConnections: z.boolean().default(true),
  /** A key of it on a network where it never was stops it; else its owner is only told. */
  pausesOnNewNetwork: z.boolean().default(true),
  /** Of one day in UTC; null: only the studio's own limits. */
  callsPerDay: perDay.default(null),
  rowsPerDay: perDay.default(null),
  sendsPerDay: perDay.default(null),
});
export type AgentInput = z.infer<typeof agentInputSchema>;

/** What is absent stays; `connections` is the whole list. */
export const agentPatchSchema = z
  .strictObject({
    name: nameOf("agent").optional(),
    mode: z.enum(agentModes).optional(),
    connections: reachList.optional(),
    isDisabled: z.boolean().optional(),
    /** Its owner has looked: it may go on, and where it was used from is its own. */
    isPaused: z.literal(false).optional(),
    asksForConnections: z.boolean().optional(),
    pausesOnNewNetwork: z.boolean().optional(),
    callsPerDay: perDay.optional(),
    rowsPerDay: perDay.optional(),
    sendsPerDay: perDay.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, "Say what should change.");
export type AgentPatch = z.infer<typeof agentPatchSchema>;

export const keyInputSchema = z.strictObject({
  name: nameOf("key").default("Key"),
  expiresInDays: z
    .number()
    .int()
    .min(1)
    .max(KEY_DAYS_MOST, "A key ends within a year.")
    .default(KEY_DAYS_DEFAULT),
  /** Ends an older key by itself once everybody has the new one. */
  replaces: z
    .strictObject({
      keyId: z.uuid(),
      overlapMinutes: z
        .number()
        .int()
        .min(0)
        .max(OVERLAP_HOURS_MOST * 60, "The old key goes on for a day at most."),
    })
    .optional(),
});
export type KeyInput = z.infer<typeof keyInputSchema>;

export const agentParamsSchema = z.strictObject({ agentId: z.uuid() });
export const keyParamsSchema = z.strictObject({ agentId: z.uuid(), keyId: z.uuid() });
export const agentQuerySchema = z.strictObject({
  q: plainText.pipe(z.string().max(100)).optional(),
  /** Only those that may use it. */
  connection: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(pageSize),
  cursor: z.uuid().optional(),
});
export type AgentQuery = z.infer<typeof agentQuerySchema>;

const keyStates = ["live", "ended", "revoked"] as const;

/** A key as it may be shown: never its secret, which nobody has any more. */
const agentKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** How it begins. */
  prefix: z.string(),
  state: z.enum(keyStates),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  /** Where it was used from, the newest first: /24, or /48 of IPv6. */
  networks: z.array(
    z.object({
      network: z.string(),
      /** `told`: new, and its owner has not looked. `held`: new, and refused until they have. */
      state: z.enum(["known", "told", "held"]),
      firstSeenAt: z.iso.datetime(),
    }),
  ),
});
export type AgentKeyJson = z.infer<typeof agentKeySchema>;

export const agentConnectionSchema = z.object({
  connectionId: z.uuid(),
  name: z.string(),
  provider: z.enum(providers),
  environment: z.enum(environments),
  directWritesUntil: z.iso.datetime().nullable(),
  /** How its owner's own grant stands there; null where there is none. */
  grantState: z.enum(["active", "needs_reconnect", "disconnected"]).nullable(),
});
export type AgentConnectionJson = z.infer<typeof agentConnectionSchema>;

export const agentSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  mode: z.enum(agentModes),
  owner: z.object({ id: z.uuid(), name: z.string() }),
  isMine: z.boolean(),
  connections: z.array(agentConnectionSchema),
  /** Live ones first, then the newest; what ended long ago is left out. */
  keys: z.array(agentKeySchema),
  disabledAt: z.iso.datetime().nullable(),
  /** The studio stopped it, because it did what it never did before. */
  pausedAt: z.iso.datetime().nullable(),
  pausedReason: z.string().nullable(),
  asksForConnections: z.boolean(),
  pausesOnNewNetwork: z.boolean(),
  callsPerDay: z.number().nullable(),
  rowsPerDay: z.number().nullable(),
  sendsPerDay: z.number().nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  /** May change it and make keys. */
  canEdit: z.boolean(),
  /** May disable and delete it and revoke its keys. */
  canEnd: z.boolean(),
});
export type AgentJson = z.infer<typeof agentSchema>;
export const agentListSchema = z.object({
  items: z.array(agentSchema),
  nextCursor: z.string().nullable(),
  total: z.number(),
});
export type AgentList = z.infer<typeof agentListSchema>;

/** A new key, the one time that it is known. */
export const newKeySchema = agentKeySchema.extend({ key: z.string() });
export type NewKeyJson = z.infer<typeof newKeySchema>;

export const callQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(pageSize),
  /** The id of the last call that was seen. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});
export type CallQuery = z.infer<typeof callQuerySchema>;

/** One thing an agent did; the same again within a moment is one. */
const agentCallSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  /** `proxy`, `operation`, `tool`, `lease`, `plan`, `request`. */
  door: z.string(),
  /** Of the call table or the registry. */
  operation: z.string(),
  /** The registry's words for it; null for a call through the proxy. */
  title: z.string().nullable(),
  effect: z.string(),
  /** The provider's HTTP status; null where nothing was sent. */
  status: z.number().nullable(),
  /** Our refusal's code. */
  code: z.string().nullable(),
  durationMs: z.number(),
  rows: z.number(),
  bytes: z.number(),
  repeats: z.number(),
  keyName: z.string().nullable(),
  /** Without a name: deleted since. */
  connection: z
    .object({
      id: z.uuid(),
      name: z.string().nullable(),
      environment: z.enum(environments).nullable(),
    })
    .nullable(),
});
export type AgentCallJson = z.infer<typeof agentCallSchema>;
const usedOfDaySchema = z.object({ used: z.number(), most: z.number().nullable() });
export const agentCallListSchema = z.object({
  items: z.array(agentCallSchema),
  nextCursor: z.string().nullable(),
  /** What it has used of its day, in UTC. */
  today: z.object({ calls: usedOfDaySchema, rows: usedOfDaySchema, sends: usedOfDaySchema }),
});
export type AgentCallList = z.infer<typeof agentCallListSchema>;
