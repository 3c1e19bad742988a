import type { SessionDeps } from "#lib/auth/sessions.ts";
import { SESSION_IDLE_MS } from "#lib/auth/sessions.ts";
import type { Principal } from "#lib/core/principal.ts";

/**
 * Which of these sessions still are what they were when they were proven: not ended, not over, in the
 * same team and role, and of a person who may still sign in (WEB-3). One round trip for all of them, and
 * none of them counts as used by it.
 */
export async function stillLive(
  deps: Pick<SessionDeps, "db" | "clock">,
  principals: readonly Pick<Principal, "sessionId" | "teamId" | "role">[],
): Promise<ReadonlySet<string>> {
  const now = deps.clock.now();
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  const rows = await deps.db.$queryRaw<{ id: string }[]>`
    select s.id
    from unnest(
      ${principals.map(({ sessionId }) => sessionId)}::uuid[],
      ${principals.map(({ teamId }) => teamId)}::uuid[],
      ${principals.map(({ role }) => role)}::text[]
    ) as asked (id, team_id, role)
    join sessions s on s.id = asked.id and s.team_id = asked.team_id
    join users u on u.id = s.user_id and u.disabled_at is null
    join memberships m on m.user_id = s.user_id and m.team_id = s.team_id
      and m.role::text = asked.role
    where s.ended_at is null and s.absolute_expires_at > ${now} and s.last_seen_at > ${idleSince}`;
  return new Set(rows.map(({ id }) => id));
}
