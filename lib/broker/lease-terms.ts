import type { RawRefusal } from "#lib/broker/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

/** No lease lives longer, whatever its token does (BRK-2). */
export const LONGEST_LIFE_MS = 20 * 60_000;
/** A lease that nobody asked to be long still serves this long, where the provider's tokens do. */
const LEAST_LIFE_MS = 60_000;
const MARGIN_MS = 10_000;
const MARGIN_SHARE = 0.1;

/** How much must be left of a token for a lease that serves `seconds`. */
export const tokenLifeFor = (seconds: number): number =>
  Math.max(seconds * 1000, LEAST_LIFE_MS) + MARGIN_MS;

/**
 * How long a lease may live: whole seconds, at most 20 minutes, and less than what is left of its token by
 * a margin for the way to the provider (BRK-2).
 *
 * @param endsAtMs - when the token, and an approval that the lease leans on, end
 */
export function leaseSeconds(nowMs: number, endsAtMs: readonly number[]): number {
  const leftMs = Math.min(...endsAtMs) - nowMs;
  const marginMs = Math.min(MARGIN_MS, leftMs * MARGIN_SHARE);
  return Math.max(0, Math.floor(Math.min(LONGEST_LIFE_MS, leftMs - marginMs) / 1000));
}

/**
 * May this agent have the access token itself (BRK-3)? Nothing decides any more over what its holder
 * sends, so it takes all that a write without a plan takes, and its owner's choice for this connection on
 * top: build mode, and direct writes allowed to this very agent for the time being.
 *
 * @returns null where it may
 */
export function rawRefusal(
  agent: Pick<AgentPrincipal, "mode" | "connections">,
  grant: { connectionId: string; allowsRawLeases: boolean },
  now: Date,
): RawRefusal | null {
  if (!grant.allowsRawLeases) return "not_chosen";
  if (agent.mode !== "build") return "plan_mode";
  const until = agent.connections.get(grant.connectionId)?.directWritesUntil ?? null;
  return until !== null && until > now ? null : "no_direct_writes";
}
