import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { type WriteEventDeps, writeEvent } from "#lib/broker/write-events.ts";
import type { Logger } from "#lib/core/log.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";

/** What the trail says of a call (AUD-1, AUD-2): what it does and what came of it, never its content. */
export function callRecorder(
  deps: WriteEventDeps & { log: Logger },
  agent: AgentPrincipal,
  grant: Pick<Grant, "id" | "connectionId">,
  call: { method: string; door: string; requestId: string },
  classed: ClassedCall,
) {
  const isRead = classed.class === "read";
  const write = (
    result: "intent" | "success" | "failed" | "refused",
    detail: Readonly<Record<string, string | number>> = {},
    action: "proxy.write" | "proxy.answer_stopped" = "proxy.write",
  ) =>
    writeEvent(deps, {
      action,
      principal: agent,
      target: { kind: "grant", id: grant.id },
      connectionId: grant.connectionId,
      result,
      detail: { operation: classed.operation, method: call.method, door: call.door, ...detail },
      requestId: call.requestId,
    });
  // The intent stands: whoever reads the trail sees that its result is missing.
  const later = (work: Promise<void>) => {
    work.catch((error: unknown) =>
      deps.log.error("the result of a call was not recorded", { requestId: call.requestId, error }),
    );
  };
  return {
    async intent(): Promise<void> {
      if (isRead) return;
      await write("intent").catch((cause: unknown) => {
        throw new ProxyRefusedError("broker.not_recorded", { cause });
      });
    },
    answered(status: number): void {
      if (isRead) return;
      later(write(status < 400 ? "success" : "failed", { status }));
    },
    failed(error: unknown): void {
      if (isRead) return;
      const isUnknown = isEgressError(error) && error.sentBytes;
      later(write("failed", { outcome: isUnknown ? "unknown" : "not_sent" }));
    },
    stopped(): void {
      deps.log.error("an answer held a token of ours and was stopped", {
        requestId: call.requestId,
        connectionId: grant.connectionId,
      });
      later(write("refused", {}, "proxy.answer_stopped"));
    },
  };
}
