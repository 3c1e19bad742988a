import type { ReactNode } from "react";
import { targetId } from "#components/plans/plan-words.ts";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import type { PlanTarget } from "#lib/plans/schema.ts";

export const targetEdge: Record<PlanTarget["environment"], string> = {
  production: "before:bg-env-production-solid",
  sandbox: "before:bg-env-sandbox-solid",
  custom: "before:bg-env-custom-solid",
  demo: "before:bg-env-demo-solid",
};
const targetTint: Record<PlanTarget["environment"], string> = {
  production: "bg-env-production-tint",
  sandbox: "bg-env-sandbox-tint",
  custom: "bg-env-custom-tint",
  demo: "bg-env-demo-tint",
};

/** Of a list, where only the name and the environment are known. */
export type ShownTarget = Pick<PlanTarget, "connectionId" | "name" | "environment" | "orgName"> &
  Partial<Pick<PlanTarget, "orgId" | "memberId" | "username">>;

/** Which org the steps below write to, in its full tint, and as whom. */
export function TargetBar({
  target,
  className,
  trouble = null,
}: {
  target: ShownTarget;
  className?: string;
  /** In place of who is signed in there. */
  trouble?: ReactNode;
}) {
  const number = targetId(target);
  return (
    <div
      className={cn(
        "relative flex min-h-[2.625rem] flex-wrap items-center gap-x-2.5 gap-y-1 px-4 py-1.5 before:absolute before:inset-y-0 before:left-0 before:w-[3px] before:content-['']",
        targetTint[target.environment],
        targetEdge[target.environment],
        className,
      )}
    >
      <b className="min-w-0 font-title text-ink">
        <PlainText text={target.name} />
      </b>
      <EnvironmentBadge environment={target.environment} />
      {number !== null && <span className="mono text-ink-2">{number}</span>}
      {trouble !== null && <span className="ml-auto max-md:ml-0 max-md:w-full">{trouble}</span>}
      {trouble === null && target.username !== undefined && (
        <span className="ml-auto min-w-0 font-text text-ink-2 max-md:ml-0 max-md:w-full">
          as <PlainText text={target.username} />
        </span>
      )}
    </div>
  );
}
