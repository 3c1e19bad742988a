import type { Metadata } from "next";
import { z } from "zod";
import { TeamView } from "#components/team/team-view.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { getFourEyes } from "#lib/plans/four-eyes.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";
import { listDomains } from "#lib/team/domains.ts";
import { listInvitations } from "#lib/team/invite.ts";
import { listMembers } from "#lib/team/list-members.ts";
import { pageSize } from "#lib/team/schema.ts";

export const metadata: Metadata = { title: "Team" };

const stateSchema = z.object({
  q: z.string().trim().max(100).catch(""),
  after: z.uuid().optional().catch(undefined),
});

export default async function TeamPage({ searchParams }: PageProps<"/team">) {
  const principal = await requirePrincipal();
  const { q, after } = stateSchema.parse(await searchParams);
  const isAdmin = mayDo(principal, "team.invitations.list");
  const [user, members, invitations, domains, revocations, fourEyes] = await Promise.all([
    currentUser(),
    listMembers(deps(), principal, {
      limit: pageSize,
      ...(q === "" ? {} : { q }),
      ...(after === undefined ? {} : { cursor: after }),
    }),
    isAdmin ? listInvitations(deps(), principal, { limit: 200 }) : null,
    isAdmin ? listDomains(deps(), principal) : null,
    isAdmin ? listRevocations(deps(), principal, { limit: 20, open: true }) : null,
    isAdmin ? getFourEyes(deps(), principal) : null,
  ]);
  return (
    <TeamView
      user={user}
      members={members}
      q={q}
      isFirstPage={after === undefined}
      invitations={invitations?.items ?? null}
      domains={domains ?? []}
      revocations={revocations?.items.filter(({ cause }) => cause === "member_removed") ?? []}
      fourEyes={fourEyes}
      hasSecondFactor={principal.hasSecondFactor}
    />
  );
}
