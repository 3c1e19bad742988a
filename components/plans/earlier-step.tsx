"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { OpenedProvider } from "#components/plans/opened.tsx";
import { earlierStepOptions, type VersionOf } from "#components/plans/queries.ts";
import { StepPreview } from "#components/plans/step-preview.tsx";
import { problemWords } from "#components/ui/api.ts";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** What a step was before the plan was changed: folded, for whoever wants to compare. */
export function EarlierStep({ of, position }: { of: VersionOf; position: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const { data: step, error } = useQuery({ ...earlierStepOptions(of, position), enabled: isOpen });
  return (
    <Disclosure
      summary={`As it was in version ${of.version}`}
      className="mt-2.5 text-xs"
      onToggle={setIsOpen}
    >
      <div className="mt-1.5 border-line-strong border-l-2 pl-3">
        {error !== null && <FieldError>{problemWords(error)}</FieldError>}
        {isOpen && step === undefined && error === null && <Skeleton className="h-12 w-full" />}
        {step === null && <p className="text-ink-2">It is not there any more.</p>}
        {step && (
          // What is opened here counts for nothing: this version is not the one to approve.
          <OpenedProvider asks={false}>
            <p className="font-label text-sm">
              Step {step.position}: <PlainText text={step.title} />
            </p>
            {step.preview === null ? (
              <p className="mt-1 text-ink-2">
                It is too large to stand here, or not yours to see any more. Version {of.version} as
                a whole has what you may see.
              </p>
            ) : (
              <StepPreview step={step} preview={step.preview} onAskForChange={null} />
            )}
          </OpenedProvider>
        )}
      </div>
    </Disclosure>
  );
}
