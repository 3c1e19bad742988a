import { Fragment } from "react";
import type { Changes } from "#components/plans/use-changes.ts";
import { counted, grouped } from "#components/ui/amounts.ts";
import { EffectBadge } from "#components/ui/effect-badge.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";

/** So many steps are named; more are counted. */
const NAMED_AT_MOST = 12;

/** What an edit did to the plan, for whoever looked at it before: which steps to look at again. */
export function ChangesPanel({
  changes,
  stepCount,
  onShowStep,
}: {
  changes: Changes;
  stepCount: number;
  onShowStep: (position: number) => void;
}) {
  const { changed, removed, isReordered } = changes;
  const replaced = changed.filter(({ was }) => was !== null);
  const added = changed.filter(({ was }) => was === null);
  const stayed = stepCount - changed.length;
  return (
    <Panel tone="accent" titleLevel={2} className="mb-4" title={`Since ${sinceWords(changes)}`}>
      <ul className="nums grid gap-1 text-ink-2">
        {replaced.length > 0 && (
          <li>
            {counted(replaced.length, "step")} changed:{" "}
            <StepLinks steps={replaced} onShowStep={onShowStep} />
          </li>
        )}
        {added.length > 0 && (
          <li>
            {counted(added.length, "new step")}: <StepLinks steps={added} onShowStep={onShowStep} />
          </li>
        )}
        {removed.length > 0 && (
          <li>
            {counted(removed.length, "step")} gone:
            <ul className="mt-1 grid gap-1 border-accent-line border-l-2 pl-3">
              {removed.slice(0, NAMED_AT_MOST).map(({ position, title, effect }) => (
                <li key={position} className="flex min-w-0 flex-wrap items-center gap-x-2">
                  <span className="min-w-0 [overflow-wrap:anywhere]">
                    <PlainText text={title} />
                  </span>
                  <EffectBadge effect={effect} />
                </li>
              ))}
              {removed.length > NAMED_AT_MOST && (
                <li>and {grouped(removed.length - NAMED_AT_MOST)} more</li>
              )}
            </ul>
          </li>
        )}
        {isReordered && <li>Steps that stayed are done in another order.</li>}
        {changed.length === 0 && removed.length === 0 && !isReordered ? (
          <li>No step changed; only its words or its time did.</li>
        ) : (
          stayed > 0 && <li>{counted(stayed, "step")} as before, to the letter.</li>
        )}
      </ul>
    </Panel>
  );
}

/** "version 2, which you approved" */
export function sinceWords({
  since,
  isApproved,
  isSeen,
}: Pick<Changes, "since" | "isApproved" | "isSeen">): string {
  if (isApproved) return `version ${since}, which you approved`;
  return isSeen ? `version ${since}, which you looked at` : `version ${since}`;
}

function StepLinks({
  steps,
  onShowStep,
}: {
  steps: readonly { position: number }[];
  onShowStep: (position: number) => void;
}) {
  return (
    <>
      {steps.length === 1 ? "step " : "steps "}
      {steps.slice(0, NAMED_AT_MOST).map(({ position }, index) => (
        <Fragment key={position}>
          {index > 0 && ", "}
          <button
            type="button"
            aria-label={`Step ${position}`}
            className="link"
            onClick={() => onShowStep(position)}
          >
            {grouped(position)}
          </button>
        </Fragment>
      ))}
      {steps.length > NAMED_AT_MOST && ` and ${grouped(steps.length - NAMED_AT_MOST)} more`}
    </>
  );
}
