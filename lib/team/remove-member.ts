import { recordEvent } from "#lib/audit/record-event.ts";
import { endTeamSessionsOf, renewSession } from "#lib/auth/team-sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { LastOwnerError } from "#lib/team/errors.ts";
import { withdraw } from "#lib/team/invite.ts";
import {
  countOwners,
  deleteMembership,
  findMember,
  type Member,
} from "#lib/team/members-repository.ts";
import type { Removal } from "#lib/team/schema.ts";
import { requireStanding } from "#lib/team/standing.ts";
import { listTeamsOf } from "#lib/team/teams-repository.ts";

export type MembershipDeps = {
  db: Database;
  clock: Clock;
  random: Random;
  /**
   * Ends whatever else somebody held in a team, in the transaction that takes them out of it: grants
   * and open sign-ins, agents with their keys and leases; plans have their place here too. What has to be
   * told to a provider is queued in it, and done after.
   */
  onMembershipEnded(
    tx: Transaction,
    principal: Principal,
    of: { teamId: string; userId: string },
  ): Promise<{ grantsEnded: number; agentsEnded: number }>;
};

/**
 * Takes somebody out of the team. In one transaction their sessions in it, their grants and open
 * sign-ins, their agents' keys and leases end; from its commit on nothing of theirs is served, in any process (TEN-10). Their tokens
 * are revoked at the providers after it. The connections they made stay with the team.
 *
 * @throws {NotFoundError} not of this team, or nobody
 * @throws {ForbiddenError} not an admin, or their role is above the principal's (TEN-3)
 * @throws {LastOwnerError} nobody else would be an owner
 */
export async function removeMember(
  deps: MembershipDeps,
  principal: Principal,
  userId: string,
): Promise<Removal> {
  if (userId === principal.userId) {
    throw new InvalidInputError("To go yourself, leave the team instead.");
  }
  return inTransaction(deps.db, async (tx) => {
    const actor = await requireStanding(tx, principal);
    const member = await findMember(tx, principal, userId);
    if (!member) throw new NotFoundError();
    const of = { roles: [member.role] };
    requireMay(
      actor,
      "team.members.remove",
      of,
      "Nobody removes somebody of a role above their own.",
    );
    return takeOut(deps, tx, principal, member, "removed");
  });
}

/**
 * Leaves the team: what `removeMember` ends, ends for the caller. Whoever is in another team goes on
 * there, in the session whose token is returned.
 *
 * @returns the token, `null` where there is no other team
 * @throws {LastOwnerError} nobody else would be an owner
 */
export async function leaveTeam(
  deps: MembershipDeps,
  principal: Principal,
): Promise<Secret | null> {
  return inTransaction(deps.db, async (tx) => {
    const actor = await requireStanding(tx, principal);
    requireMay(actor, "team.leave", { ownerId: principal.userId });
    const member = await findMember(tx, principal, principal.userId);
    if (!member) throw new NotFoundError();
    const next = (await listTeamsOf(tx, principal)).find(({ isCurrent }) => !isCurrent);
    const renewed = next ? await renewSession(tx, deps, principal, next.id, "left") : null;
    await takeOut(deps, tx, principal, member, "left");
    return renewed?.token ?? null;
  });
}

async function takeOut(
  deps: MembershipDeps,
  tx: Transaction,
  principal: Principal,
  member: Member,
  reason: "removed" | "left",
): Promise<Removal> {
  const { teamId } = principal;
  const { userId } = member;
  if (member.role === "owner" && (await countOwners(tx, principal)) < 2) throw new LastOwnerError();
  // First: a sign-in at a provider that ends just now sees it, or is waited for.
  await deleteMembership(tx, principal, userId);
  const sessionsEnded = await endTeamSessionsOf(tx, deps, principal, userId, reason);
  // For good: they would count again if the person came back.
  await withdraw(tx, deps, principal, { invitedById: userId });
  const ended = await deps.onMembershipEnded(tx, principal, { teamId, userId });
  await recordEvent(tx, deps, {
    action: reason === "removed" ? "team.member_removed" : "team.member_left",
    principal,
    target: { kind: "user", id: userId },
    ...(userId === principal.userId ? {} : { onBehalfOf: userId }),
    result: "success",
    detail: { role: member.role, sessionsEnded, ...ended },
  });
  return { userId, removedAt: deps.clock.now().toISOString(), sessionsEnded, ...ended };
}
