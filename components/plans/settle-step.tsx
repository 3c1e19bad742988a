"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { refreshPlan, resolveStep, type VersionOf } from "#components/plans/queries.ts";
import { Button } from "#components/ui/button.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { StepJson } from "#lib/plans/schema.ts";

/** A person says what nobody else can: whether a step whose answer never came happened. */
export function SettleStep({ of, step }: { of: VersionOf; step: StepJson }) {
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [goOn, setGoOn] = useState(false);
  const { run, isBusy, error } = useCall();
  const settle = (outcome: "applied" | "failed") =>
    run(async () => {
      await resolveStep(of.id, step.position, { outcome, goOn });
      setIsOpen(false);
      await refreshPlan(queries, of.id);
    });
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      title={`Did step ${step.position} happen?`}
      description="The request was sent, and no answer came back. Look in the org for what the step says; what you answer is written down with your name, and nothing is sent again."
      trigger={
        <Button size="sm" tone="act" className="mt-1 justify-self-start">
          Say what happened<span className="sr-only"> in step {step.position}</span>
        </Button>
      }
    >
      <p className="font-label">{step.title}</p>
      <CheckboxLine
        label="Then carry out the steps behind it"
        help="Under the approval you gave. Without this the plan ends here."
        checked={goOn}
        onChange={(event) => setGoOn(event.currentTarget.checked)}
      />
      {error !== null && (
        <div role="alert">
          <FieldError>{error}</FieldError>
        </div>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <DialogClose asChild>
          <Button tone="quiet">I do not know yet</Button>
        </DialogClose>
        <Button isBusy={isBusy} onClick={() => void settle("failed")}>
          It did not happen
        </Button>
        <Button isBusy={isBusy} onClick={() => void settle("applied")}>
          It happened
        </Button>
      </div>
    </Dialog>
  );
}
