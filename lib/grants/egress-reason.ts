import type { EgressError } from "#lib/egress/errors.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/** What a failed call means for the person who waits for it. */
export function reasonOfEgressError(error: Pick<EgressError, "kind">): ReasonCode {
  switch (error.kind) {
    case "dns":
    case "refused_address":
      return "tenant_not_found";
    case "connect":
    case "timeout":
      return "connection_timeout";
    case "too_large":
    case "bad_encoding":
    case "tls":
      return "answer_not_trusted";
    default:
      return "provider_down";
  }
}
