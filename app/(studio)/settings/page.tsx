import type { Metadata } from "next";
import { SettingsView } from "#components/shell/settings-view.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { listSessions } from "#lib/auth/sessions.ts";
import { deps } from "#lib/deps.ts";
import { listSecondFactors } from "#lib/second-factor/list-second-factors.ts";
import { listOwnTeams } from "#lib/team/teams.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const principal = await requirePrincipal();
  const [user, sessions, teams, secondFactors] = await Promise.all([
    currentUser(),
    listSessions(deps(), principal),
    listOwnTeams(deps(), principal),
    listSecondFactors(deps(), principal),
  ]);
  return (
    <SettingsView user={user} sessions={sessions} teams={teams} secondFactors={secondFactors} />
  );
}
