"use client";

import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { healthOptions } from "#components/connections/detail-queries.ts";
import { Notices } from "#components/connections/notices.tsx";
import { ReasonText } from "#components/connections/reason-text.tsx";
import { SignInSlots } from "#components/connections/sign-in-slots.tsx";
import { shareWell } from "#components/connections/week.ts";
import { WeekPicture } from "#components/connections/week-picture.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import type { GrantHealth } from "#lib/grants/schema.ts";
import { isReasonCode, problemPath } from "#lib/providers/reason-codes.ts";

/** How one's own sign-in served for a week: numbers, the week as a picture, and what went wrong last. */
export function HealthView({
  connection,
  grantId,
}: {
  connection: ConnectionJson;
  grantId: string;
}) {
  const { data: health } = useQuery(healthOptions(grantId));
  if (health === undefined) return null;
  const { refreshes, leases, calls } = health;
  const isNew = refreshes.count + leases.count + calls.count === 0;
  return (
    <>
      <Notices connection={connection} />
      {isNew ? (
        <EmptyState glyph="connected" title="Nothing used it this week">
          Once an agent asks for it, refreshes, leases and calls are counted here by the hour.
        </EmptyState>
      ) : (
        <>
          <dl className="mb-6 grid grid-cols-2 gap-x-8 gap-y-5 border-line border-b pb-6 lg:grid-cols-4">
            <Figure name="Refreshes that went well" {...wellOf(refreshes)}>
              {failedWords(refreshes)}
            </Figure>
            <Figure name="Wait for a lease" value={waitOf(leases.p50Ms, leases.count)}>
              {leases.count === 0
                ? "No lease asked for"
                : `for half of them, ${waitOf(leases.p95Ms, leases.count)} for 95 of 100`}
            </Figure>
            <Figure name="Leases" value={number(leases.count)} isTroubled={isTroubled(leases)}>
              {failedWords(leases)}
            </Figure>
            <Figure
              name="Calls through the studio"
              value={number(calls.count)}
              isTroubled={isTroubled(calls)}
            >
              {failedWords(calls)}
            </Figure>
          </dl>
          <Section title="The week by the hour">
            <WeekPicture hours={health.hours} />
          </Section>
        </>
      )}
      {health.approvals !== null && health.approvals.used > 0 && (
        <Section title="Sign-ins of this user">
          <SignInSlots {...health.approvals} />
        </Section>
      )}
      <Problems health={health} connection={connection} />
    </>
  );
}

type Counted = { count: number; failed: number };

const number = (count: number) => count.toLocaleString("en-GB");

const failedWords = ({ count, failed }: Counted) => {
  if (count === 0) return "None this week";
  return failed === 0
    ? `${number(count)}, none failed`
    : `${number(failed)} of ${number(count)} failed`;
};

/** From one in a hundred on. */
const isTroubled = ({ count, failed }: Counted) => failed > 0 && failed * 100 >= count;

const wellOf = (counted: Counted) => ({
  value: shareWell(counted.count, counted.failed) ?? "–",
  isTroubled: isTroubled(counted),
});

/** "at most 2 ms": latencies are kept by class. */
const boundOf = (ms: number | null) =>
  ms === null ? "more than 10 s" : ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
const waitOf = (ms: number | null, count: number) =>
  count === 0 ? "–" : ms === null ? "> 10 s" : `≤ ${boundOf(ms)}`;

function Figure({
  name,
  value,
  isTroubled = false,
  children,
}: {
  name: string;
  value: string;
  isTroubled?: boolean;
  children: ReactNode;
}) {
  return (
    <div>
      <dt className="text-ink-3 text-xs">{name}</dt>
      <dd className="nums font-title text-xl">{value}</dd>
      <dd className={cn("nums text-xs", isTroubled ? "text-warn-ink" : "text-ink-3")}>
        {children}
      </dd>
    </div>
  );
}

function Problems({ health, connection }: { health: GrantHealth; connection: ConnectionJson }) {
  const { problems } = health;
  return (
    <Section title="Last errors" aside="the last of each hour" isLast>
      {problems.length === 0 ? (
        <p className="text-ink-3">None this week.</p>
      ) : (
        <ol className="divide-y divide-line border-line border-y">
          {problems.map(({ code, at }) => (
            <li key={`${code} ${at}`} className="flex flex-wrap items-baseline gap-x-3 py-2">
              <p className="min-w-0 flex-1 basis-64 text-ink-2">
                <span className="font-label text-ink">
                  <ReasonText code={code} provider={connection.provider} part="title" />
                </span>{" "}
                <span className="mono text-ink-3 text-xs">{code}</span>
              </p>
              {isReasonCode(code) && (
                <Link className="link text-xs" href={problemPath(code, connection.id) as Route}>
                  What to do<span className="sr-only"> about {code}</span>
                </Link>
              )}
              <RelativeTime at={at} className="text-ink-3 text-xs" />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
