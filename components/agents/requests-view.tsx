"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { AnswerRequest } from "#components/agents/answer-request.tsx";
import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import type { Picked } from "#components/agents/connection-picker.tsx";
import { answerRequest, requestListOptions } from "#components/agents/request-queries.ts";
import {
  askedWords,
  outcomeWords,
  requestPath,
  wantsSignIn,
} from "#components/agents/request-words.ts";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Section } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type {
  ConnectionRequestJson,
  ConnectionRequestList,
} from "#lib/connection-requests/schema.ts";

/** What agents ask of their owner: answered here, while they wait. */
export function RequestsView({
  initial,
  openId,
  suggested,
  hasPassword,
}: {
  initial: ConnectionRequestList;
  /** The request that the address is about. */
  openId: string | null;
  /** A connection that was just made for it. */
  suggested: Picked | null;
  hasPassword: boolean;
}) {
  const { data: list = initial } = useQuery({ ...requestListOptions(), initialData: initial });
  const waiting = list.items.filter(({ state }) => state === "waiting");
  const unfinished = list.items.filter(wantsSignIn);
  const over = list.items.filter((each) => each.state !== "waiting" && !wantsSignIn(each));
  const isOnly = waiting.length + unfinished.length === 1;
  const isQuiet = waiting.length + unfinished.length === 0;
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Agents", href: "/agents" as Route }, { name: "Requests" }]}
        />
      </TopBar>
      <PageBody>
        <h1 className="sr-only">Requests of your agents</h1>
        <div className="max-w-[52rem]">
          {isQuiet ? (
            <EmptyState glyph="connected" title="No agent waits for you">
              When an agent of yours needs a connection that it does not have, it asks here, and
              goes on as soon as you have answered.
            </EmptyState>
          ) : (
            <ul aria-label="Requests that wait for you" className="mb-8 grid gap-3">
              {waiting.map((request) => (
                <WaitingRequest
                  key={request.id}
                  request={request}
                  isOpen={request.id === openId}
                  suggested={request.id === openId ? suggested : null}
                  hasPassword={hasPassword}
                  isOnly={isOnly}
                />
              ))}
              {unfinished.map((request) => (
                <UnfinishedRequest key={request.id} request={request} isOnly={isOnly} />
              ))}
            </ul>
          )}
          {over.length > 0 && (
            <Section title="Answered lately" isLast>
              <ul className="divide-y divide-line border-line border-y">
                {over.map((request) => (
                  <PastRequest key={request.id} request={request} />
                ))}
              </ul>
            </Section>
          )}
        </div>
      </PageBody>
    </>
  );
}

const card = "rounded-3 border border-accent-line bg-raised p-4 shadow-1";

function Asked({ request }: { request: ConnectionRequestJson }) {
  return (
    <div className="flex min-w-0 gap-3">
      <Bot aria-hidden strokeWidth={1.4} className="mt-0.5 size-5 shrink-0 text-accent-ink" />
      <div className="min-w-0">
        <h2 className="text-md [overflow-wrap:anywhere]">{askedWords(request)}</h2>
        {request.reason !== "" && (
          <blockquote className="mt-1 max-w-measure border-line-strong border-l-2 pl-3 text-ink-2 [overflow-wrap:anywhere]">
            <PlainText text={request.reason} />
          </blockquote>
        )}
        <p className="mt-1.5 text-ink-3 text-xs">
          {request.operation !== null && <>To do: {request.operation.title} · </>}
          asked <RelativeTime isPast at={request.createdAt} />
          {request.state === "waiting" && (
            <>
              {" "}
              · runs out <RelativeTime at={request.expiresAt} />
            </>
          )}
        </p>
      </div>
    </div>
  );
}

function WaitingRequest({
  request,
  isOpen,
  suggested,
  hasPassword,
  isOnly,
}: {
  request: ConnectionRequestJson;
  isOpen: boolean;
  suggested: Picked | null;
  hasPassword: boolean;
  isOnly: boolean;
}) {
  return (
    <li className={card}>
      <Asked request={request} />
      <div className="mt-3 flex flex-wrap gap-2 md:pl-8">
        <AnswerRequest
          request={request}
          isOpenAtFirst={isOpen}
          suggested={suggested}
          hasPassword={hasPassword}
          isOnly={isOnly}
        />
        <ConfirmEnd
          label="Decline"
          labelFor={askedWords(request)}
          tone="quiet"
          title={`Decline what ${request.agent.name} asks`}
          lines={[
            "It is told at once, and goes on without the connection or gives up.",
            "It may ask again for something else.",
          ]}
          confirmLabel="Decline"
          cancelLabel="Keep it waiting"
          busyLabel="Declining"
          done={`${request.agent.name} was told no`}
          work={() => answerRequest(request.id, { decline: true })}
        />
      </div>
    </li>
  );
}

/** Given, but its owner is not connected there: the agent's call still waits. */
function UnfinishedRequest({
  request,
  isOnly,
}: {
  request: ConnectionRequestJson;
  isOnly: boolean;
}) {
  const { connection } = request;
  if (connection === null) return null;
  return (
    <li className={card}>
      <Asked request={request} />
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 md:pl-8">
        <p className="flex min-w-0 flex-wrap items-center gap-2 text-ink-2">
          You gave it{" "}
          <b className="font-label text-ink [overflow-wrap:anywhere]">{connection.name}</b>
          <EnvironmentBadge environment={connection.environment} />
          {connection.state === "needs_reconnect"
            ? "Your sign-in there has ended."
            : "You are not connected there yet."}
        </p>
        <ConnectButton
          connection={connection}
          label={connection.state === "needs_reconnect" ? "Reconnect" : "Connect"}
          tone={isOnly ? "primary" : "act"}
          returnTo={requestPath(request.id)}
        />
      </div>
    </li>
  );
}

function PastRequest({ request }: { request: ConnectionRequestJson }) {
  const { agent, connection } = request;
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1 py-2">
      <p className="min-w-0 flex-1 basis-64 text-ink-2 [overflow-wrap:anywhere]">
        <Link href={`/agents/${agent.id}` as Route} className="font-label text-ink hover:underline">
          {askedWords(request)}
        </Link>
        {request.reason !== "" && (
          <span className="text-ink-3">
            {" · "}
            <PlainText text={request.reason} />
          </span>
        )}
      </p>
      <p className="flex flex-wrap items-center gap-2 text-xs">
        {outcomeWords(request)}
        {connection !== null && (
          <>
            <Link
              href={`/integrations/${connection.id}` as Route}
              className="font-label hover:underline"
            >
              {connection.name}
            </Link>
            <EnvironmentBadge environment={connection.environment} />
          </>
        )}
      </p>
      <RelativeTime
        isPast
        at={request.answeredAt ?? request.expiresAt}
        className="text-ink-3 text-xs"
      />
    </li>
  );
}
