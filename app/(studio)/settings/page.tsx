import type { Metadata } from "next";
import { SettingsView } from "#components/shell/settings-view.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { listLinkedWays } from "#lib/auth/link-identity.ts";
import { parseSignInProblem } from "#lib/auth/schema.ts";
import { listSessions } from "#lib/auth/sessions.ts";
import { offeredWays } from "#lib/auth/sign-in-ways.ts";
import { deps } from "#lib/deps.ts";
import { listSecondFactors } from "#lib/second-factor/list-second-factors.ts";
import { listOwnTeams } from "#lib/team/teams.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage({ searchParams }: PageProps<"/settings">) {
  const principal = await requirePrincipal();
  const { linked, problem, way } = await searchParams;
  const [user, sessions, teams, secondFactors, { hasPassword, ways }] = await Promise.all([
    currentUser(),
    listSessions(deps(), principal),
    listOwnTeams(deps(), principal),
    listSecondFactors(deps(), principal),
    listLinkedWays(deps(), principal),
  ]);
  const offered = offeredWays(deps());
  const named = offered.find(({ id }) => id === (linked ?? way));
  const refusal = parseSignInProblem(problem);
  return (
    <SettingsView
      user={user}
      sessions={sessions}
      teams={teams}
      secondFactors={secondFactors}
      ways={{ hasPassword, linked: ways, offered }}
      notice={named && (linked || refusal) ? { name: named.name, problem: refusal } : null}
    />
  );
}
