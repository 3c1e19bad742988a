import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { planChangesOptions } from "#components/plans/queries.ts";
import { useSeenBefore } from "#components/plans/seen-version.ts";
import type { StepChange } from "#components/plans/step-view.tsx";
import type { PlanChangesJson, PlanJson } from "#lib/plans/schema.ts";

export type Changes = PlanChangesJson & {
  /** This browser showed that version. */
  isSeen: boolean;
  ofStep: (position: number) => StepChange | undefined;
};

/** What is different from the version that this person looked at, while the plan waits for a word. */
export function useChanges(
  plan: Pick<PlanJson, "id" | "version" | "state" | "showsContent">,
): Changes | null {
  const since = useSeenBefore(plan.id, plan.version);
  const isWanted =
    plan.version > 1 &&
    plan.showsContent &&
    (plan.state === "proposed" || plan.state === "approved") &&
    since !== undefined;
  const { data } = useQuery({ ...planChangesOptions(plan, since ?? null), enabled: isWanted });
  return useMemo(() => {
    if (!isWanted || data === undefined) return null;
    const byPosition = new Map(
      data.changed.map(({ position, was }) => [position, { since: data.since, was }]),
    );
    return {
      ...data,
      isSeen: data.since === since,
      ofStep: (position) => byPosition.get(position),
    };
  }, [data, isWanted, since]);
}
