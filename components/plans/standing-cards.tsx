"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { FourEyes } from "#components/plans/approve-card.tsx";
import { type AskedChange, DecideDialogs } from "#components/plans/decide-dialogs.tsx";
import { endWords, stepWords } from "#components/plans/plan-words.ts";
import {
  applyPlan,
  cancelPlan,
  refreshPlan,
  stepsInStateOptions,
} from "#components/plans/queries.ts";
import { UnreadyNote } from "#components/plans/reconnect.tsx";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { counted, grouped } from "#components/ui/amounts.ts";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { FieldError } from "#components/ui/field.tsx";
import { Card } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { PlanJson, StepState } from "#lib/plans/schema.ts";

const countOf = (plan: PlanJson, state: StepState) => plan.progress[state] ?? 0;
/** Steps that have come to an end, one way or another. */
const settledOf = (plan: PlanJson) =>
  plan.stepCount - countOf(plan, "pending") - countOf(plan, "sending");

/** For whoever cannot decide it, and while it waits for somebody else. */
export function WaitingCard({
  plan,
  asked,
  onAsk,
}: {
  plan: PlanJson;
  asked: AskedChange | null;
  onAsk: (asked: AskedChange | null) => void;
}) {
  return (
    <Card className="grid gap-3 p-4">
      <h2 className="text-md">
        {plan.missing.includes("owner") ? `${plan.owner.name} decides` : "A second person decides"}
      </h2>
      <p className="text-ink-2">
        {plan.missing.includes("owner")
          ? "It would be done with that person’s own sign-in, so nobody else can approve it."
          : "Its owner approved it. Your team wants two people for this."}
      </p>
      <FourEyes plan={plan} />
      <DecideDialogs plan={plan} asked={asked} onAsk={onAsk} />
      {plan.canCancel && <CancelPlan plan={plan} />}
      <p className="nums text-ink-3 text-xs">
        Expires <RelativeTime at={plan.expiresAt} />.
      </p>
    </Card>
  );
}

/** Approved, and nothing was sent yet. */
export function ApprovedCard({ plan, hasPassword }: { plan: PlanJson; hasPassword: boolean }) {
  return (
    <Card className="grid gap-3 p-4">
      <div>
        <h2 className="text-md">Approved, not run yet</h2>
        <p className="mt-1 text-ink-2">
          {plan.canApply
            ? "It runs when you say so, or when its agent does, exactly as it stands here."
            : "It runs when its owner or its agent says so, exactly as it stands here."}
        </p>
      </div>
      <FourEyes plan={plan} />
      <RunButton plan={plan} hasPassword={hasPassword}>
        Run {counted(plan.stepCount, "step")}
      </RunButton>
      {plan.canCancel && <CancelPlan plan={plan} />}
      <p className="nums text-ink-3 text-xs">
        Expires <RelativeTime at={plan.expiresAt} />.
      </p>
    </Card>
  );
}

/** Nothing for who cannot run it now. */
function RunButton({
  plan,
  hasPassword,
  children,
}: {
  plan: PlanJson;
  hasPassword: boolean;
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  if (!plan.canApply) return null;
  return (
    <>
      <UnreadyNote plan={plan} />
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      <Button
        tone="primary"
        disabled={plan.unready.length > 0}
        isBusy={busy === "apply"}
        busyLabel="Starting"
        onClick={() =>
          void run("apply", async () => {
            await applyPlan(plan.id);
            await refreshPlan(queries, plan.id);
          })
        }
      >
        {children}
      </Button>
      {dialog}
    </>
  );
}

/** While it is carried out: how far, what went wrong so far, and a way to stop it. */
export function RunningCard({
  plan,
  onShowStep,
}: {
  plan: PlanJson;
  onShowStep: (position: number) => void;
}) {
  const done = settledOf(plan);
  return (
    <Card className="grid gap-3 p-4">
      <div>
        <h2 className="text-md">Running</h2>
        <p className="nums mt-0.5 text-ink-2" role="status">
          {grouped(done)} of {counted(plan.stepCount, "step")} done
        </p>
      </div>
      <ProgressBar plan={plan} />
      <TroubledSteps plan={plan} onShowStep={onShowStep} />
      {plan.canCancel && <CancelPlan plan={plan} />}
      <p className="text-ink-3 text-xs">
        You may leave this page: it goes on. Each step is sent once.
      </p>
    </Card>
  );
}

function ProgressBar({ plan }: { plan: PlanJson }) {
  const share = (count: number) => `${(count / Math.max(1, plan.stepCount)) * 100}%`;
  const trouble = countOf(plan, "failed") + countOf(plan, "unknown") + countOf(plan, "drifted");
  return (
    <div
      role="progressbar"
      aria-label="Steps done"
      aria-valuemin={0}
      aria-valuemax={plan.stepCount}
      aria-valuenow={settledOf(plan)}
      className="flex h-1.5 overflow-hidden rounded-full bg-chip"
    >
      <div className="bg-ok-solid" style={{ width: share(countOf(plan, "applied")) }} />
      <div className="bg-warn-solid" style={{ width: share(trouble) }} />
    </div>
  );
}

/** How it ended: in counts, with what is left to do, and to be taken along. */
export function ReportCard({
  plan,
  hasPassword,
  onShowStep,
}: {
  plan: PlanJson;
  hasPassword: boolean;
  onShowStep: (position: number) => void;
}) {
  const isApplied = plan.state === "applied";
  const wasRun = plan.appliedAt !== null || settledOf(plan) > countOf(plan, "skipped");
  const title = isApplied
    ? plan.stepCount === 1
      ? "The step is applied"
      : `All ${counted(plan.stepCount, "step")} applied`
    : wasRun
      ? `Stopped after ${grouped(countOf(plan, "applied"))} of ${counted(plan.stepCount, "step")}`
      : "Nothing was sent";
  return (
    <Card className="grid gap-3 p-4">
      <div role="status">
        <h2 className="text-md">{title}</h2>
        {plan.endReason !== null && !isApplied && (
          <p className="mt-1 text-pretty text-ink-2">{endWords[plan.endReason]}</p>
        )}
        {plan.rejection !== null && plan.rejection !== "" && (
          <blockquote className="mt-2 border-accent-line border-l-2 pl-3 text-ink-2 text-xs">
            <PlainText text={plan.rejection} />
          </blockquote>
        )}
      </div>
      {wasRun && (
        <>
          <ProgressBar plan={plan} />
          {/* The title has said it where all went well. */}
          {!isApplied && <StepCounts plan={plan} />}
          <TroubledSteps plan={plan} onShowStep={onShowStep} />
        </>
      )}
      <FourEyes plan={plan} />
      <RunButton plan={plan} hasPassword={hasPassword}>
        Run the other {counted(countOf(plan, "pending"), "step")}
      </RunButton>
      {plan.canCancel && <CancelPlan plan={plan} />}
      <ReportLinks plan={plan} />
      {plan.endedAt !== null && (
        <p className="text-ink-3 text-xs">
          Ended <RelativeTime isPast at={plan.endedAt} />.
        </p>
      )}
    </Card>
  );
}

function StepCounts({ plan }: { plan: PlanJson }) {
  const states = (Object.keys(stepWords) as StepState[]).filter(
    (state) => countOf(plan, state) > 0,
  );
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-1 text-xs">
      {states.map((state) => (
        <div key={state} className="flex justify-between gap-2">
          <dt className="text-ink-2">{stepWords[state].words}</dt>
          <dd className="nums">{grouped(countOf(plan, state))}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The same as a file, a line of JSON for the plan and one a step, and on paper. */
export function ReportLinks({ plan }: { plan: PlanJson }) {
  // Whoever may see contents takes along what is left of them, too.
  if (plan.identities === null) return null;
  return (
    <div className="grid grid-cols-2 gap-2">
      <a
        href={`/api/plans/${plan.id}/export`}
        download={`plan-${plan.id}.ndjson`}
        className={buttonClass({})}
      >
        Save as JSON
      </a>
      <Link href={`/plans/${plan.id}/print` as Route} className={buttonClass({})}>
        Print
      </Link>
    </div>
  );
}

/** The steps that did not go as they should, each a way to it. */
function TroubledSteps({
  plan,
  onShowStep,
}: {
  plan: PlanJson;
  onShowStep: (position: number) => void;
}) {
  return (
    <>
      {(["unknown", "failed", "drifted"] as const)
        .filter((state) => countOf(plan, state) > 0)
        .map((state) => (
          <TroubledState key={state} plan={plan} state={state} onShowStep={onShowStep} />
        ))}
    </>
  );
}

function TroubledState({
  plan,
  state,
  onShowStep,
}: {
  plan: PlanJson;
  state: "unknown" | "failed" | "drifted";
  onShowStep: (position: number) => void;
}) {
  const steps = useQuery(stepsInStateOptions(plan, state));
  return (
    <ul className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-1 text-xs">
      {steps.data?.items.map((step) => (
        <li key={step.position} className="flex gap-2">
          <span
            className={cn("shrink-0", state === "failed" ? "text-danger-ink" : "text-warn-ink")}
          >
            {stepWords[state].words}
          </span>
          <button
            type="button"
            className="link min-w-0 text-left [overflow-wrap:anywhere]"
            onClick={() => onShowStep(step.position)}
          >
            {step.position}. <PlainText text={step.title} />
          </button>
        </li>
      ))}
    </ul>
  );
}

const wayToCancel = ({ state }: PlanJson) =>
  state === "applying" ? "running" : state === "stopped" ? "rest" : "whole";

const cancelWords = {
  whole: {
    tone: "plain",
    begin: "Cancel the plan",
    title: "Cancel this plan?",
    description: "Nothing is sent, and nobody can approve it any more.",
    confirm: "Cancel the plan",
    busy: "Cancelling",
  },
  running: {
    tone: "danger",
    begin: "Stop before the next step",
    title: "Stop before the next step?",
    description:
      "The step that is being sent now is finished; none is sent after it. What was applied stays.",
    confirm: "Stop it",
    busy: "Stopping",
  },
  rest: {
    tone: "plain",
    begin: "Cancel the rest",
    title: "Cancel what is left of it?",
    description: "What was applied stays. None of the other steps is sent any more.",
    confirm: "Cancel the rest",
    busy: "Cancelling",
  },
} as const;

/** Ends it: before anything was sent, or before the next step is. */
function CancelPlan({ plan }: { plan: PlanJson }) {
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const { run, isBusy, error } = useCall();
  const { tone, ...words } = cancelWords[wayToCancel(plan)];
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      title={words.title}
      description={words.description}
      confirmLabel={words.confirm}
      cancelLabel="Keep it"
      isBusy={isBusy}
      busyLabel={words.busy}
      error={error}
      onConfirm={() =>
        void run(async () => {
          await cancelPlan(plan.id);
          setIsOpen(false);
          await refreshPlan(queries, plan.id);
        })
      }
      trigger={<Button tone={tone}>{words.begin}</Button>}
    />
  );
}
