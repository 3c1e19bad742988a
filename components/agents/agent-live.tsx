"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { budgetKinds, budgetNames } from "#components/agents/agent-words.ts";
import { agentCallsOptions } from "#components/agents/call-queries.ts";
import {
  amountWords,
  callOutcome,
  callTitle,
  doorWords,
  hasEffect,
} from "#components/agents/call-words.ts";
import { useIsLive } from "#components/live/live.ts";
import { grouped } from "#components/ui/amounts.ts";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { EffectBadge } from "#components/ui/effect-badge.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { ShowMore } from "#components/ui/show-more.tsx";
import type { AgentCallJson, AgentCallList } from "#lib/agents/schema.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

/** What it has used of its day, and what it does, as it does it. */
export function AgentLive({ agentId, initial }: { agentId: string; initial: AgentCallList }) {
  const calls = useInfiniteQuery(agentCallsOptions(agentId, initial));
  const isLive = useIsLive();
  const pages = calls.data.pages;
  const items = pages.flatMap((page) => page.items);
  return (
    <>
      <Section title="Today" aside="since midnight UTC">
        <dl className="grid gap-x-6 gap-y-3 md:grid-cols-3">
          {budgetKinds.map((kind) => (
            <Gauge key={kind} name={budgetNames[kind]} of={(pages[0] ?? initial).today[kind]} />
          ))}
        </dl>
      </Section>
      <Section
        title="What it does"
        aside={isLive ? "live" : "asked again every few seconds"}
        data-calls
      >
        {items.length === 0 ? (
          <p className="text-ink-3">
            Nothing in the last two weeks. Its calls appear here as it makes them.
          </p>
        ) : (
          <ol
            aria-label="What it does"
            className="max-h-[28rem] divide-y divide-line overflow-y-auto border-line border-t"
          >
            {items.map((call) => (
              <CallLine key={call.id} call={call} />
            ))}
          </ol>
        )}
        <ShowMore pages={calls} size="sm" />
      </Section>
    </>
  );
}

function Gauge({
  name,
  of: { used, most },
}: {
  name: string;
  of: { used: number; most: number | null };
}) {
  const share = most === null ? 0 : most === 0 ? 1 : Math.min(1, used / most);
  const isSpent = most !== null && used >= most;
  const isNear = most !== null && !isSpent && share >= 0.8;
  const amount = used >= unknownRecipients ? "Not known" : grouped(used);
  const figures = most === null || most === 0 ? amount : `${amount} of ${grouped(most)}`;
  return (
    <div className="min-w-0">
      <dt className="text-ink-3 text-xs">{name}</dt>
      <dd>
        <p className="nums flex items-baseline gap-2 font-label">
          {figures}
          {most === null && <span className="font-text text-ink-3 text-xs">no budget</span>}
          {isSpent && most > 0 && <Badge tone="danger">Spent</Badge>}
          {isSpent && most === 0 && (
            <span className="font-text text-ink-3 text-xs">none allowed</span>
          )}
          {isNear && <Badge tone="warn">Nearly spent</Badge>}
        </p>
        {most !== null && most > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be drawn with our tokens
          <div
            role="meter"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={most}
            aria-valuenow={Math.min(used, most)}
            aria-valuetext={`${figures} today`}
            className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-chip"
          >
            <div
              className={cn(
                "h-full rounded-full",
                isSpent ? "bg-danger-solid" : isNear ? "bg-warn-solid" : "bg-accent",
              )}
              style={{ width: `${Math.max(share * 100, used > 0 ? 1.5 : 0)}%` }}
            />
          </div>
        )}
      </dd>
    </div>
  );
}

function CallLine({ call }: { call: AgentCallJson }) {
  const outcome = callOutcome(call);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 py-2">
      <p className="flex min-w-0 flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="font-label [overflow-wrap:anywhere]">{callTitle(call)}</span>
        {hasEffect(call) && <EffectBadge effect={call.effect} />}
        {call.connection !== null && (
          <span className="flex min-w-0 items-center gap-1.5 text-ink-2">
            on
            <Link
              href={`/integrations/${call.connection.id}` as Route}
              className="min-w-0 [overflow-wrap:anywhere] hover:underline"
            >
              {call.connection.name ?? "a deleted connection"}
            </Link>
            {call.connection.environment !== null && (
              <EnvironmentBadge environment={call.connection.environment} />
            )}
          </span>
        )}
      </p>
      <RelativeTime isPast at={call.at} className="text-ink-3 text-xs" />
      <p className="nums text-ink-3 text-xs">
        {doorWords(call.door)} · {amountWords(call)}
        {call.keyName !== null && <> · with “{call.keyName}”</>}
      </p>
      <p
        className={cn(
          "mono text-right text-xs",
          { plain: "text-ink-3", warn: "text-warn-ink", danger: "text-danger-ink" }[outcome.tone],
        )}
      >
        {outcome.words}
      </p>
    </li>
  );
}
