import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import { PlanView } from "#components/plans/plan-view.tsx";
import { STEPS_A_PAGE, stepPageOptions } from "#components/plans/queries.ts";
import { listLinkedWays } from "#lib/auth/link-identity.ts";
import { deps } from "#lib/deps.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { findPlan } from "./find-plan.ts";

type Props = PageProps<"/plans/[planId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { plan } = await findPlan((await params).planId);
  return { title: plan.title };
}

export default async function PlanPage({ params }: Props) {
  const { principal, plan } = await findPlan((await params).planId);
  const [steps, { hasPassword }] = await Promise.all([
    listPlanSteps(deps(), principal, plan.id, { limit: STEPS_A_PAGE }),
    listLinkedWays(deps(), principal),
  ]);
  const queries = new QueryClient();
  queries.setQueryData(stepPageOptions(plan, 0).queryKey, steps);
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <PlanView plan={plan} hasPassword={hasPassword} />
    </HydrationBoundary>
  );
}
