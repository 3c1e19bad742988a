import { recordEvent } from "#lib/audit/record-event.ts";
import { networkOf } from "#lib/auth/network.ts";
import { type Client, firstTeamOf } from "#lib/auth/open-session.ts";
import { hashPassword, requireGoodPassword, verifyPassword } from "#lib/auth/password.ts";
import { recordRefusedSignIn } from "#lib/auth/sign-in.ts";
import {
  accountPolicy,
  beginAttempt,
  forgetAttempts,
  networkPolicy,
  refundAttempt,
  throttleKey,
} from "#lib/auth/throttle.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import {
  AccountPasswordError,
  InvitationForAnotherError,
  InvitationOverError,
  SignInFirstError,
} from "#lib/team/errors.ts";
import { invitationState } from "#lib/team/invitation-state.ts";
import {
  findInvitation,
  findInvitationByToken,
  type Invitation,
  lockInvitation,
  markAccepted,
} from "#lib/team/invitations-repository.ts";
import { invitationTokenHash } from "#lib/team/invite.ts";
import { insertMembership, lockTeam } from "#lib/team/members-repository.ts";
import type { InvitationView } from "#lib/team/schema.ts";
import { goOnIn } from "#lib/team/teams.ts";
import { type Account, findUserByEmail, insertUser } from "#lib/team/users-repository.ts";

type Deps = { db: Database; clock: Clock; random: Random };

/** What an invitation's page may say to whoever holds its link. */
export async function viewInvitation(
  deps: { db: Database; clock: Clock },
  token: Secret,
): Promise<InvitationView> {
  const invitation = await findInvitationByToken(deps.db, invitationTokenHash(token));
  if (!invitation) return { state: "unknown" };
  const state = invitationState(invitation, deps.clock.now());
  if (state !== "open") return { state };
  const user = await findUserByEmail(deps.db, invitation.email);
  return {
    state,
    email: invitation.email,
    role: invitation.role,
    teamName: invitation.team.name,
    invitedBy: invitation.invitedBy?.name ?? null,
    account: user ? (provesByPassword(user) ? "password" : "elsewhere") : "none",
  };
}

/**
 * Accepts an invitation for somebody who is not signed in: with a new account for exactly the invited
 * address, or with the password of the account that has it. All or nothing, once (TEN-11). It signs
 * nobody in.
 *
 * @throws {InvitationOverError} used, withdrawn, expired, or no such link
 * @throws {GuessablePasswordError} the new password is short, long or common
 * @throws {AccountPasswordError} the address has an account, and this is not its password
 * @throws {SignInFirstError} the address has an account that wants more, or something else, than a password
 * @throws {ThrottledError} too many wrong passwords for the account
 */
export async function acceptInvitation(
  deps: Deps,
  input: { token: Secret; name: string; password: Secret },
  client: Client,
): Promise<{ email: string }> {
  const found = await requireOpen(deps, input.token);
  const { email } = found;
  const known = await findUserByEmail(deps.db, email);
  const proven = known
    ? await proveAccount(deps, { ...known, email }, input.password, client)
    : await newAccount(email, input);
  await inTransaction(deps.db, async (tx) => {
    const invitation = await requireStillOpen(tx, deps, found);
    const createdAt = deps.clock.now();
    const userId = known?.id ?? deps.random.uuid();
    if (!known) {
      const { name, passwordHash } = proven;
      const isNew = await insertUser(tx, { id: userId, email, name, passwordHash, createdAt });
      // Another invitation to this address was accepted meanwhile: now it is asked for its password.
      if (!isNew) throw new AccountPasswordError();
    } else {
      const now = await findUserByEmail(tx, email);
      if (!now || !provesByPassword(now)) throw new SignInFirstError();
      if (now.passwordHash !== proven.passwordHash) throw new AccountPasswordError();
    }
    const of = { userId, isNewUser: !known, method: "password" } as const;
    await joinBy(tx, deps, invitation, of, client.requestId);
  });
  return { email };
}

/**
 * Accepts an invitation for whoever is signed in with the invited address, and goes on in that team.
 *
 * @returns the token of the caller's session, which is in that team now
 * @throws {InvitationOverError} used, withdrawn, expired, or no such link
 * @throws {InvitationForAnotherError} the caller's address is another
 */
export async function joinTeam(
  deps: Deps,
  principal: Principal,
  input: { token: Secret },
): Promise<{ token: Secret }> {
  const found = await requireOpen(deps, input.token);
  return inTransaction(deps.db, async (tx) => {
    const invitation = await requireStillOpen(tx, deps, found);
    const user = await findUserByEmail(tx, invitation.email);
    if (user?.id !== principal.userId) throw new InvitationForAnotherError();
    const of = { userId: user.id, isNewUser: false, method: "session" } as const;
    await joinBy(tx, deps, invitation, of);
    return { token: await goOnIn(tx, deps, principal, invitation.teamId) };
  });
}

/**
 * An invitation that is still open, held with its team's people until the transaction ends: of two who
 * accept it at once, one does.
 *
 * @throws {InvitationOverError} it was used, withdrawn or has expired meanwhile
 */
export async function requireStillOpen(
  tx: Transaction,
  deps: { clock: Clock },
  found: Pick<Invitation, "id" | "teamId">,
): Promise<Invitation> {
  await lockTeam(tx, found.teamId);
  await lockInvitation(tx, found.id);
  return judged(deps, await findInvitation(tx, found, found.id));
}

/** Makes the membership that an invitation held under lock is for, and uses the invitation up. */
export async function joinBy(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  { id, teamId, role }: Pick<Invitation, "id" | "teamId" | "role">,
  of: { userId: string; isNewUser: boolean; method: "password" | "session" | "identity_provider" },
  requestId?: string,
): Promise<void> {
  const { userId, isNewUser, method } = of;
  const at = deps.clock.now();
  const event = {
    principal: { userId, teamId, sessionId: null },
    result: "success",
    ...(requestId ? { requestId } : {}),
  } as const;
  const target = { kind: "user", id: userId };
  if (isNewUser) await recordEvent(tx, deps, { ...event, action: "user.created", target });
  await markAccepted(tx, id, { acceptedAt: at, acceptedBy: userId });
  await recordEvent(tx, deps, {
    ...event,
    action: "team.invitation_accepted",
    target: { kind: "invitation", id },
    detail: { method },
  });
  if (await insertMembership(tx, { teamId, userId, role, createdAt: at })) {
    await recordEvent(tx, deps, {
      ...event,
      action: "team.member_joined",
      target,
      detail: { role },
    });
  }
}

async function requireOpen(
  deps: { db: Database; clock: Clock },
  token: Secret,
): Promise<Invitation> {
  return judged(deps, await findInvitationByToken(deps.db, invitationTokenHash(token)));
}

function judged(deps: { clock: Clock }, invitation: Invitation | null): Invitation {
  if (!invitation) throw new InvitationOverError("unknown");
  const state = invitationState(invitation, deps.clock.now());
  if (state !== "open") throw new InvitationOverError(state);
  return invitation;
}

async function newAccount(
  email: string,
  { name, password }: { name: string; password: Secret },
): Promise<{ name: string; passwordHash: string }> {
  if (name === "") {
    throw new InvalidInputError("Enter your name.", [
      { path: "name", message: "Enter your name." },
    ]);
  }
  requireGoodPassword(password, "password", [email, name]);
  return { name, passwordHash: await hashPassword(password) };
}

/** A password alone proves an account that wants no second factor; all others sign in first (WEB-11). */
function provesByPassword(account: Account): account is Account & { passwordHash: string } {
  return account.passwordHash !== null && !account.hasSecondFactor;
}

// Counted and recorded like the sign-in's own failures: this is no second door to guess at (WEB-2).
async function proveAccount(
  deps: Deps,
  account: Account & { email: string },
  password: Secret,
  client: Client,
): Promise<{ name: string; passwordHash: string }> {
  if (!provesByPassword(account)) throw new SignInFirstError();
  const { id: userId, email, passwordHash } = account;
  const network = throttleKey("sign-in-network", networkOf(client.address));
  const networkBucket = { key: network, policy: networkPolicy };
  const accountBucket = { key: throttleKey("sign-in", email), policy: accountPolicy };
  await beginAttempt(deps, [networkBucket, accountBucket]);
  const isRight = await verifyPassword(passwordHash, password);
  if (!isRight || account.disabledAt) {
    await recordRefusedSignIn(deps, { userId, teamId: await firstTeamOf(deps.db, userId) }, client);
    throw new AccountPasswordError();
  }
  await forgetAttempts(deps, accountBucket);
  await refundAttempt(deps, networkBucket);
  return { name: "", passwordHash };
}
