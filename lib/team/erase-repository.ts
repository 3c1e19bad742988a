import { announceChange } from "#lib/db/changes.ts";
import type { Transaction } from "#lib/db/client.ts";

/** Where a person stands, as far as erasing them asks; their row is locked. */
export type ErasedPerson = {
  /** Teams they are a member of. */
  teamIds: string[];
  /** They did something in this team, or something was done to them there. */
  isKnownHere: boolean;
  hasLiveGrant: boolean;
};

/** Reads under lock whether and how a person is known to a team; `null` for nobody. */
export async function lockPerson(
  tx: Transaction,
  teamId: string,
  userId: string,
): Promise<ErasedPerson | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    select id from users where id = ${userId}::uuid for update`;
  if (!row) return null;
  const memberships = await tx.membership.findMany({ where: { userId }, select: { teamId: true } });
  const event = await tx.auditEvent.findFirst({
    where: {
      teamId,
      OR: [{ actorId: userId }, { onBehalfOf: userId }, { targetKind: "user", targetId: userId }],
    },
    select: { id: true },
  });
  const live = await tx.grant.count({ where: { userId, state: { not: "disconnected" } } });
  return {
    teamIds: memberships.map((membership) => membership.teamId),
    isKnownHere: event !== null || memberships.some((membership) => membership.teamId === teamId),
    hasLiveGrant: live > 0,
  };
}

/** Removes everything that tells who this was; the row stays, for what points to it. */
export async function erase(
  tx: Transaction,
  userId: string,
  pseudonym: { name: string; email: string; at: Date },
): Promise<void> {
  const { email } = await tx.user.findUniqueOrThrow({
    where: { id: userId },
    select: { email: true },
  });
  await tx.invitation.deleteMany({ where: { OR: [{ email }, { acceptedBy: userId }] } });
  await tx.membership.deleteMany({ where: { userId } });
  await tx.session.deleteMany({ where: { userId } });
  await tx.secondFactor.deleteMany({ where: { userId } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.identity.deleteMany({ where: { userId } });
  await tx.pendingIdentity.deleteMany({ where: { userId } });
  await tx.flow.deleteMany({ where: { userId } });
  await tx.grant.deleteMany({ where: { userId } });
  await tx.agent.deleteMany({ where: { ownerId: userId } });
  await tx.plan.deleteMany({ where: { ownerId: userId } });
  await tx.agentCall.deleteMany({ where: { ownerId: userId } });
  await tx.revocation.updateMany({ where: { userId }, data: { username: null } });
  await tx.user.update({
    where: { id: userId },
    data: {
      name: pseudonym.name,
      email: pseudonym.email,
      passwordHash: null,
      passwordChangedAt: null,
      disabledAt: pseudonym.at,
    },
  });
  await announceChange(tx, { kind: "member", id: userId });
}
