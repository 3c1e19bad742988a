"use client";

import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { BodyView } from "#components/plans/body-view.tsx";
import { ChangeTable } from "#components/plans/change-table.tsx";
import { inspectStep, isToldByRows } from "#components/plans/inspect-step.ts";
import { RowSample } from "#components/plans/row-sample.tsx";
import { counted } from "#components/ui/amounts.ts";
import { countHidden } from "#components/ui/hidden-characters.ts";
import { PlainText } from "#components/ui/plain-text.tsx";
import type { Preview, StepJson } from "#lib/plans/schema.ts";

/** All that a step would change, as text. */
export function StepPreview({
  step,
  preview,
  onAskForChange,
}: {
  step: StepJson;
  preview: Preview;
  onAskForChange: ((words: string) => void) | null;
}) {
  const { position } = step;
  const { hiddenCharacters } = inspectStep(step);
  return (
    <>
      {preview.facts.length > 0 && (
        <dl className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          {preview.facts.map(({ label, value }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: facts stay in their order
            <div key={index} className="flex min-w-0 gap-1.5">
              <dt className="shrink-0 text-ink-3">
                <PlainText text={label} />
              </dt>
              <dd className="min-w-0 text-ink-2">
                <PlainText text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {preview.changes.length > 0 && !isToldByRows(preview) && (
        <ChangeTable position={position} preview={preview} />
      )}
      {preview.rows !== null && (
        <RowSample
          position={position}
          rows={preview.rows}
          isRemoval={step.effect === "destructive"}
        />
      )}
      {preview.bodies.map((body, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bodies stay in their order
        <BodyView key={index} position={position} index={index} body={body} />
      ))}
      {preview.recipients !== null && <Recipients recipients={preview.recipients} />}
      {preview.warnings.map(({ code, text }) => (
        <Flag key={`${code} ${text}`}>
          <PlainText text={text} />
        </Flag>
      ))}
      {hiddenCharacters > 0 && (
        <Flag>
          {counted(hiddenCharacters, "hidden character")} in this step, marked where{" "}
          {hiddenCharacters === 1 ? "it stands" : "they stand"}.{" "}
          {onAskForChange !== null && (
            <button
              type="button"
              className="underline underline-offset-[3px]"
              onClick={() => onAskForChange(hiddenWords(step))}
            >
              Ask for it without
            </button>
          )}
        </Flag>
      )}
    </>
  );
}

function hiddenWords(step: StepJson): string {
  const places = (step.preview?.changes ?? [])
    .filter(({ after }) => countHidden(after ?? "") > 0)
    .map(({ field }) => field);
  const where = places.length === 0 ? "" : ` (${[...new Set(places)].slice(0, 5).join(", ")})`;
  return `Step ${step.position} holds hidden characters${where}. Please propose it without them.`;
}

function Recipients({ recipients }: { recipients: NonNullable<Preview["recipients"]> }) {
  const { count, isAtMost, sample } = recipients;
  const more = count - sample.length;
  return (
    <p className="mt-2 text-ink-2 text-xs">
      Reaches {isAtMost ? "at most " : ""}
      {counted(count, "person", "people")}
      {sample.length > 0 && (
        <>
          :{" "}
          {sample.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sample stays in its order
            <span key={index}>
              {index > 0 && ", "}
              <PlainText text={one} />
            </span>
          ))}
          {more > 0 && ` and ${counted(more, "more", "more")}`}
        </>
      )}
      .
    </p>
  );
}

function Flag({ children }: { children: ReactNode }) {
  return (
    <p className="mt-2 flex items-start gap-2 text-warn-ink text-xs leading-[1.125rem]">
      <TriangleAlert aria-hidden strokeWidth={1.5} className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0">{children}</span>
    </p>
  );
}
