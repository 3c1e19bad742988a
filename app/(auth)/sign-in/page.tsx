import type { Metadata } from "next";
import { SignInForm } from "#components/auth/sign-in-form.tsx";
import { requireVisitor } from "#lib/auth/current-principal.ts";
import { parseReturnTo } from "#lib/core/return-to.ts";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { returnTo } = await searchParams;
  await requireVisitor(returnTo);
  return <SignInForm returnTo={parseReturnTo(returnTo)} />;
}
