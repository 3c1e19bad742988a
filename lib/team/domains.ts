import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { ForbiddenError, InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import { DomainTakenError } from "#lib/team/errors.ts";
import { isPublicMailDomain } from "#lib/team/mail-domain.ts";
import type { TeamDomainJson } from "#lib/team/schema.ts";
import { requireStanding } from "#lib/team/standing.ts";

type Deps = { db: Database; clock: Clock; random: Random };

const MAX_DOMAINS = 50;

/** The mail domains whose people join the principal's team, by name. */
export async function listDomains(
  deps: { db: Database },
  principal: Principal,
): Promise<TeamDomainJson[]> {
  requireMay(principal, "team.domains.list");
  const rows = await deps.db.teamDomain.findMany({
    where: { teamId: principal.teamId },
    orderBy: { domain: "asc" },
    take: MAX_DOMAINS,
  });
  return rows.map(toDomainJson);
}

/**
 * Lets people with a verified address of this domain join the principal's team as members.
 *
 * @param input.domain - normalised
 * @throws {InvalidInputError} anybody can have an address there, or the team has fifty already
 * @throws {DomainTakenError} it is allowed already, here or by another team
 * @throws {ForbiddenError} not an admin here, or somebody of the domain is in no team where the caller is one
 */
export async function addDomain(
  deps: Deps,
  principal: Principal,
  input: { domain: string },
  requestId?: string,
): Promise<TeamDomainJson> {
  requireMay(principal, "team.domains.change");
  const { domain } = input;
  if (isPublicMailDomain(domain)) {
    const message = "Anybody can have an address there. Allow a domain of your own company only.";
    throw new InvalidInputError(message, [{ path: "domain", message }]);
  }
  const { teamId, userId } = principal;
  return inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "team.domains.change");
    if (!(await looksAfterAll(tx, userId, domain))) {
      throw new ForbiddenError(
        "Somebody with an address there is in no team that you look after. Whoever does can allow the domain.",
      );
    }
    if ((await tx.teamDomain.count({ where: { teamId } })) >= MAX_DOMAINS) {
      throw new InvalidInputError(`A team can allow ${MAX_DOMAINS} domains. Remove one first.`);
    }
    const row = {
      id: deps.random.uuid(),
      teamId,
      domain,
      createdById: userId,
      createdAt: deps.clock.now(),
    };
    const { count } = await tx.teamDomain.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) throw new DomainTakenError();
    await recordEvent(tx, deps, {
      action: "team.domain_added",
      principal,
      target: { kind: "team_domain", id: row.id },
      result: "success",
      detail: { domain },
      ...(requestId ? { requestId } : {}),
    });
    return toDomainJson(row);
  });
}

/**
 * No further people join by this domain. Those who did stay.
 *
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError}
 */
export async function removeDomain(
  deps: Deps,
  principal: Principal,
  domainId: string,
  requestId?: string,
): Promise<void> {
  requireMay(principal, "team.domains.change");
  await inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "team.domains.change");
    const [removed] = await tx.$queryRaw<{ domain: string }[]>`
      delete from team_domains where id = ${domainId}::uuid
        and team_id = ${principal.teamId}::uuid returning domain`;
    if (!removed) throw new NotFoundError();
    await recordEvent(tx, deps, {
      action: "team.domain_removed",
      principal,
      target: { kind: "team_domain", id: domainId },
      result: "success",
      detail: { domain: removed.domain },
      ...(requestId ? { requestId } : {}),
    });
  });
}

// Anybody may make a team, but not draw a company's newcomers into it: everybody who has an address
// there already is in some team that the caller looks after.
async function looksAfterAll(tx: Transaction, userId: string, domain: string): Promise<boolean> {
  const people = await tx.$queryRaw<{ roles: Role[] }[]>`
    select array_remove(array_agg(distinct own.role::text), null) as roles
    from users u join memberships m on m.user_id = u.id
    left join memberships own on own.team_id = m.team_id and own.user_id = ${userId}::uuid
    where split_part(u.email, '@', 2) = ${domain} group by u.id`;
  const mayChange = (role: Role) => mayDo({ userId, role }, "team.domains.change");
  return people.every(({ roles }) => roles.some(mayChange));
}

const toDomainJson = (row: { id: string; domain: string; createdAt: Date }): TeamDomainJson => ({
  id: row.id,
  domain: row.domain,
  createdAt: row.createdAt.toISOString(),
});
