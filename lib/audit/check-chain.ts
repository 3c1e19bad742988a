import type { ChainCheckJson } from "#lib/audit/schema.ts";
import { type VerifyDeps, verifyTrail } from "#lib/audit/verify-trail.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/**
 * Recomputes the chain of the principal's team, now.
 * @throws {ForbiddenError} for whoever may not read all of it
 */
export async function checkChain(
  deps: VerifyDeps & { clock: Clock },
  principal: Principal,
): Promise<ChainCheckJson> {
  requireMay(principal, "audit.verify");
  const { chains } = await verifyTrail(deps, { chainIds: [principal.teamId] });
  const { checked = 0, firstBad = null } = chains[0] ?? {};
  return {
    isIntact: firstBad === null,
    checked,
    checkedAt: deps.clock.now().toISOString(),
    firstBad: firstBad && { ...firstBad, sequence: Number(firstBad.sequence) },
  };
}
