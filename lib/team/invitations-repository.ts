import type { Principal, Role } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { InvitationFacts } from "#lib/team/invitation-state.ts";
import type { InvitationQuery } from "#lib/team/schema.ts";

export type Invitation = InvitationFacts & {
  id: string;
  teamId: string;
  email: string;
  createdAt: Date;
  invitedBy: { id: string; name: string } | null;
  team: { name: string };
};

const whole = {
  id: true,
  teamId: true,
  email: true,
  role: true,
  createdAt: true,
  expiresAt: true,
  acceptedAt: true,
  revokedAt: true,
  team: { select: { name: true } },
  invitedBy: {
    select: { id: true, name: true, memberships: { select: { teamId: true, role: true } } },
  },
} as const;

type Row = Omit<Invitation, "invitedBy" | "inviter"> & {
  invitedBy: { id: string; name: string; memberships: { teamId: string; role: Role }[] } | null;
};

function invitationOf({ invitedBy, ...row }: Row): Invitation {
  const membership = invitedBy?.memberships.find(({ teamId }) => teamId === row.teamId);
  return {
    ...row,
    invitedBy: invitedBy && { id: invitedBy.id, name: invitedBy.name },
    inviter: invitedBy && membership ? { id: invitedBy.id, role: membership.role } : null,
  };
}

/** By the hash of its link's token, whatever has become of it. The token proves the right to see it. */
export async function findInvitationByToken(
  db: DatabaseOrTransaction,
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<Invitation | null> {
  const row = await db.invitation.findUnique({ where: { tokenHash }, select: whole });
  return row && invitationOf(row);
}

export async function findInvitation(
  db: DatabaseOrTransaction,
  { teamId }: Pick<Principal, "teamId">,
  id: string,
): Promise<Invitation | null> {
  const row = await db.invitation.findFirst({ where: { id, teamId }, select: whole });
  return row && invitationOf(row);
}

/** Those to an address that nobody used or withdrew, the newest first: over all teams, for sign-in. */
export async function listUnusedInvitationsTo(
  db: DatabaseOrTransaction,
  email: string,
): Promise<Invitation[]> {
  const rows = await db.invitation.findMany({
    where: { email, acceptedAt: null, revokedAt: null },
    select: whole,
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: 20,
  });
  return rows.map(invitationOf);
}

/** The team's invitations, the newest first; those that were accepted are members now. */
export async function listInvitationRows(
  db: DatabaseOrTransaction,
  { teamId }: Pick<Principal, "teamId">,
  query: InvitationQuery,
): Promise<Invitation[]> {
  const rows = await db.invitation.findMany({
    where: { teamId, acceptedAt: null, revokedAt: null },
    select: whole,
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: query.limit,
    ...(query.cursor ? { cursor: { id: query.cursor, teamId }, skip: 1 } : {}),
  });
  return rows.map(invitationOf);
}

export async function countUnusedInvitations(
  tx: Transaction,
  { teamId }: Pick<Principal, "teamId">,
  now: Date,
): Promise<number> {
  return tx.invitation.count({
    where: { teamId, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } },
  });
}

export async function insertInvitation(
  tx: Transaction,
  row: {
    id: string;
    teamId: string;
    email: string;
    role: Role;
    tokenHash: Uint8Array<ArrayBuffer>;
    invitedById: string;
    createdAt: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await tx.invitation.create({ data: row });
}

/** Withdraws what nobody used: one invitation, or all of the team's to an address or by a person. @returns their ids */
export async function revokeInvitations(
  tx: Transaction,
  { teamId }: Pick<Principal, "teamId">,
  which: { id: string } | { email: string } | { invitedById: string },
  revokedAt: Date,
): Promise<string[]> {
  const rows = await tx.invitation.updateManyAndReturn({
    where: { teamId, ...which, acceptedAt: null, revokedAt: null },
    data: { revokedAt },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

/** Holds an invitation until the transaction ends: two who accept it take turns. */
export async function lockInvitation(tx: Transaction, id: string): Promise<void> {
  await tx.$queryRaw`select 1 from invitations where id = ${id}::uuid for update`;
}

export async function markAccepted(
  tx: Transaction,
  id: string,
  accepted: { acceptedAt: Date; acceptedBy: string },
): Promise<void> {
  await tx.invitation.updateMany({ where: { id }, data: accepted });
}
