import type { Metadata, Route } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { SignInView } from "#components/auth/sign-in-view.tsx";
import { requireVisitor } from "#lib/auth/current-principal.ts";
import { findPendingWay } from "#lib/auth/link-identity.ts";
import { offeredWays } from "#lib/auth/sign-in-ways.ts";
import { pendingTokenIn } from "#lib/auth/way-cookies.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "Link your sign-in" };

const LINK_PATH = "/settings/link";

export default async function LinkSignInPage() {
  await requireVisitor(LINK_PATH);
  const token = pendingTokenIn(await headers());
  const pending = token && (await findPendingWay(deps(), token));
  if (!pending) redirect("/sign-in?problem=auth.sign_in_expired" as Route);
  const ways = offeredWays(deps());
  const name = ways.find(({ id }) => id === pending)?.name ?? "the other sign-in";
  return (
    <SignInView
      title="This address already has an account"
      lead={`You are signed in at ${name}. If the account here is yours too, sign in as you did before: then the two can be linked. Nothing is linked without it.`}
      ways={ways.filter(({ id }) => id !== pending)}
      returnTo={LINK_PATH}
    />
  );
}
