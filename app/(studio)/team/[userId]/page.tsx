import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { MemberView } from "#components/team/member-view.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { listMemberGrants } from "#lib/grants/list-member-grants.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";
import { getMember } from "#lib/team/list-members.ts";

type Props = { params: Promise<{ userId: string }> };

// The title and the page ask for the same row once.
const getView = cache(async (userId: string) => {
  const principal = await requirePrincipal();
  if (!z.uuid().safeParse(userId).success) notFound();
  try {
    const [{ member, sessions }, grants] = await Promise.all([
      getMember(deps(), principal, userId),
      listMemberGrants(deps(), principal, userId),
    ]);
    const mayEndGrants = mayDo(principal, "grant.disconnect", { ownerId: userId });
    return { member, sessions, grants, mayEndGrants };
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof ForbiddenError) notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await getView((await params).userId)).member.name };
}

export default async function MemberPage({ params }: Props) {
  return <MemberView {...(await getView((await params).userId))} />;
}
