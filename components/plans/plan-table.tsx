"use client";

import { Bot, User } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { countsLine, planStanding, riskWords } from "#components/plans/plan-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { useNow } from "#components/ui/now.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { PlanSummaryJson } from "#lib/plans/schema.ts";

const head = "h-row-head pr-4 text-left font-text text-2xs text-ink-3";
const cell = "py-2 pr-4 align-middle max-md:py-0 max-md:pr-0";
const ORGS_SHOWN = 2;

/** Plans by row: what, of whom, where, how much, and where it stands. */
export function PlanTable({ plans, name }: { plans: readonly PlanSummaryJson[]; name: string }) {
  return (
    <table aria-label={name} className="w-full max-md:block">
      <thead className="max-md:sr-only">
        <tr className="border-line border-b">
          {["Plan", "Where", "How much", "State", "When"].map((each) => (
            <th
              key={each}
              scope="col"
              className={cn(
                head,
                each === "When" && "pr-0 text-right",
                each === "How much" && "max-lg:hidden",
              )}
            >
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-md:block">
        {plans.map((plan) => (
          <PlanRow key={plan.id} plan={plan} />
        ))}
      </tbody>
    </table>
  );
}

function PlanRow({ plan }: { plan: PlanSummaryJson }) {
  const standing = planStanding(plan, useNow());
  const Icon = plan.proposer.kind === "agent" ? Bot : User;
  const isOpen = plan.endedAt === null && standing.words !== "Expired";
  return (
    <tr
      data-row
      className="relative border-line border-b hover:bg-hover has-[a:focus-visible]:bg-hover max-md:grid max-md:grid-cols-[minmax(0,1fr)_auto] max-md:gap-x-3 max-md:gap-y-1 max-md:py-2.5"
    >
      <th
        scope="row"
        className={cn(cell, "text-left font-text max-md:min-w-0 md:w-[36%] md:max-w-0")}
      >
        <Link
          data-row-link
          href={`/plans/${plan.id}` as Route}
          className="block truncate rounded-1 font-label after:absolute after:inset-0 after:content-['']"
        >
          <PlainText text={plan.title} className="whitespace-nowrap" />
        </Link>
        <span className="flex min-w-0 items-center gap-1.5 text-ink-3 text-xs">
          <Icon aria-hidden strokeWidth={1.5} className="size-3.5 shrink-0" />
          <span className="truncate">
            <PlainText
              text={plan.proposer.name ?? "A deleted agent"}
              className="whitespace-nowrap"
            />
            {plan.proposer.kind === "agent" && !plan.isMine && ` for ${plan.owner.name}`}
          </span>
        </span>
      </th>
      <td className={cn(cell, "max-md:order-3 max-md:col-span-2 md:w-[26%] md:max-w-0")}>
        <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          {plan.targets.slice(0, ORGS_SHOWN).map((target) => (
            <span key={target.connectionId} className="flex min-w-0 items-center gap-1.5">
              <span className="min-w-0 truncate text-ink-2">
                <PlainText text={target.name} className="whitespace-nowrap" />
              </span>
              <EnvironmentBadge environment={target.environment} className="shrink-0" />
            </span>
          ))}
          {plan.targets.length > ORGS_SHOWN && (
            <span className="text-ink-3 text-xs">and {plan.targets.length - ORGS_SHOWN} more</span>
          )}
        </span>
      </td>
      <td
        className={cn(
          cell,
          "max-lg:hidden max-md:order-4 max-md:block! max-md:min-w-0 max-md:text-xs",
        )}
      >
        <span className="nums block text-ink-2">{countsLine(plan)}</span>
        <span className="mt-0.5 flex flex-wrap gap-1">
          {plan.risks
            .filter((risk) => risk !== "production")
            .map((risk) => (
              <Badge key={risk} tone={riskWords[risk].tone}>
                {riskWords[risk].words}
              </Badge>
            ))}
        </span>
      </td>
      <td className={cn(cell, "max-md:order-1 max-md:self-start")}>
        <Badge tone={standing.tone}>{standing.words}</Badge>
      </td>
      <td
        className={cn(
          cell,
          "relative whitespace-nowrap pr-0 text-right text-ink-3 text-xs max-md:order-5 max-md:self-end",
        )}
      >
        {isOpen && plan.state !== "applying" ? (
          <>
            expires <RelativeTime at={plan.expiresAt} />
          </>
        ) : (
          <RelativeTime isPast at={plan.endedAt ?? plan.updatedAt} />
        )}
      </td>
    </tr>
  );
}
