import type { Metadata } from "next";
import { SettingsView } from "#components/shell/settings-view.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { listSessions } from "#lib/auth/sessions.ts";
import { deps } from "#lib/deps.ts";
import { listSecondFactors } from "#lib/second-factor/list-second-factors.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const principal = await requirePrincipal();
  const [user, sessions, secondFactors] = await Promise.all([
    currentUser(),
    listSessions(deps(), principal),
    listSecondFactors(deps(), principal),
  ]);
  return <SettingsView user={user} sessions={sessions} secondFactors={secondFactors} />;
}
