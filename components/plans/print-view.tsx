import type { Route } from "next";
import Link from "next/link";
import { bodySize } from "#components/plans/inspect-step.ts";
import {
  countsLine,
  emailsWords,
  endWords,
  planStanding,
  stepWords,
  targetId,
} from "#components/plans/plan-words.ts";
import { PrintButton } from "#components/plans/print-button.tsx";
import type { ShownTarget } from "#components/plans/target-bar.tsx";
import { counted } from "#components/ui/amounts.ts";
import { buttonClass } from "#components/ui/button.tsx";
import { effectWords } from "#components/ui/effect-badge.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Facts } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { exactTime } from "#lib/core/relative-time.ts";
import type { Change, PlanJson, StepJson } from "#lib/plans/schema.ts";

/** Each step lists so many of its changes on paper; the rest is counted. */
const CHANGES_PRINTED = 50;

/** A plan and what came of it, on paper: nothing folded but what the counts say. */
export function PrintView({
  plan,
  steps,
  now,
}: {
  plan: PlanJson;
  steps: readonly StepJson[];
  now: Date;
}) {
  const at = (time: string) => exactTime(new Date(time));
  const targets: readonly ShownTarget[] = plan.identities ?? plan.targets;
  const nameOf = new Map(targets.map(({ connectionId, name }) => [connectionId, name]));
  return (
    <article className="mx-auto max-w-[52rem] px-6 py-6">
      <div className="mb-6 flex justify-between gap-2 print:hidden">
        <Link href={`/plans/${plan.id}` as Route} className={buttonClass({ tone: "quiet" })}>
          Back to the plan
        </Link>
        <PrintButton />
      </div>
      <h1 className="mb-1 text-xl">
        <PlainText text={plan.title} />
      </h1>
      <p className="mb-4 text-ink-2">
        {planStanding(plan, now).words}. {countsLine(plan)}.
        {plan.endReason !== null && ` ${endWords[plan.endReason]}`}
        {plan.contentsRemovedAt !== null &&
          ` What it wrote was removed on ${at(plan.contentsRemovedAt)}.`}
      </p>
      <Facts
        className="mb-6"
        items={[
          {
            name: "Proposed by",
            value: `${plan.proposer.name ?? "A deleted agent"}, ${at(plan.createdAt)}`,
          },
          ...(plan.reason === null || plan.reason === ""
            ? []
            : [{ name: "In its words", value: <PlainText text={plan.reason} /> }]),
          { name: "Owner", value: plan.owner.name },
          ...plan.approvals.map(({ part, by, approvedAt }) => ({
            name: part === "owner" ? "Approved by" : "Second person",
            value: `${by.name}, ${at(approvedAt)}`,
          })),
          ...(plan.appliedAt === null ? [] : [{ name: "Begun", value: at(plan.appliedAt) }]),
          ...(plan.endedAt === null ? [] : [{ name: "Ended", value: at(plan.endedAt) }]),
          {
            name: "Orgs",
            value: (
              <ul className="grid gap-1">
                {targets.map((target) => (
                  <li key={target.connectionId} className="flex flex-wrap items-center gap-2">
                    <PlainText text={target.name} />
                    <EnvironmentBadge environment={target.environment} />
                    <span className="mono">{targetId(target)}</span>
                  </li>
                ))}
              </ul>
            ),
          },
          { name: "SHA-256", value: plan.hash, isMono: true },
        ]}
      />
      <ol className="grid gap-4">
        {steps.map((step) => (
          <li key={step.position} className="break-inside-avoid border-line border-t pt-3">
            <h2 className="text-sm">
              {step.position}. <PlainText text={step.title} />
            </h2>
            <p className="text-ink-3 text-xs">
              {nameOf.get(step.connectionId)} · {effectWords(step.effect).words} ·{" "}
              {counted(step.records, "record")}
              {step.recipients > 0 && ` · ${emailsWords(step.recipients)}`} ·{" "}
              {stepWords[step.state].words}
              {step.finishedAt !== null && `, ${at(step.finishedAt)}`}
            </p>
            {step.outcome !== null && (
              <p className="text-ink-2 text-xs">
                <PlainText text={step.outcome.summary} />
              </p>
            )}
            <Changes step={step} />
            <OtherParts step={step} />
          </li>
        ))}
      </ol>
    </article>
  );
}

const nameOfRecord = ({ subject, subjectId }: Change) =>
  subjectId === null || subjectId === subject ? subject : `${subject} (${subjectId})`;

/** A record's name stands at the first of its fields. */
const nameOnce = (change: Change, before: Change | undefined) =>
  before !== undefined && nameOfRecord(before) === nameOfRecord(change)
    ? undefined
    : nameOfRecord(change);

/** What is no field of a record, counted: the JSON export holds it whole. */
function OtherParts({ step }: { step: StepJson }) {
  const { rows = null, bodies = [], recipients = null } = step.preview ?? {};
  const lines = [
    ...(rows === null ? [] : [counted(rows.total, "row")]),
    ...bodies.map((body) => `${body.label}, ${bodySize(body)}`),
    ...(recipients === null
      ? []
      : [`${recipients.isAtMost ? "at most " : ""}${counted(recipients.count, "recipient")}`]),
  ];
  if (lines.length === 0) return null;
  return (
    <p className="mt-1 text-ink-2 text-xs">
      <PlainText text={lines.join("; ")} />. The JSON export holds it whole.
    </p>
  );
}

function Changes({ step }: { step: StepJson }) {
  const changes = step.preview?.changes ?? [];
  if (changes.length === 0) return null;
  const more = (step.preview?.changesTotal ?? 0) - Math.min(changes.length, CHANGES_PRINTED);
  return (
    <table className="mt-1.5 w-full table-fixed border-collapse text-xs">
      <thead>
        <tr>
          {["Record", "Field", "Before", "After"].map((name) => (
            <th key={name} scope="col" className="py-0.5 pr-3 text-left font-label text-ink-3">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {changes.slice(0, CHANGES_PRINTED).map((change, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was proposed keeps its order
          <tr key={index} className="border-line border-t align-top">
            {[nameOnce(change, changes[index - 1]), change.field, change.before, change.after].map(
              (text, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: four columns
                <td key={column} className="py-0.5 pr-3">
                  {text === undefined ? null : text === null || text === "" ? (
                    <span className="text-ink-3">{text === null ? "none" : "empty"}</span>
                  ) : (
                    <PlainText text={text} />
                  )}
                </td>
              ),
            )}
          </tr>
        ))}
        {more > 0 && (
          <tr>
            <td colSpan={4} className="py-0.5 text-ink-3">
              {counted(more, "further change")}; the JSON export has them.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
