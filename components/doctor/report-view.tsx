"use client";

import { CircleAlert, CircleCheck, CircleDashed, ExternalLink } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { countsInWords, reportText, stateWords } from "#lib/doctor/report-text.ts";
import type { DoctorReport, Line, LineAction, LineState } from "#lib/doctor/schema.ts";

/** Each state its own shape; the colour only repeats it, and what is fine stays quiet. */
const marks = {
  pass: { Mark: CircleCheck, tone: "text-ok-ink" },
  fail: { Mark: CircleAlert, tone: "text-danger-ink" },
  unknown: { Mark: CircleDashed, tone: "text-ink-3" },
} as const satisfies Record<LineState, unknown>;

/**
 * A report: how it stands in one sentence, when, the report to copy, and the lines in their order.
 *
 * @param props.connect - what a line's button that begins a sign-in becomes; null where there is none
 * @param props.again - what runs the check once more
 * @param props.remark - a sentence about the report itself, for example that it is out of date
 */
export function ReportView({
  report,
  connect,
  again,
  remark,
}: {
  report: DoctorReport;
  connect: ((label: string) => ReactNode) | null;
  again: ReactNode;
  remark?: ReactNode;
}) {
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b pb-3">
        <p role="status" className="mr-auto min-w-0 max-md:w-full">
          <span className="nums font-label">{sentenceCase(countsInWords(report.lines))}</span>
          <span className="text-ink-3 text-xs">
            {" "}
            · checked <RelativeTime at={report.checkedAt} />
          </span>
        </p>
        <CopyButton value={reportText(report)} label="Copy report" size="sm" />
        {again}
        {remark !== undefined && <p className="w-full text-warn-ink text-xs">{remark}</p>}
      </div>
      <ul aria-label="What was found" className="divide-y divide-line">
        {report.lines.map((line) => (
          <LineRow key={line.id} line={line} connect={connect} />
        ))}
      </ul>
    </div>
  );
}

function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function LineRow({
  line,
  connect,
}: {
  line: Line;
  connect: ((label: string) => ReactNode) | null;
}) {
  const { Mark, tone } = marks[line.state];
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3 py-3">
      <Mark aria-hidden strokeWidth={1.5} className={cn("mt-0.5 size-4", tone)} />
      <div className="min-w-0">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <h3 className="flex items-baseline gap-x-2 font-label text-sm tracking-tight">
            {line.title}
            <span className={cn("font-text text-xs", line.state === "pass" ? "text-ink-3" : tone)}>
              {stateWords[line.state]}
            </span>
          </h3>
          {line.code !== null && (
            <code className="mono ml-auto text-ink-3 text-xs">{line.code}</code>
          )}
        </div>
        <p className="text-pretty text-ink-2 [overflow-wrap:anywhere]">{line.found}</p>
        {line.advice !== null && (
          <p className="mt-1 text-pretty [overflow-wrap:anywhere]">{line.advice}</p>
        )}
        <Actions actions={line.actions} connect={connect} />
      </div>
    </li>
  );
}

function Actions({
  actions,
  connect,
}: {
  actions: readonly LineAction[];
  connect: ((label: string) => ReactNode) | null;
}) {
  const usable = actions.filter((action) => action.do !== "connect" || connect !== null);
  if (usable.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-2">
      {usable.map((action) => (
        <li key={`${action.do} ${action.label}`}>
          <ActionControl action={action} connect={connect} />
        </li>
      ))}
    </ul>
  );
}

function ActionControl({
  action,
  connect,
}: {
  action: LineAction;
  connect: ((label: string) => ReactNode) | null;
}): ReactNode {
  switch (action.do) {
    case "connect":
      return connect?.(action.label);
    case "copy":
      return <CopyButton value={action.text} label={action.label} size="sm" />;
    case "link":
      return (
        <Link href={action.href as Route} className={buttonClass({ size: "sm" })}>
          {action.label}
        </Link>
      );
    case "visit":
      return (
        <a
          href={action.href}
          target="_blank"
          rel="noopener noreferrer"
          className={buttonClass({ size: "sm" })}
        >
          <ExternalLink aria-hidden strokeWidth={1.5} />
          {action.label}
          <span className="sr-only"> (opens another window)</span>
        </a>
      );
  }
}
