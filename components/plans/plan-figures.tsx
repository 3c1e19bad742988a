import { isUnknownReach } from "#components/plans/plan-words.ts";
import type { Reading } from "#components/plans/use-steps.ts";
import { counted, grouped } from "#components/ui/amounts.ts";
import { cn } from "#components/ui/cn.ts";
import type { PlanJson } from "#lib/plans/schema.ts";

/** How much the plan does, in five numbers; what is deleted and run is known once all was read. */
export function PlanFigures({ plan, reading }: { plan: PlanJson; reading: Reading }) {
  const sum = (effect: string) =>
    reading.inspections.reduce(
      (total, step) => total + (step.effect === effect ? Math.max(1, step.records) : 0),
      0,
    );
  const isKnown = reading.isDone;
  const has = (risk: PlanJson["risks"][number]) => plan.risks.includes(risk);
  const deleted = isKnown ? sum("destructive") : has("destructive") ? null : 0;
  const code = isKnown ? sum("code") : has("code") ? null : 0;
  const figures = [
    {
      value: plan.stepCount,
      words: `${plan.stepCount === 1 ? "step" : "steps"}, ${counted(plan.targets.length, "org")}`,
    },
    { value: plan.records, words: plan.records === 1 ? "record changes" : "records change" },
    { value: deleted, words: "deleted", tone: "text-danger-ink" },
    isUnknownReach(plan.recipients)
      ? { value: "?", words: "emails, number unknown", tone: "text-warn-ink" }
      : { value: plan.recipients, words: "emails, at most", tone: "text-warn-ink" },
    { value: code, words: code === 1 ? "code run" : "code runs", tone: "text-warn-ink" },
  ];
  return (
    <dl className="mb-5 grid grid-cols-6 rounded-3 border border-line bg-raised md:grid-cols-5">
      {figures.map(({ value, words, tone }, index) => (
        <div
          key={words}
          className={cn(
            "flex min-w-0 flex-col-reverse px-3 py-2.5 md:col-span-1 md:border-line md:border-r md:px-4 md:py-3 md:last:border-0",
            index < 3
              ? "col-span-2 max-md:border-line max-md:border-b max-md:[&:not(:nth-child(3))]:border-r"
              : "col-span-3 max-md:border-line max-md:[&:nth-child(4)]:border-r",
          )}
        >
          <dt className="text-ink-3 text-xs">{words}</dt>
          <dd className={cn("nums font-title text-xl tracking-title", value !== 0 && tone)}>
            {value === null && <span className="text-ink-3">…</span>}
            {typeof value === "number" ? grouped(value) : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
