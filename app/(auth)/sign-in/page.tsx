import type { Metadata } from "next";
import { SignInView } from "#components/auth/sign-in-view.tsx";
import { requireVisitor } from "#lib/auth/current-principal.ts";
import { parseSignInProblem } from "#lib/auth/schema.ts";
import { offeredWays } from "#lib/auth/sign-in-ways.ts";
import { parseReturnTo } from "#lib/core/return-to.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { returnTo, problem, way } = await searchParams;
  await requireVisitor(returnTo);
  const ways = offeredWays(deps());
  const code = parseSignInProblem(problem);
  const name = ways.find(({ id }) => id === way)?.name ?? "The sign-in page";
  return (
    <SignInView
      title="Sign in"
      lead="To the studio. Your orgs are connected inside."
      ways={ways}
      returnTo={parseReturnTo(returnTo)}
      problem={code && { code, name }}
    />
  );
}
