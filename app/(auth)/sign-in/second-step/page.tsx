import type { Metadata } from "next";
import { SecondStepForm } from "#components/second-factor/second-step-form.tsx";
import { requireSecondStep } from "#lib/auth/current-principal.ts";
import { parseReturnTo } from "#lib/core/return-to.ts";
import { deps } from "#lib/deps.ts";
import { findFactorKinds } from "#lib/second-factor/list-second-factors.ts";

export const metadata: Metadata = { title: "Second step" };

export default async function SecondStepPage({ searchParams }: PageProps<"/sign-in/second-step">) {
  const { returnTo } = await searchParams;
  const { userId, email, isSignedIn } = await requireSecondStep(returnTo);
  const kinds = await findFactorKinds(deps(), userId);
  return (
    <SecondStepForm
      kinds={kinds}
      email={email}
      isSignedIn={isSignedIn}
      returnTo={parseReturnTo(returnTo)}
    />
  );
}
