"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { refreshPlan, rejectPlan } from "#components/plans/queries.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { PlanJson } from "#lib/plans/schema.ts";

const LONGEST_WORDS = 1_000;

/** Saying no: with words that the proposer reads, or without. */
export type AskedChange = { wants: "changes" | "nothing"; words: string };

export function DecideDialogs({
  plan,
  asked,
  onAsk,
}: {
  plan: PlanJson;
  asked: AskedChange | null;
  onAsk: (asked: AskedChange | null) => void;
}) {
  const queries = useQueryClient();
  const { run, isBusy, error, clear } = useCall();
  const [words, setWords] = useState<string | null>(null);
  if (!plan.canReject) return null;
  const isChange = asked?.wants === "changes";
  const text = words ?? asked?.words ?? "";
  const who = plan.proposer.name ?? "Whoever proposed it";
  const close = () => {
    onAsk(null);
    setWords(null);
    clear();
  };
  const ask = (wants: AskedChange["wants"]) => {
    setWords(null);
    onAsk({ wants, words: "" });
  };
  return (
    <div className="grid grid-cols-2 gap-2">
      <Button onClick={() => ask("changes")}>Ask for changes</Button>
      <Button onClick={() => ask("nothing")}>Decline</Button>
      <Dialog
        isOpen={asked !== null}
        onOpenChange={(isOpen) => !isOpen && close()}
        title={isChange ? "Ask for changes" : "Decline this plan"}
        description={
          isChange
            ? `This plan ends, and ${who} reads your words and may propose another.`
            : "Nothing is sent. The plan ends and stays in the list."
        }
      >
        <form
          aria-label={isChange ? "Ask for changes" : "Decline this plan"}
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void run(async () => {
              await rejectPlan(plan.id, text.trim());
              close();
              await refreshPlan(queries, plan.id);
            });
          }}
        >
          <Field
            label={isChange ? "What should be different" : "Why"}
            {...(!isChange && { hint: "Optional" })}
            isRequired={isChange}
          >
            <textarea
              value={text}
              required={isChange}
              maxLength={LONGEST_WORDS}
              rows={4}
              onChange={(event) => setWords(event.target.value)}
              className="w-full resize-y rounded-2 border border-line-control bg-raised px-2.5 py-2 text-ink text-sm hover:border-ink-3 pointer-coarse:text-lg"
            />
          </Field>
          <DialogActions problem={error} isBusy={isBusy} busyLabel="Sending">
            {isChange ? "Ask for changes" : "Decline the plan"}
          </DialogActions>
        </form>
      </Dialog>
    </div>
  );
}
