"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Check, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { sinceWords } from "#components/plans/changes-panel.tsx";
import { type AskedChange, DecideDialogs } from "#components/plans/decide-dialogs.tsx";
import { useOpened } from "#components/plans/opened.tsx";
import { shortHash, typingWords } from "#components/plans/plan-words.ts";
import { approvePlan, refreshPlan } from "#components/plans/queries.ts";
import { UnreadyNote } from "#components/plans/reconnect.tsx";
import type { Changes } from "#components/plans/use-changes.ts";
import type { Reading } from "#components/plans/use-steps.ts";
import { areSingleKeysOn } from "#components/shell/single-keys.ts";
import { isTyping } from "#components/shell/typing.ts";
import { counted, grouped } from "#components/ui/amounts.ts";
import { Button } from "#components/ui/button.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { Field, FieldError, Help, Input } from "#components/ui/field.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Card } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { PlanJson } from "#lib/plans/schema.ts";

/** So many things still to open are named; more are counted. */
const NAMED_AT_MOST = 5;

/**
 * A person's yes to exactly what this page showed: it names the hash of it, and cannot be given before all
 * of it was read, the long parts were opened, and each production org was named by hand.
 */
export function ApproveCard({
  plan,
  reading,
  changes,
  hasPassword,
  asked,
  onAsk,
  onShowStep,
}: {
  plan: PlanJson;
  reading: Reading;
  /** Against the version that this person looked at before; null where there is none. */
  changes: Changes | null;
  hasPassword: boolean;
  /** What is about to be asked for instead; null while nothing is. */
  asked: AskedChange | null;
  onAsk: (asked: AskedChange | null) => void;
  onShowStep: (position: number) => void;
}) {
  const queries = useQueryClient();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const opened = useOpened();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [runs, setRuns] = useState(true);
  const form = useRef<HTMLFormElement>(null);
  const { typedNames } = plan.asks;
  // What came only when it was opened says more than what was read before it.
  const inspections = reading.inspections.map((each) => opened.foundIn(each.position) ?? each);
  const unopened = inspections.flatMap(({ toOpen }) =>
    toOpen.filter(({ key }) => !opened.has(key)),
  );
  const isTyped = typedNames.every(
    ({ connectionId, name }) => typingWords(name, typed[connectionId] ?? "") === null,
  );
  // A second person's yes sends nothing, and what its owner has to mend is not theirs to.
  const isSignedIn = plan.canApprove === "second" || plan.unready.length === 0;
  const isReady = reading.isDone && unopened.length === 0 && isTyped && isSignedIn;
  // The last yes that is missing; a second person's sets nothing going.
  const isFinal = plan.missing.length === 1 && plan.canApprove === "owner";
  const verb = isFinal && runs ? "Approve and run" : "Approve";

  // A key opens the card, and none approves: what is typed, and Enter, do.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || !areSingleKeysOn() || isTyping(event.target)) return;
      if (document.querySelector("[role=alertdialog], [role=dialog]")) return;
      const control =
        form.current?.querySelector<HTMLElement>("input:not([type=checkbox])") ??
        form.current?.querySelector<HTMLElement>("button[type=submit]:not(:disabled)") ??
        form.current?.querySelector<HTMLElement>("[data-unopened]");
      if (!control) return;
      event.preventDefault();
      control.scrollIntoView({ block: "center" });
      control.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const approve = () =>
    run("approve", async () => {
      try {
        await approvePlan(plan.id, {
          hash: plan.hash,
          typedNames: Object.fromEntries(
            typedNames.map(({ connectionId }) => [connectionId, typed[connectionId] ?? ""]),
          ),
          apply: isFinal && runs,
        });
      } finally {
        // Also after a refusal: the plan may be another one by now.
        await refreshPlan(queries, plan.id);
      }
    });

  return (
    <Card className="grid gap-3 p-4">
      <div>
        <h2 className="text-md">
          {plan.canApprove === "second" ? "Be the second person" : "Approve exactly this"}
        </h2>
        <p className="mt-0.5 flex items-center gap-1 text-ink-3 text-xs">
          <span className="mono">
            plan {shortHash(plan.hash)}
            {plan.version > 1 && `, version ${plan.version}`}
          </span>
          <CopyButton value={plan.hash} label="Copy the plan’s hash" shows="icon" tone="quiet" />
        </p>
      </div>
      <Checks
        plan={plan}
        reading={{ ...reading, inspections }}
        changes={changes}
        onShowStep={onShowStep}
      />
      <UnreadyNote plan={plan} />
      {unopened.length > 0 && (
        <div className="rounded-2 border border-warn-line bg-[color-mix(in_oklab,var(--warn-tint)_50%,var(--surface))] p-2.5 text-xs">
          <p className="font-label">Open before approving</p>
          <ul className="mt-1 grid gap-0.5">
            {unopened.slice(0, NAMED_AT_MOST).map(({ key, position, words }) => (
              <li key={key}>
                <button
                  type="button"
                  data-unopened
                  className="link text-left"
                  onClick={() => onShowStep(position)}
                >
                  Step {position}: <PlainText text={words} />
                </button>
              </li>
            ))}
            {unopened.length > NAMED_AT_MOST && (
              <li className="text-ink-3">and {grouped(unopened.length - NAMED_AT_MOST)} more</li>
            )}
          </ul>
        </div>
      )}
      <FourEyes plan={plan} />
      <form
        ref={form}
        aria-label="Approve this plan"
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && busy === null) void approve();
        }}
      >
        {typedNames.map(({ connectionId, name }) => (
          <TypedName
            key={connectionId}
            name={name}
            value={typed[connectionId] ?? ""}
            onChange={(value) => setTyped((now) => ({ ...now, [connectionId]: value }))}
          />
        ))}
        {isFinal && (
          <CheckboxLine
            label="Run it at once"
            checked={runs}
            onChange={(event) => setRuns(event.target.checked)}
          />
        )}
        {problem !== null && (
          <div role="alert">
            <FieldError>{problem}</FieldError>
          </div>
        )}
        <Button
          type="submit"
          tone="primary"
          disabled={!isReady}
          isBusy={busy === "approve"}
          busyLabel="Approving"
          aria-keyshortcuts="a"
        >
          {verb} {counted(plan.stepCount, "step")}
        </Button>
        {!isReady && (
          <Help>{waitsFor(reading, plan.stepCount, unopened.length, { isSignedIn, isTyped })}</Help>
        )}
      </form>
      <DecideDialogs plan={plan} asked={asked} onAsk={onAsk} />
      <p className="nums text-ink-3 text-xs">
        Expires <RelativeTime at={plan.expiresAt} />.{" "}
        {plan.canApprove === "owner"
          ? "Only you can approve: it is done with your sign-in there."
          : `It is done with the sign-in of ${plan.owner.name}.`}{" "}
        <span className="whitespace-nowrap max-lg:hidden">
          <Kbd>a</Kbd> comes here.
        </span>
      </p>
      {dialog}
    </Card>
  );
}

function waitsFor(
  reading: Reading,
  stepCount: number,
  unopened: number,
  { isSignedIn, isTyped }: { isSignedIn: boolean; isTyped: boolean },
): string {
  if (!reading.isDone) {
    return `Reading the steps: ${grouped(reading.read)} of ${grouped(stepCount)}.`;
  }
  if (unopened > 0) return `${counted(unopened, "long part")} above not opened yet.`;
  if (!isSignedIn) return "Sign in there again first, then come back here.";
  return isTyped ? "" : "Type each name above to go on.";
}

function TypedName({
  name,
  value,
  onChange,
}: {
  name: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const left = typingWords(name, value);
  return (
    <Field
      label={
        <>
          Type{" "}
          <b className="font-title">
            <PlainText text={name} />
          </b>{" "}
          to change production
        </>
      }
      help={
        <span aria-live="polite" className={left === null ? "text-ok-ink" : ""}>
          {left ?? "That is its name"}
        </span>
      }
      isRequired
    >
      <Input
        value={value}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        onPaste={(event) => event.preventDefault()}
        onDrop={(event) => event.preventDefault()}
        onChange={(event) => onChange(event.target.value)}
        className="border-env-production-solid!"
      />
    </Field>
  );
}

function Checks({
  plan,
  reading,
  changes,
  onShowStep,
}: {
  plan: PlanJson;
  reading: Reading;
  changes: Changes | null;
  onShowStep: (position: number) => void;
}) {
  const withHidden = reading.inspections.filter((step) => step.hiddenCharacters > 0);
  const hidden = withHidden.reduce((sum, step) => sum + step.hiddenCharacters, 0);
  const sending = reading.inspections.filter(({ sends }) => sends);
  const deleting = reading.inspections.filter(({ effect }) => effect === "destructive");
  const where = (steps: readonly { position: number }[]) => {
    const [first] = steps;
    if (first === undefined) return null;
    return (
      <button type="button" className="link" onClick={() => onShowStep(first.position)}>
        {steps.length === 1 ? `step ${first.position}` : counted(steps.length, "step")}
      </button>
    );
  };
  return (
    <ul className="grid gap-1.5 text-sm">
      {reading.hasFailed ? (
        <CheckLine isWarning>
          Not all steps could be read.{" "}
          <button type="button" className="link" onClick={reading.again}>
            Read them again
          </button>
        </CheckLine>
      ) : reading.isDone ? (
        <CheckLine>
          {plan.stepCount === 1 ? "The step is" : `All ${grouped(plan.stepCount)} steps are`} on
          this page, whole
        </CheckLine>
      ) : (
        <CheckLine isWarning>
          Reading the steps: {grouped(reading.read)} of {grouped(plan.stepCount)}
        </CheckLine>
      )}
      <CheckLine>Each step runs once, in this order; if an org changed since, it stops</CheckLine>
      {changes !== null && changes.changed.length > 0 && (
        <CheckLine isWarning>
          Since {sinceWords(changes)}, changed or new: {where(changes.changed)}
        </CheckLine>
      )}
      {hidden > 0 && (
        <CheckLine isWarning>
          {counted(hidden, "hidden character")} in {where(withHidden)}
        </CheckLine>
      )}
      {deleting.length > 0 && (
        <CheckLine isWarning>Records are deleted in {where(deleting)}</CheckLine>
      )}
      {sending.length > 0 && (
        <CheckLine isWarning>Email is sent in {where(sending)}; it cannot be called back</CheckLine>
      )}
    </ul>
  );
}

function CheckLine({ isWarning = false, children }: { isWarning?: boolean; children: ReactNode }) {
  const Icon = isWarning ? TriangleAlert : Check;
  return (
    <li className="flex gap-2 text-ink-2">
      <Icon
        aria-hidden
        strokeWidth={1.5}
        className={`mt-0.5 size-4 shrink-0 ${isWarning ? "text-warn-ink" : "text-ok-ink"}`}
      />
      <span className="min-w-0">
        {isWarning && <span className="sr-only">Look: </span>}
        {children}
      </span>
    </li>
  );
}

/** Who said yes, and whose word is missing. */
export function FourEyes({ plan }: { plan: PlanJson }) {
  if (!plan.asks.secondPerson && plan.approvals.length === 0) return null;
  return (
    <div className="grid gap-1 border-line border-t pt-3 text-xs">
      {plan.approvals.map(({ part, by, approvedAt }) => (
        <p key={part} className="flex items-center gap-1.5 text-ink-2">
          <Check aria-hidden strokeWidth={1.5} className="size-3.5 text-ok-ink" />
          <span>
            <b className="font-label text-ink">{by.name}</b> approved{" "}
            <RelativeTime isPast at={approvedAt} />
            {part === "second" && ", as the second person"}
          </span>
        </p>
      ))}
      {plan.missing.includes("owner") && plan.canApprove !== "owner" && (
        <p className="text-ink-3">Missing: {plan.owner.name}, whose sign-in it uses.</p>
      )}
      {plan.missing.includes("second") && plan.canApprove !== "second" && (
        <p className="text-ink-3">
          Missing: a second person, an admin or owner who did not propose it.
        </p>
      )}
    </div>
  );
}
