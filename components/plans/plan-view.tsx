"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot, Copy, User } from "lucide-react";
import type { Route } from "next";
import { useMemo, useRef, useState } from "react";
import { ApproveCard } from "#components/plans/approve-card.tsx";
import { ChangesPanel } from "#components/plans/changes-panel.tsx";
import type { AskedChange } from "#components/plans/decide-dialogs.tsx";
import { EarlierVersion } from "#components/plans/earlier-version.tsx";
import { OpenedProvider } from "#components/plans/opened.tsx";
import { PlanFigures } from "#components/plans/plan-figures.tsx";
import { planStanding } from "#components/plans/plan-words.ts";
import { planOptions } from "#components/plans/queries.ts";
import { troubleAt } from "#components/plans/reconnect.tsx";
import {
  ApprovedCard,
  ReportCard,
  ReportLinks,
  RunningCard,
  WaitingCard,
} from "#components/plans/standing-cards.tsx";
import { StepList, type StepScroller } from "#components/plans/step-list.tsx";
import { useChanges } from "#components/plans/use-changes.ts";
import { useReading, useRunningSteps } from "#components/plans/use-steps.ts";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { useNow } from "#components/ui/now.tsx";
import { Card, Note } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone, sayProblem } from "#components/ui/toast.ts";
import type { PlanJson } from "#lib/plans/schema.ts";

/** A plan, whole: what it would change on the left, the decision about exactly that on the right. */
export function PlanView({ plan: initial, hasPassword }: { plan: PlanJson; hasPassword: boolean }) {
  const { data: plan = initial } = useQuery({
    ...planOptions(initial.id),
    initialData: initial,
    // Whoever comes back, from signing in there again say, may have an older one in this tab.
    refetchOnMount: "always",
  });
  return (
    // What was opened of one version says nothing of the next.
    <OpenedProvider key={plan.version} asks={plan.canApprove !== null}>
      <PlanPage plan={plan} hasPassword={hasPassword} />
    </OpenedProvider>
  );
}

function PlanPage({ plan, hasPassword }: { plan: PlanJson; hasPassword: boolean }) {
  const reading = useReading(plan, plan.showsContent);
  useRunningSteps(plan);
  const changes = useChanges(plan);
  const scroller = useRef<StepScroller | null>(null);
  const [earlier, setEarlier] = useState<number | null>(null);
  const [asked, setAsked] = useState<AskedChange | null>(null);
  const [of] = useStable({ id: plan.id, version: plan.version });
  const standing = planStanding(plan, useNow());
  const isExpired = standing.words === "Expired";
  const showStep = (position: number) => scroller.current?.show(position);
  const canAsk = plan.canReject && !isExpired;
  const onAskForChange = useMemo(
    () => (canAsk ? (words: string) => setAsked({ wants: "changes", words }) : null),
    [canAsk],
  );
  return (
    <>
      <TopBar>
        <Breadcrumbs crumbs={[{ name: "Plans", href: "/plans" as Route }, { name: plan.title }]} />
        <Badge tone={standing.tone}>{standing.words}</Badge>
        {plan.showsContent && <CopyAsJson id={plan.id} />}
      </TopBar>
      <PageBody>
        <div className="grid max-w-[73rem] gap-x-10 gap-y-4 lg:grid-cols-[minmax(0,1fr)_var(--aside)]">
          <div className="min-w-0">
            <h1 className="mb-4 text-xl tracking-[-0.018em] [overflow-wrap:anywhere]">
              <PlainText text={plan.title} />
            </h1>
            <PlanFigures plan={plan} reading={reading} />
            {!plan.showsContent && (
              <Card className="mb-4 p-4">
                <p className="text-ink-2">
                  {plan.contentsRemovedAt === null ? (
                    `What it writes is for ${plan.owner.name} to see. Here is where it would write, and how much.`
                  ) : (
                    <ContentsRemoved at={plan.contentsRemovedAt} />
                  )}
                </p>
              </Card>
            )}
            {changes !== null && earlier === null && !isExpired && (
              <ChangesPanel changes={changes} stepCount={plan.stepCount} onShowStep={showStep} />
            )}
            {earlier !== null ? (
              <OpenedProvider key={earlier} asks={false}>
                <EarlierVersion
                  of={{ id: plan.id, version: earlier }}
                  current={plan.version}
                  targets={plan.identities ?? plan.targets}
                  onBack={() => setEarlier(null)}
                />
              </OpenedProvider>
            ) : (
              <StepList
                of={of}
                stepCount={plan.stepCount}
                targets={plan.identities ?? plan.targets}
                showsContent={plan.showsContent}
                maySettle={plan.isMine}
                onAskForChange={onAskForChange}
                changeOf={changes?.ofStep}
                renderTrouble={(target) => (isExpired ? null : troubleAt(plan, target))}
                scroller={scroller}
              />
            )}
          </div>
          <aside
            aria-label="Decision"
            className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-4 self-start lg:sticky lg:top-[calc(var(--topbar)+1.25rem)] lg:max-h-[calc(100dvh-var(--topbar)-2.5rem)] lg:overflow-y-auto lg:pb-1"
          >
            {earlier !== null ? null : isExpired ? (
              <ExpiredCard plan={plan} />
            ) : plan.state === "proposed" && plan.canApprove !== null && plan.showsContent ? (
              <ApproveCard
                plan={plan}
                reading={reading}
                changes={changes}
                hasPassword={hasPassword}
                asked={asked}
                onAsk={setAsked}
                onShowStep={showStep}
              />
            ) : plan.state === "proposed" ? (
              <WaitingCard plan={plan} asked={asked} onAsk={setAsked} />
            ) : plan.state === "approved" ? (
              <ApprovedCard plan={plan} hasPassword={hasPassword} />
            ) : plan.state === "applying" ? (
              <RunningCard plan={plan} onShowStep={showStep} />
            ) : (
              <ReportCard plan={plan} hasPassword={hasPassword} onShowStep={showStep} />
            )}
            <Proposer
              plan={plan}
              {...(plan.showsContent && { onSeeEarlier: () => setEarlier(plan.version - 1) })}
            />
          </aside>
        </div>
      </PageBody>
    </>
  );
}

/** A plan that ended long ago holds no values any more. */
function ContentsRemoved({ at }: { at: string }) {
  return (
    <>
      What it wrote was removed <RelativeTime isPast at={at} />. Kept are its steps, what became of
      them, who approved them, and their hashes.
    </>
  );
}

/** The same object as long as its parts are the same: rows below are not drawn anew for nothing. */
function useStable<T extends { id: string; version: number }>(of: T): [T] {
  // biome-ignore lint/correctness/useExhaustiveDependencies: its parts are what counts
  return [useMemo(() => of, [of.id, of.version])];
}

function ExpiredCard({ plan }: { plan: PlanJson }) {
  return (
    <Card className="grid gap-3 p-4">
      <div>
        <h2 className="text-md">Nobody decided in time</h2>
        <p className="mt-1 text-ink-2">
          It expired <RelativeTime isPast at={plan.expiresAt} />, and nothing was sent. Ask for it
          again if it is still wanted: it is then made from what is there now.
        </p>
      </div>
      <ReportLinks plan={plan} />
    </Card>
  );
}

function Proposer({ plan, onSeeEarlier }: { plan: PlanJson; onSeeEarlier?: () => void }) {
  const { proposer } = plan;
  const Icon = proposer.kind === "agent" ? Bot : User;
  const isWaiting = plan.state === "proposed" && proposer.kind === "agent";
  return (
    <div className="grid gap-2 px-1">
      <p className="flex items-center gap-2">
        <Icon aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-ink-2" />
        <span className="min-w-0 flex-1">
          <b className="font-label">
            <PlainText text={proposer.name ?? "An agent that was deleted"} />
          </b>{" "}
          <span className="text-ink-3">
            {proposer.kind === "agent" ? `for ${plan.isMine ? "you" : plan.owner.name}` : ""}
            {isWaiting && ", waits"}
          </span>
        </span>
        <span className="text-ink-3 text-xs">
          <RelativeTime isPast at={plan.createdAt} />
        </span>
      </p>
      {plan.reason !== null && plan.reason !== "" && (
        <Note>
          “<PlainText text={plan.reason} />”
        </Note>
      )}
      {plan.version > 1 && (
        <p className="text-ink-3 text-xs">
          Version {plan.version}, changed <RelativeTime isPast at={plan.updatedAt} />: approvals of
          earlier versions do not count.{" "}
          {onSeeEarlier !== undefined && (
            <button type="button" className="link" onClick={onSeeEarlier}>
              See version {plan.version - 1}
            </button>
          )}
        </p>
      )}
      {plan.standingApprovalId !== null && (
        <p className="text-ink-3 text-xs">Approved beforehand, by a standing approval.</p>
      )}
    </div>
  );
}

/** The export has a line for the plan and one for each step. */
function asOneJson(lines: string): string {
  const [plan, ...steps] = lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
  return JSON.stringify({ plan, steps }, null, 2);
}

function CopyAsJson({ id }: { id: string }) {
  return (
    <Button
      className="max-md:hidden"
      onClick={() => {
        const text = fetch(`/api/plans/${id}/export`).then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.text();
        });
        text
          .then((found) => navigator.clipboard.writeText(asOneJson(found)))
          .then(
            () => sayDone("Plan copied as JSON"),
            () => sayProblem("The plan was not copied. Save it as JSON instead."),
          );
      }}
    >
      <Copy aria-hidden strokeWidth={1.5} />
      Copy as JSON
    </Button>
  );
}
