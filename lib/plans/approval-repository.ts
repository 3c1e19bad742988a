import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { SignedApproval } from "#lib/plans/approval-mac.ts";
import type { PlanRow } from "#lib/plans/repository.ts";

/** A person's word as it is kept: with its signature, and their name as it is now. */
export type ApprovalRow = Omit<SignedApproval, "standingApprovalId"> & {
  mac: string;
  userName: string;
};

export async function insertApproval(
  tx: Transaction,
  approval: Omit<ApprovalRow, "userName">,
): Promise<void> {
  await tx.planApproval.create({ data: approval });
}

/** The approvals of each plan's version as it was read, the owner's first. */
export async function approvalsOf(
  db: DatabaseOrTransaction,
  plans: readonly Pick<PlanRow, "id" | "version">[],
): Promise<Map<string, ApprovalRow[]>> {
  if (plans.length === 0) return new Map();
  const ids = plans.map(({ id }) => id);
  const rows = await db.$queryRaw<ApprovalRow[]>`
    select a.id, a.plan_id as "planId", a.mac, a.part, a.version, a.hash, a.user_id as "userId",
      coalesce(u.name, '') as "userName", a.approved_at as "approvedAt"
    from unnest(${ids}::uuid[], ${plans.map(({ version }) => version)}::int[]) as plan (id, version)
    join plan_approvals a on a.plan_id = plan.id and a.version = plan.version
    left join users u on u.id = a.user_id
    where a.plan_id = any(${ids}::uuid[]) order by a.plan_id, a.part`;
  return Map.groupBy(rows, ({ planId }) => planId) as Map<string, ApprovalRow[]>;
}

/** The last version before this one that somebody approved; null where there is none. */
export async function lastApprovedVersion(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  { userId }: Pick<Principal, "userId">,
): Promise<number | null> {
  const { _max } = await db.planApproval.aggregate({
    where: { planId: id, userId, version: { lt: version } },
    _max: { version: true },
  });
  return _max.version;
}
