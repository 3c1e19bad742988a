"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { earlierStepsOptions, type VersionOf } from "#components/plans/queries.ts";
import { StepView } from "#components/plans/step-view.tsx";
import { type ShownTarget, TargetBar } from "#components/plans/target-bar.tsx";
import { problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { ShowMore } from "#components/ui/show-more.tsx";

/** What a plan was before it was changed: to be read, and nothing else. */
export function EarlierVersion({
  of,
  current,
  targets,
  onBack,
}: {
  of: VersionOf;
  current: number;
  targets: readonly ShownTarget[];
  onBack: () => void;
}) {
  const list = useInfiniteQuery(earlierStepsOptions(of));
  const steps = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const targetOf = new Map(targets.map((target) => [target.connectionId, target]));
  return (
    <>
      <Panel tone="warn" title={`Version ${of.version}, as it was`} titleLevel={2} className="mb-4">
        <p>
          Version {current} took its place. Nobody can approve this one, and nothing of it is sent.
        </p>
        <Button size="sm" className="mt-2" onClick={onBack}>
          Back to version {current}
        </Button>
      </Panel>
      {list.isError && <p className="text-danger-ink">{problemWords(list.error)}</p>}
      <ol aria-label={`Steps of version ${of.version}`} className="grid gap-4">
        {steps.map((step, index) => {
          const target = targetOf.get(step.connectionId);
          const isFirst = steps[index - 1]?.connectionId !== step.connectionId;
          return (
            <li
              key={step.position}
              className="overflow-clip rounded-3 border border-line bg-raised"
            >
              {isFirst && target !== undefined && (
                <h2>
                  <TargetBar target={target} className="border-line border-b" />
                </h2>
              )}
              <StepView
                of={of}
                step={step}
                showsContent={false}
                maySettle={false}
                onAskForChange={null}
              />
            </li>
          );
        })}
      </ol>
      <ShowMore pages={list} label="Show more" />
    </>
  );
}
