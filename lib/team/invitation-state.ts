import type { Role } from "#lib/core/principal.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";
import type { InvitationState } from "#lib/team/schema.ts";

const DAY_MS = 24 * 3_600_000;
/** So long an invitation may be accepted. */
export const INVITATION_LIFE_MS = 7 * DAY_MS;

export type InvitationFacts = {
  role: Role;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
  /** Who invited, as they are in the team now; `null`: not in it any more. */
  inviter: { id: string; role: Role } | null;
};

/**
 * What time and people have made of an invitation. One whose inviter has left, or could not give that
 * role any more, counts as withdrawn: nobody's word outlasts their right to it (TEN-3).
 */
export function invitationState(facts: InvitationFacts, now: Date): InvitationState {
  const { inviter, role } = facts;
  if (facts.acceptedAt) return "accepted";
  const actor = inviter && { userId: inviter.id, role: inviter.role };
  const isCovered = actor !== null && mayDo(actor, "team.invitations.change", { roles: [role] });
  if (facts.revokedAt || !isCovered) return "revoked";
  return facts.expiresAt <= now ? "expired" : "open";
}
