import { createHash } from "node:crypto";
import type { AuditAction } from "#lib/audit/actions.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import { AlreadyMemberError, InvitationOverError, TooManyError } from "#lib/team/errors.ts";
import { INVITATION_LIFE_MS, invitationState } from "#lib/team/invitation-state.ts";
import {
  countUnusedInvitations,
  findInvitation,
  type Invitation,
  insertInvitation,
  listInvitationRows,
  lockInvitation,
  revokeInvitations,
} from "#lib/team/invitations-repository.ts";
import { isMemberByEmail } from "#lib/team/members-repository.ts";
import type {
  InvitationInput,
  InvitationJson,
  InvitationList,
  InvitationQuery,
} from "#lib/team/schema.ts";
import { requireStanding } from "#lib/team/standing.ts";

type Deps = { db: Database; clock: Clock; random: Random };

/** Random bytes in a link: 256 bits. */
const TOKEN_BYTES = 32;
const MAX_OPEN_INVITATIONS = 500;
const aboveOwn = "Nobody invites to a role above their own.";

/** The form in which an invitation's token is stored. */
export const invitationTokenHash = (token: Secret): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash("sha256").update(token.reveal()).digest());

export type IssuedInvitation = { invitation: InvitationJson; token: Secret };

/**
 * Invites an address to the team, for seven days. An open invitation to the same address is withdrawn
 * by it. No mail is sent: whoever invites passes the link on.
 *
 * @param input.email - in its one stored form
 * @returns the token of the link: only its hash is stored, so this is the one time it is known
 * @throws {ForbiddenError} not an admin, or the role is above their own (TEN-3)
 * @throws {AlreadyMemberError} the address is a member's
 * @throws {TooManyError} five hundred are open
 */
export async function invite(
  deps: Deps,
  principal: Principal,
  input: InvitationInput,
): Promise<IssuedInvitation> {
  return inTransaction(deps.db, async (tx) => {
    const actor = await requireStanding(tx, principal);
    requireMay(actor, "team.invitations.change", { roles: [input.role] }, aboveOwn);
    return issue(tx, deps, actor, input, "team.invitation_created");
  });
}

/**
 * Gives an invitation a new link and seven more days; the link before is dead.
 *
 * @throws {NotFoundError} absent, or another team's
 * @throws {InvitationOverError} accepted or withdrawn
 * @throws {ForbiddenError} not an admin, or the role is above their own
 */
export async function renewInvitation(
  deps: Deps,
  principal: Principal,
  id: string,
): Promise<IssuedInvitation> {
  return inTransaction(deps.db, async (tx) => {
    const { actor, invitation } = await requireInvitation(tx, principal, id);
    if (invitation.acceptedAt) throw new InvitationOverError("accepted");
    if (invitation.revokedAt) throw new InvitationOverError("revoked");
    return issue(tx, deps, actor, invitation, "team.invitation_renewed");
  });
}

/**
 * Withdraws an invitation; its link is dead at once.
 *
 * @throws {NotFoundError} absent, another team's, or nothing is left to withdraw
 * @throws {ForbiddenError} not an admin, or the role is above their own
 */
export async function revokeInvitation(
  deps: Deps,
  principal: Principal,
  id: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const { invitation } = await requireInvitation(tx, principal, id);
    const revoked = await withdraw(tx, deps, principal, { id: invitation.id });
    if (revoked === 0) throw new NotFoundError();
  });
}

/** The team's invitations that wait or have expired, the newest first. Never a token. */
export async function listInvitations(
  deps: { db: Database; clock: Clock },
  principal: Principal,
  query: InvitationQuery,
): Promise<InvitationList> {
  requireMay(principal, "team.invitations.list");
  const wanted = { ...query, limit: query.limit + 1 };
  const rows = await listInvitationRows(deps.db, principal, wanted);
  const page = rows.slice(0, query.limit);
  return {
    items: page.map((row) => toInvitationJson(principal, row, deps.clock.now())),
    nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

async function requireInvitation(
  tx: Transaction,
  principal: Principal,
  id: string,
): Promise<{ actor: Principal; invitation: Invitation }> {
  const actor = await requireStanding(tx, principal);
  await lockInvitation(tx, id);
  const invitation = await findInvitation(tx, principal, id);
  if (!invitation) throw new NotFoundError();
  requireMay(actor, "team.invitations.change", { roles: [invitation.role] }, aboveOwn);
  return { actor, invitation };
}

async function issue(
  tx: Transaction,
  deps: Deps,
  principal: Principal,
  { email, role }: { email: string; role: Role },
  action: AuditAction,
): Promise<IssuedInvitation> {
  if (await isMemberByEmail(tx, principal, email)) throw new AlreadyMemberError();
  const createdAt = deps.clock.now();
  await withdraw(tx, deps, principal, { email });
  if ((await countUnusedInvitations(tx, principal, createdAt)) >= MAX_OPEN_INVITATIONS) {
    throw new TooManyError(`${MAX_OPEN_INVITATIONS} invitations are open. Withdraw some first.`);
  }
  const id = deps.random.uuid();
  const token = new Secret(deps.random.token(TOKEN_BYTES));
  await insertInvitation(tx, {
    id,
    teamId: principal.teamId,
    email,
    role,
    tokenHash: invitationTokenHash(token),
    invitedById: principal.userId,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + INVITATION_LIFE_MS),
  });
  await recordEvent(tx, deps, {
    action,
    principal,
    target: { kind: "invitation", id },
    result: "success",
    detail: { role },
  });
  const made = await findInvitation(tx, principal, id);
  if (!made) throw new NotFoundError();
  return { invitation: toInvitationJson(principal, made, createdAt), token };
}

/** Withdraws open invitations for good, with an event each. @returns how many there were */
export async function withdraw(
  tx: Transaction,
  deps: Pick<Deps, "clock" | "random">,
  principal: Principal,
  which: Parameters<typeof revokeInvitations>[2],
): Promise<number> {
  const ids = await revokeInvitations(tx, principal, which, deps.clock.now());
  for (const id of ids) {
    await recordEvent(tx, deps, {
      action: "team.invitation_revoked",
      principal,
      target: { kind: "invitation", id },
      result: "success",
    });
  }
  return ids.length;
}

function toInvitationJson(principal: Principal, row: Invitation, now: Date): InvitationJson {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    state: invitationState(row, now),
    invitedBy: row.invitedBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    canChange: mayDo(principal, "team.invitations.change", { roles: [row.role] }),
  };
}
