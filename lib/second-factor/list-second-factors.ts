import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { FactorKind, SecondFactorsJson } from "#lib/second-factor/schema.ts";

type Deps = { db: DatabaseOrTransaction };

/** The caller's own factors, oldest first, and how many recovery codes are left. */
export async function listSecondFactors(
  deps: Deps,
  principal: Principal,
): Promise<SecondFactorsJson> {
  const { userId } = principal;
  const [factors, recoveryCodesLeft, isWanted, { passwordHash }] = await Promise.all([
    deps.db.secondFactor.findMany({
      where: { userId, confirmedAt: { not: null } },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    }),
    deps.db.recoveryCode.count({ where: { userId, usedAt: null } }),
    isSecondFactorWanted(deps, userId),
    deps.db.user.findUniqueOrThrow({ where: { id: userId }, select: { passwordHash: true } }),
  ]);
  return {
    factors: factors.map((factor) => ({
      id: factor.id,
      kind: factor.kind,
      name: factor.name,
      createdAt: factor.createdAt.toISOString(),
      lastUsedAt: factor.lastUsedAt?.toISOString() ?? null,
    })),
    recoveryCodesLeft,
    isWanted,
    hasPassword: passwordHash !== null,
  };
}

/** Which kinds a person can answer the second step with. */
export async function findFactorKinds(deps: Deps, userId: string): Promise<FactorKind[]> {
  const kinds = await deps.db.secondFactor.groupBy({
    by: ["kind"],
    where: { userId, confirmedAt: { not: null } },
  });
  return kinds.map(({ kind }) => kind);
}

/** True where one of the person's roles, in whichever team, has powers that want a second factor. */
export async function isSecondFactorWanted(deps: Deps, userId: string): Promise<boolean> {
  const where = { userId, role: { in: ["owner" as const, "admin" as const] } };
  return (await deps.db.membership.count({ where })) > 0;
}

/** When a factor that was begun and not confirmed is over. */
const PENDING_MINUTES = 15;
export const pendingSince = (clock: Clock) =>
  new Date(clock.now().getTime() - PENDING_MINUTES * 60_000);
