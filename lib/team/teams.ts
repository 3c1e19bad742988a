import { recordEvent } from "#lib/audit/record-event.ts";
import { renewSession } from "#lib/auth/team-sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { TooManyError } from "#lib/team/errors.ts";
import type { FirstOwnerDeps } from "#lib/team/first-owner.ts";
import { holdMembership, insertMembership } from "#lib/team/members-repository.ts";
import type { TeamJson } from "#lib/team/schema.ts";
import { requireStanding } from "#lib/team/standing.ts";
import { insertTeam, listTeamsOf, renameTeamRow } from "#lib/team/teams-repository.ts";

type Deps = { db: Database; clock: Clock; random: Random };

/** Teams that one person may be in, so that nobody fills the studio with them. */
const MAX_TEAMS = 50;

/** The teams that the caller is in, by name. */
export async function listOwnTeams(
  deps: { db: Database },
  principal: Pick<Principal, "userId" | "teamId">,
): Promise<TeamJson[]> {
  return listTeamsOf(deps.db, principal);
}

/**
 * Makes a team with the caller as its owner and all that a new team starts with, and goes on in it.
 *
 * @returns the token of the caller's session, which is in the new team now
 * @throws {TooManyError} the caller is in fifty already
 */
export async function createTeam(
  deps: Deps & Pick<FirstOwnerDeps, "onTeamCreated">,
  principal: Principal,
  input: { name: string },
): Promise<{ teamId: string; token: Secret }> {
  requireMay(principal, "team.create");
  return inTransaction(deps.db, async (tx) => {
    const teams = await listTeamsOf(tx, principal);
    if (teams.length >= MAX_TEAMS) {
      throw new TooManyError(`You are in ${MAX_TEAMS} teams already. Leave one of them first.`);
    }
    const teamId = deps.random.uuid();
    const { userId } = principal;
    const createdAt = deps.clock.now();
    await insertTeam(tx, { id: teamId, name: input.name, createdAt });
    await insertMembership(tx, { teamId, userId, role: "owner", createdAt });
    await recordEvent(tx, deps, {
      action: "team.created",
      principal: { userId, teamId, sessionId: principal.sessionId },
      target: { kind: "team", id: teamId },
      result: "success",
      detail: { name: input.name },
    });
    await deps.onTeamCreated(tx, { teamId, userId });
    return { teamId, token: await goOnIn(tx, deps, principal, teamId) };
  });
}

/**
 * Goes on in another of the caller's teams, with a new session id and token; the one before ends, and
 * with it whatever a tab of the team before would still do (WEB-3).
 *
 * @throws {NotFoundError} no such team, or the caller is not in it
 */
export async function switchTeam(
  deps: Deps,
  principal: Principal,
  teamId: string,
): Promise<{ token: Secret }> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await holdMembership(tx, { teamId, userId: principal.userId }))) {
      throw new NotFoundError();
    }
    return { token: await goOnIn(tx, deps, principal, teamId) };
  });
}

/**
 * Gives the team another name.
 *
 * @throws {ForbiddenError} not an admin
 */
export async function renameTeam(
  deps: Deps,
  principal: Principal,
  input: { name: string },
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "team.rename");
    const from = await renameTeamRow(tx, principal.teamId, input.name);
    await recordEvent(tx, deps, {
      action: "team.renamed",
      principal,
      target: { kind: "team", id: principal.teamId },
      result: "success",
      detail: { from, to: input.name },
    });
  });
}

/** Moves the session, with an event in the team that it is in afterwards. */
export async function goOnIn(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  principal: Principal,
  teamId: string,
): Promise<Secret> {
  const { id, token } = await renewSession(tx, deps, principal, teamId, "team_switched");
  await recordEvent(tx, deps, {
    action: "team.switched",
    principal: { userId: principal.userId, teamId, sessionId: id },
    target: { kind: "team", id: teamId },
    result: "success",
  });
  return token;
}
