"use client";

import { ExternalLink } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useWaitStage, WaitCountdown } from "#components/decoder/wait-countdown.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Checklist } from "#components/ui/checklist.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { Explanation, NextAction } from "#lib/grants/decoder.ts";

/** Begins the flow again; absent where no connection is known. */
export type Again = { begin: () => void; isBusy: boolean; error: string | null };

/**
 * The next steps of an explanation as a thread of numbered lines. Title and cause are the page's own
 * heading. The first action in view is the filled one, the rest are plain.
 *
 * @param props.endedAt - ISO 8601; countdowns start here
 */
export function ExplanationView({
  explanation,
  again,
  endedAt,
}: {
  explanation: Explanation;
  again: Again | null;
  endedAt: string | null;
}) {
  const { steps, otherwise } = explanation;
  const firstPressable = steps.findIndex((step) =>
    step.actions.some((action) => isFilled(action, again)),
  );
  return (
    <>
      <Checklist
        className="mb-4"
        items={steps.map((step, index) => ({
          title: step.title,
          state: index === 0 ? "now" : "todo",
          children: (
            <>
              <p>{step.text}</p>
              <Actions
                actions={step.actions}
                again={again}
                endedAt={endedAt}
                hasFilled={index === firstPressable}
              />
              {step.code !== undefined && (
                <p className="mono mt-1.5 text-ink-2 [overflow-wrap:anywhere]">{step.code}</p>
              )}
            </>
          ),
        }))}
      />
      {again !== null && again.error !== null && (
        <div role="alert" className="mb-4">
          <FieldError>{again.error}</FieldError>
        </div>
      )}
      {otherwise && (
        <Panel titleLevel={2} title={otherwise.title}>
          <p>{otherwise.text}</p>
          <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
            {otherwise.actions.map((action) =>
              action.do === "link" ? (
                <li key={action.href}>
                  <Link className="link" href={action.href as Route}>
                    {action.label}
                  </Link>
                </li>
              ) : null,
            )}
          </ul>
        </Panel>
      )}
    </>
  );
}

const isFilled = (action: NextAction, again: Again | null) =>
  action.do === "link" || action.do === "visit" || (action.do === "again" && again !== null);

function Actions({
  actions,
  again,
  endedAt,
  hasFilled,
}: {
  actions: readonly NextAction[];
  again: Again | null;
  endedAt: string | null;
  hasFilled: boolean;
}) {
  const usable = actions.filter((action) => action.do !== "again" || again !== null);
  const filled = hasFilled ? usable.find((action) => isFilled(action, again)) : undefined;
  const waiting = useWaitStage(
    usable.find((action) => action.do === "wait"),
    endedAt,
  );
  const isEarly = waiting?.stage === "early";
  if (usable.length === 0) return null;
  return (
    <div className="mt-2 mb-1 flex flex-wrap items-center gap-2">
      {waiting && <WaitCountdown {...waiting} />}
      {usable.map((action) => (
        <ActionControl
          key={`${action.do} ${action.label}`}
          action={isEarly && action.do === "again" ? { ...action, label: "Try anyway" } : action}
          again={again}
          tone={action === filled && !(isEarly && action.do === "again") ? "primary" : "plain"}
        />
      ))}
    </div>
  );
}

function ActionControl({
  action,
  again,
  tone,
}: {
  action: NextAction;
  again: Again | null;
  tone: "primary" | "plain";
}): ReactNode {
  const [wasPressed, setWasPressed] = useState(false);
  switch (action.do) {
    case "link":
      return (
        <Link href={action.href as Route} className={buttonClass({ tone })}>
          {action.label}
        </Link>
      );
    case "visit":
      return (
        <a
          href={action.href}
          target="_blank"
          rel="noopener noreferrer"
          className={buttonClass({ tone })}
        >
          <ExternalLink aria-hidden strokeWidth={1.5} />
          {action.label}
          <span className="sr-only"> (opens another window)</span>
        </a>
      );
    case "copy":
      return <CopyButton value={action.text} label={action.label} />;
    case "again":
      return (
        again && (
          <Button
            tone={tone}
            isBusy={again.isBusy && wasPressed}
            busyLabel="Opening"
            onClick={() => {
              setWasPressed(true);
              again.begin();
            }}
          >
            {action.label}
          </Button>
        )
      );
    case "wait":
      return null;
  }
}
