import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { limitsOfBody } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";

/** Up to this size a body costs no more than the request that brings it. */
const SMALL_BYTES = 16 * 1024;

/**
 * Counts a body before it is read and taken apart (BRK-10): each megabyte of it holds up everybody whom this
 * process serves, for a moment.
 *
 * @param bytes - as announced; the most that will be read where nothing is
 * @throws {ProxyRefusedError} `broker.rate_limited`: the key, or its owner, has sent too much within a minute
 */
export function admitBody(
  { limits }: { limits: Limits },
  agent: AgentPrincipal,
  bytes: number,
): void {
  if (bytes <= SMALL_BYTES) return;
  const turn = limits.take(limitsOfBody(agent, bytes));
  if (turn.allowed) return;
  const { retryAfterSeconds } = turn;
  throw new ProxyRefusedError("broker.rate_limited", { retryAfterSeconds });
}
