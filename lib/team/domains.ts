import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
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
 * @throws {ForbiddenError}
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

const toDomainJson = (row: { id: string; domain: string; createdAt: Date }): TeamDomainJson => ({
  id: row.id,
  domain: row.domain,
  createdAt: row.createdAt.toISOString(),
});
