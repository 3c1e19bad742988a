import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { limitOfRequests } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";

export type AdmitDeps = { limits: Limits };

/**
 * Counts a request against its key, whichever door it came to and whatever it asks for: lists, documents
 * and refusals cost the studio too (BRK-10).
 *
 * @throws {ProxyRefusedError} `broker.rate_limited`: the key has asked too often
 */
export function admitCaller({ limits }: AdmitDeps, { keyId }: AgentPrincipal): void {
  const turn = limits.take([limitOfRequests(keyId)]);
  if (turn.allowed) return;
  const { retryAfterSeconds } = turn;
  throw new ProxyRefusedError("broker.rate_limited", { retryAfterSeconds });
}
