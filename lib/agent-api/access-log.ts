import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

type Note = { agentId?: string; keyId?: string; connectionId?: string; class?: string };

const notes = new WeakMap<ServerResponse, Note>();

/** What the line of this call will say of it: ids and kinds alone, never a name, a path or a body (LOG-1). */
export function noteAccess(res: ServerResponse, note: Note): void {
  notes.set(res, { ...notes.get(res), ...note });
}

/** Whose call it is, once that is proven. */
export const noteCaller = (res: ServerResponse, { agentId, keyId }: AgentPrincipal): void =>
  noteAccess(res, { agentId, keyId });

/** One line for each call of an agent, when its answer has ended or its caller went away. */
export function logAccess(
  { log, clock }: { log: Logger; clock: Clock },
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
): void {
  const beganMs = clock.monotonicMs();
  res.once("close", () =>
    log.info("agent's call", {
      ...notes.get(res),
      requestId,
      method: req.method,
      status: res.headersSent ? res.statusCode : 0,
      durationMs: Math.round((clock.monotonicMs() - beganMs) * 10) / 10,
    }),
  );
}
