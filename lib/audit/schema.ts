import { z } from "zod";
import { auditActions } from "#lib/audit/actions.ts";
import { plainText } from "#lib/core/plain-text.ts";

/** An event on a connection's timeline. */
const connectionEventSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  action: z.string(),
  result: z.string(),
  actorName: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type ConnectionEventJson = z.infer<typeof connectionEventSchema>;

/** A line of it: one event, or as many alike as there were between two others. */
const timelineEntrySchema = connectionEventSchema.extend({
  count: z.number(),
  /** Of the oldest of them. */
  firstAt: z.iso.datetime(),
  /** There are more of them than were counted. */
  isAtLeast: z.boolean(),
});
export type TimelineEntryJson = z.infer<typeof timelineEntrySchema>;
export const connectionTimelineSchema = z.object({ items: z.array(timelineEntrySchema) });
export type ConnectionTimeline = z.infer<typeof connectionTimelineSchema>;

/** An event on an agent's page. */
export type AgentEventJson = ConnectionEventJson & {
  connection: { id: string; name: string | null } | null;
};

const filters = {
  q: plainText.transform((text) => text.trim()).default(""),
  action: z.array(z.enum(auditActions)).max(auditActions.length).default([]),
  /** Who did it, or for whom. */
  actor: z.uuid().optional(),
  connection: z.uuid().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  /** Not included. */
  to: z.iso.datetime({ offset: true }).optional(),
};

export const auditQuerySchema = z.strictObject({
  ...filters,
  /** Also what the machinery does by the thousand: leases given out and back, refreshes that went well. */
  routine: z.stringbool().default(true),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, "Start again without a cursor.")
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;
export type AuditFilters = Omit<AuditQuery, "cursor" | "limit" | "routine"> & { routine?: boolean };

export const exportFormats = ["ndjson", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const exportQuerySchema = z.strictObject({ ...filters, format: z.enum(exportFormats) });
export type ExportQuery = z.infer<typeof exportQuerySchema>;

const named = z.object({ id: z.uuid(), name: z.string().nullable() });

/** An event with its place in the team's chain; names are those of today, and not under the hash. */
export const auditEventSchema = z.object({
  id: z.uuid(),
  /** Counts from 1 without a gap. */
  sequence: z.number(),
  at: z.iso.datetime(),
  action: z.string(),
  result: z.string(),
  actor: named.nullable(),
  onBehalfOf: named.nullable(),
  target: z.object({ kind: z.string(), id: z.uuid(), name: z.string().nullable() }).nullable(),
  connection: named.nullable(),
  sessionId: z.uuid().nullable(),
  detail: z.record(z.string(), z.unknown()),
  requestId: z.string().nullable(),
  hash: z.string(),
});
export type AuditEventJson = z.infer<typeof auditEventSchema>;

export const auditListSchema = z.object({
  items: z.array(auditEventSchema),
  nextCursor: z.string().nullable(),
});
export type AuditList = z.infer<typeof auditListSchema>;

/** What came of recomputing a team's chain. */
export const chainCheckSchema = z.object({
  isIntact: z.boolean(),
  /** Events found good. */
  checked: z.number(),
  checkedAt: z.iso.datetime(),
  firstBad: z
    .object({ sequence: z.number(), eventId: z.uuid().nullable(), problem: z.string() })
    .nullable(),
});
export type ChainCheckJson = z.infer<typeof chainCheckSchema>;
