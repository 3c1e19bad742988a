import type { Metadata } from "next";
import { PrintView } from "#components/plans/print-view.tsx";
import { deps } from "#lib/deps.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import type { StepJson } from "#lib/plans/schema.ts";
import { findPlan } from "../find-plan.ts";

const STEPS_READ = 200;

export const metadata: Metadata = { title: "Plan on paper" };

export default async function PrintPlanPage({ params }: PageProps<"/plans/[planId]/print">) {
  const { principal, plan } = await findPlan((await params).planId);
  const steps: StepJson[] = [];
  while (steps.length < plan.stepCount) {
    const { items } = await listPlanSteps(deps(), principal, plan.id, {
      limit: STEPS_READ,
      ...(steps.length > 0 && { cursor: steps.length }),
    });
    if (items.length === 0) break;
    steps.push(...items);
  }
  return <PrintView plan={plan} steps={steps} now={deps().clock.now()} />;
}
