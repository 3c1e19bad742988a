import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Transaction } from "#lib/db/client.ts";
import { joinBy, requireStillOpen } from "#lib/team/accept-invitation.ts";
import { homeTeamOf } from "#lib/team/admit-newcomer.ts";
import { invitationState } from "#lib/team/invitation-state.ts";
import { listUnusedInvitationsTo } from "#lib/team/invitations-repository.ts";
import { findUserByEmail, insertUser } from "#lib/team/users-repository.ts";

/**
 * Lets somebody in whom an identity provider vouches for, by the newest open invitation to their
 * address; it is used up by it (TEN-11). A new account is made for whoever has none; an account that
 * has the address already is never taken over: linking asks for proof of both first (WEB-12).
 *
 * @param person.email - in its one stored form (`normaliseEmail`)
 * @param person.userId - the account that was proven to be theirs; `null` where there is none
 * @returns whom and where; `null` where the address is not verified, not invited, or somebody else's
 */
export async function admitInvited(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  person: { email: string; emailVerified: boolean; name: string; userId?: string | null },
): Promise<{ userId: string; teamId: string; isNewUser: boolean } | null> {
  const { email, name } = person;
  if (!person.emailVerified) return null;
  // A newcomer belongs to the team of their mail domain, where there is one: any team may invite them
  // away, and that waits until they open its link themselves.
  const home = person.userId ? null : await homeTeamOf(tx, email);
  const open = (await listUnusedInvitationsTo(tx, email)).find(
    (invitation) =>
      invitationState(invitation, deps.clock.now()) === "open" &&
      (home === null || invitation.teamId === home),
  );
  if (!open) return null;
  const known = await findUserByEmail(tx, email);
  if (known && (known.id !== person.userId || known.disabledAt)) return null;
  const invitation = await requireStillOpen(tx, deps, open);
  // Whose account was proven keeps it, also where the provider knows them by a new address.
  const userId = person.userId ?? deps.random.uuid();
  const isNewUser = !person.userId;
  if (isNewUser) {
    const createdAt = deps.clock.now();
    const row = { id: userId, email, name, passwordHash: null, createdAt };
    if (!(await insertUser(tx, row))) return null;
  }
  await joinBy(tx, deps, invitation, { userId, isNewUser, method: "identity_provider" });
  return { userId, teamId: invitation.teamId, isNewUser };
}
