import { z } from "zod";

/** What a page may be told of; each has an address from which to read the rest. */
const liveKinds = ["plan", "request", "agent", "calls", "connection"] as const;
export type LiveKind = (typeof liveKinds)[number];

/**
 * Something changed: which, and of what kind, and nothing else of it (WEB-8). `calls` names the agent
 * that did something. "all" stands for changes that may have been missed.
 */
export const liveChangesSchema = z.union([
  z.literal("all"),
  z.array(z.strictObject({ kind: z.enum(liveKinds), id: z.uuid() })).max(1_000),
]);
export type LiveChange = { kind: LiveKind; id: string };
export type LiveChanges = readonly LiveChange[] | "all";

/** How much waits for one person: plans to decide, connections that their agents ask for, agents to look at. */
export const inboxSchema = z.object({
  plans: z.number().int(),
  requests: z.number().int(),
  /** Paused by the studio, or used from where they never were. */
  agents: z.number().int(),
});
export type InboxCounts = z.infer<typeof inboxSchema>;
