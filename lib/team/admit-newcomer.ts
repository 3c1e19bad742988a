import { recordEvent } from "#lib/audit/record-event.ts";
import type { Newcomer } from "#lib/auth/sign-in-with-identity.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Transaction } from "#lib/db/client.ts";
import { isPublicMailDomain } from "#lib/team/mail-domain.ts";

/**
 * Lets in somebody whom no account knows: their verified address is of a mail domain that a team
 * allows, letter by letter, never of one below it. They become a member, never more.
 *
 * @param newcomer.email - verified by the provider, normalised, and no account's
 * @returns `null` where nothing lets them in: nothing was made
 */
export async function admitNewcomer(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  newcomer: Newcomer,
): Promise<{ userId: string; teamId: string } | null> {
  const { email, name } = newcomer;
  // Who was removed from a team does not come back by the domain alone.
  if (newcomer.userId) return null;
  const teamId = await homeTeamOf(tx, email);
  if (!teamId) return null;
  // Held: a domain that is being taken away lets nobody in any more.
  const held = await tx.$queryRaw<unknown[]>`
    select 1 from team_domains where domain = ${mailDomainOf(email)}
      and team_id = ${teamId}::uuid for share`;
  if (held.length === 0) return null;
  const userId = deps.random.uuid();
  const createdAt = deps.clock.now();
  await tx.user.create({ data: { id: userId, email, name, createdAt } });
  await tx.membership.create({ data: { teamId, userId, role: "member", createdAt } });
  await recordEvent(tx, deps, {
    action: "user.created",
    principal: null,
    teamId,
    target: { kind: "user", id: userId },
    result: "success",
    detail: { role: "member", by: "mail_domain" },
  });
  return { userId, teamId };
}

/** The team that allows an address's mail domain. */
export async function homeTeamOf(tx: Transaction, email: string): Promise<string | null> {
  const domain = mailDomainOf(email);
  if (isPublicMailDomain(domain)) return null;
  const allowed = await tx.teamDomain.findUnique({ where: { domain }, select: { teamId: true } });
  return allowed?.teamId ?? null;
}

const mailDomainOf = (email: string) => email.slice(email.lastIndexOf("@") + 1);
