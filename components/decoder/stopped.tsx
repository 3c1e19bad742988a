"use client";

import type { Route } from "next";
import Link from "next/link";
import { providerLabels } from "#components/connect/connection-words.ts";
import { FlowHeading } from "#components/connect/flow-heading.tsx";
import { type Again, ExplanationView } from "#components/decoder/explanation-view.tsx";
import { Lead } from "#components/shell/top-bar.tsx";
import { TechnicalDetails } from "#components/ui/disclosure.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { ThreadPicture } from "#components/ui/thread-picture.tsx";
import { type DecoderFacts, explain } from "#lib/grants/decoder.ts";
import { guidePath, type ReasonCode } from "#lib/providers/reason-codes.ts";

/** A sign-in that did not become a connection: what happened, and what to do now. */
export function Stopped({
  reason,
  facts,
  again,
  endedAt,
  state = "failed",
  technical = [],
}: {
  reason: ReasonCode;
  facts: DecoderFacts;
  again: Again | null;
  endedAt: string | null;
  state?: "failed" | "expired" | "cancelled";
  /** Further lines under "Technical details". */
  technical?: readonly (readonly [name: string, value: string])[];
}) {
  const explanation = explain(reason, facts);
  const knot = knotOf(facts);
  return (
    <>
      <ThreadPicture
        state={state === "failed" ? "failed" : "expired"}
        provider={knot}
        label={
          state === "cancelled" ? "The sign-in was cancelled" : `The sign-in stopped at ${knot}`
        }
      />
      <FlowHeading>{explanation.title}</FlowHeading>
      <Lead>{explanation.cause}</Lead>
      <p className="mt-4 mb-6 flex flex-wrap items-center gap-2">
        {facts.connectionName !== null && (
          <span className="font-label">{facts.connectionName}</span>
        )}
        {facts.environment !== null && <EnvironmentBadge environment={facts.environment} />}
        {facts.host !== null && (
          <span className="mono text-ink-2 [overflow-wrap:anywhere]">{facts.host}</span>
        )}
      </p>
      <ExplanationView explanation={explanation} again={again} endedAt={endedAt} />
      <p className="mt-4">
        <Link className="link" href={guidePath(reason) as Route} prefetch={false}>
          Read the guide
        </Link>
      </p>
      <TechnicalDetails className="mt-5" code={reason} lines={[["reason", reason], ...technical]} />
    </>
  );
}

/** Where it stopped, by the shortest name that tells it apart: an org's own, else the provider's. */
function knotOf({ provider, host }: DecoderFacts): string {
  if (provider === null) return "Provider";
  const org = provider === "salesforce" ? host?.split(".")[0] : undefined;
  return org === undefined || org === "login" || org === "test" ? providerLabels[provider] : org;
}
