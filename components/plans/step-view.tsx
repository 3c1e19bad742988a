"use client";

import { useQuery } from "@tanstack/react-query";
import { memo, useContext, useEffect, useState } from "react";
import { EarlierStep } from "#components/plans/earlier-step.tsx";
import { inspectStep, stepKey } from "#components/plans/inspect-step.ts";
import { OpenedContext, OpenFirst, useIsOpened } from "#components/plans/opened.tsx";
import { emailsWords, stepNextWords, stepWords } from "#components/plans/plan-words.ts";
import { stepOptions, type VersionOf } from "#components/plans/queries.ts";
import { RequestView } from "#components/plans/request-view.tsx";
import { SettleStep } from "#components/plans/settle-step.tsx";
import { StepPreview } from "#components/plans/step-preview.tsx";
import { counted, sizeWords } from "#components/ui/amounts.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EffectBadge } from "#components/ui/effect-badge.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { StepJson } from "#lib/plans/schema.ts";

/** `was`: its place in the version `since`; null where it is new. */
export type StepChange = { since: number; was: number | null };

/** One step: what it changes, all of it, and what came of it. */
export const StepView = memo(function StepView({
  of,
  step,
  showsContent,
  maySettle,
  onAskForChange,
  change,
}: {
  of: VersionOf;
  step: StepJson;
  /** False for who may see only that it is there. */
  showsContent: boolean;
  maySettle: boolean;
  /** Null where nobody can be asked any more. */
  onAskForChange: ((words: string) => void) | null;
  /** Against the version that this person looked at before; left out where nothing is. */
  change?: StepChange | undefined;
}) {
  const hasStarted = step.state !== "pending";
  return (
    <section
      aria-labelledby={`step-${step.position}-title`}
      data-row
      className="relative px-4 pt-3 pb-4 md:pl-[46px]"
    >
      <span
        aria-hidden
        className="nums float-left mr-2 grid h-5 min-w-5 place-items-center rounded-full border border-line-strong px-0.5 text-2xs text-ink-2 md:absolute md:top-3 md:left-3.5 md:float-none md:mr-0"
      >
        {step.position}
      </span>
      <h3
        id={`step-${step.position}-title`}
        className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 font-label text-sm"
      >
        <a
          data-row-link
          href={`#step-${step.position}`}
          onClick={(event) => event.preventDefault()}
          className="min-w-0 rounded-1"
        >
          <span className="sr-only">Step {step.position}: </span>
          <PlainText text={step.title} />
        </a>
        <EffectBadge effect={step.effect} />
        {change !== undefined && (
          <Badge tone="accent">{change.was === null ? "new" : "changed"}</Badge>
        )}
        {hasStarted && <StepState step={step} />}
        <span className="nums ml-auto font-text text-ink-3 text-xs">{stepCounts(step)}</span>
      </h3>
      {hasStarted && <StepOutcome of={of} step={step} maySettle={maySettle} />}
      {step.preview !== null ? (
        <StepPreview step={step} preview={step.preview} onAskForChange={onAskForChange} />
      ) : (
        showsContent && <LargeStep of={of} step={step} onAskForChange={onAskForChange} />
      )}
      {change !== undefined && change.was !== null && (
        <EarlierStep of={{ id: of.id, version: change.since }} position={change.was} />
      )}
      {showsContent && <RequestView of={of} step={step} />}
    </section>
  );
});

function stepCounts(step: StepJson): string {
  const records = step.records > 0 ? counted(step.records, "record") : "";
  const emails = step.recipients > 0 ? emailsWords(step.recipients) : "";
  return [records, emails].filter(Boolean).join(", ");
}

function StepState({ step }: { step: StepJson }) {
  const { words, tone } = stepWords[step.state];
  return <Badge tone={tone}>{words}</Badge>;
}

function StepOutcome({
  of,
  step,
  maySettle,
}: {
  of: VersionOf;
  step: StepJson;
  maySettle: boolean;
}) {
  const { outcome } = step;
  const next = stepNextWords[step.state];
  const isTrouble = step.state === "failed" || step.state === "unknown" || step.state === "drifted";
  const hasTime = step.finishedAt !== null && step.state !== "skipped";
  if (outcome === null && next === undefined && !hasTime) return null;
  return (
    <div
      className={cn(
        "mt-1.5 gap-1 text-xs",
        isTrouble
          ? "grid rounded-2 border border-warn-line bg-[color-mix(in_oklab,var(--warn-tint)_50%,var(--surface))] p-2.5"
          : "flex flex-wrap gap-x-2",
      )}
    >
      {outcome !== null && (
        <p className={isTrouble ? "text-ink" : "text-ink-2"}>
          <PlainText text={outcome.summary} />
          {outcome.code !== null && <code className="mono ml-1.5 text-ink-3">{outcome.code}</code>}
          {outcome.settledBy === "read-back" && (
            <span className="text-ink-3"> Read back from the org.</span>
          )}
          {outcome.settledBy === "person" && <span className="text-ink-3"> Said by a person.</span>}
        </p>
      )}
      {next !== undefined && <p className="text-ink-2">{next}</p>}
      <p className="text-ink-3">
        {hasTime && step.finishedAt !== null && <RelativeTime isPast at={step.finishedAt} />}
        {step.requestId !== null && (
          <>
            {hasTime && " · "}provider’s request{" "}
            <PlainText text={step.requestId} className="mono" />
          </>
        )}
      </p>
      {step.state === "unknown" && maySettle && <SettleStep of={of} step={step} />}
    </div>
  );
}

/** A step whose preview is too large to come with the others. */
function LargeStep({
  of,
  step,
  onAskForChange,
}: {
  of: VersionOf;
  step: StepJson;
  onAskForChange: ((words: string) => void) | null;
}) {
  const [isOpened, open] = useIsOpened(stepKey(step.position));
  const [isWanted, setIsWanted] = useState(isOpened);
  const { found } = useContext(OpenedContext);
  const detail = useQuery({ ...stepOptions(of, step.position), enabled: isWanted });
  const preview = detail.data?.preview ?? null;
  useEffect(() => {
    if (!isWanted || !detail.data?.preview) return;
    // What is inside counts from now on: what is long in it must be opened too.
    found(inspectStep(detail.data));
    open();
  });
  if (isWanted && detail.data && preview !== null) {
    return <StepPreview step={detail.data} preview={preview} onAskForChange={onAskForChange} />;
  }
  return (
    <div className="mt-2.5 flex flex-wrap items-center gap-2 rounded-2 border border-line px-2.5 py-1.5 text-xs">
      <span className="nums text-ink-2">
        {sizeWords(step.contentBytes)}: too large to come with the others.
      </span>
      <OpenFirst isOpened={isOpened} />
      <Button
        size="sm"
        tone="act"
        className="ml-auto"
        isBusy={isWanted && detail.isFetching}
        busyLabel="Opening"
        onClick={() => setIsWanted(true)}
      >
        Open<span className="sr-only"> step {step.position}</span>
      </Button>
    </div>
  );
}
