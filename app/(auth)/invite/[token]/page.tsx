import type { Metadata } from "next";
import { InvitationScreen } from "#components/team/invitation-screen.tsx";
import { findCurrentUser } from "#lib/auth/current-principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { viewInvitation } from "#lib/team/accept-invitation.ts";

export const metadata: Metadata = { title: "Invitation" };

export default async function InvitationPage({ params }: PageProps<"/invite/[token]">) {
  const { token } = await params;
  const [invitation, user] = await Promise.all([
    viewInvitation(deps(), new Secret(token)),
    findCurrentUser(),
  ]);
  return <InvitationScreen token={token} invitation={invitation} myEmail={user?.email ?? null} />;
}
