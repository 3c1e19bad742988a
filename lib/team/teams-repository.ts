import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { TeamJson } from "#lib/team/schema.ts";

type InTeam = Pick<Principal, "teamId">;

/** The teams that a person is in, by name. */
export async function listTeamsOf(
  db: DatabaseOrTransaction,
  principal: Pick<Principal, "userId" | "teamId">,
): Promise<TeamJson[]> {
  const rows = await db.membership.findMany({
    where: { userId: principal.userId },
    select: { role: true, team: { select: { id: true, name: true } } },
    orderBy: [{ team: { name: "asc" } }, { teamId: "asc" }],
  });
  return rows.map(({ role, team }) => ({ ...team, role, isCurrent: team.id === principal.teamId }));
}

export async function insertTeam(
  tx: Transaction,
  team: { id: string; name: string; createdAt: Date },
): Promise<void> {
  await tx.team.create({ data: team });
}

/** @returns the name before */
export async function renameTeamRow(
  tx: Transaction,
  teamId: string,
  name: string,
): Promise<string> {
  const before = await tx.team.findUniqueOrThrow({ where: { id: teamId } });
  await tx.team.update({ where: { id: teamId }, data: { name } });
  await announceChange(tx, { kind: "team", id: teamId });
  return before.name;
}

/** Which kinds of plan want a second person in this team (PLN-8). */
export async function fourEyesOf(db: DatabaseOrTransaction, { teamId }: InTeam): Promise<string[]> {
  const team = await db.team.findUnique({ where: { id: teamId }, select: { fourEyes: true } });
  return team?.fourEyes ?? [];
}

export async function setFourEyesOf(
  tx: Transaction,
  { teamId }: InTeam,
  fourEyes: readonly string[],
): Promise<void> {
  await tx.team.update({ where: { id: teamId }, data: { fourEyes: [...fourEyes] } });
}
