"use client";

import { Clock, ExternalLink } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useId, useState } from "react";
import {
  openSignInWindow,
  type RememberedFlow,
  sendToProvider,
} from "#components/connect/begin-flow.ts";
import { providerLabels } from "#components/connect/connection-words.ts";
import { FlowHeading } from "#components/connect/flow-heading.tsx";
import { clockText, minutesText } from "#components/connect/time-left.ts";
import { Lead } from "#components/shell/top-bar.tsx";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { CopyButton, CopyField } from "#components/ui/copy-field.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { Facts, Panel } from "#components/ui/panel.tsx";
import { ThreadPicture } from "#components/ui/thread-picture.tsx";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { groupMid, wizardPath } from "#lib/grants/decoder.ts";
import type { FlowJson, SeenReason } from "#lib/grants/schema.ts";

/** By now a person who could not be sent back is looking at the provider's error page. */
const HINT_AFTER_SECONDS = 25;

/** The person is at the provider. Nothing here loops: the timer is the sign of life. */
export function Waiting({
  flow,
  connection,
  initialNow,
  remembered,
  isBusy,
  error,
  onBeginAgain,
  onCancel,
  onSaw,
}: {
  flow: FlowJson;
  connection: ConnectionJson;
  initialNow: string;
  /** Null after a reload: the address lived in the earlier page's memory. */
  remembered: RememberedFlow | null;
  isBusy: boolean;
  error: string | null;
  onBeginAgain: () => void;
  onCancel: () => void;
  /** The person tells what the other window shows. */
  onSaw: (saw: SeenReason) => void;
}) {
  const [isAsking, setIsAsking] = useState(false);
  const [isBlocked, setIsBlocked] = useState(remembered?.wasBlocked ?? false);
  const { leftSeconds, passedSeconds } = useFlowTime(flow, initialNow);
  const label = providerLabels[connection.provider];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) setIsAsking(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const reopen = (authorizeUrl: string) => {
    const opened = openSignInWindow();
    setIsBlocked(opened === null);
    if (opened) sendToProvider(opened, authorizeUrl);
  };

  return (
    <>
      <ThreadPicture state="waiting" provider={label} label={`You are signing in at ${label}`} />
      <FlowHeading>{headingOf(remembered, isBlocked)}</FlowHeading>
      <Lead>
        {remembered === null ? (
          <>
            The sign-in to <b className="font-label text-ink">{connection.name}</b> may still be
            open in its own window. If it is, finish it there and this page moves on. If not, start
            afresh.
          </>
        ) : isBlocked ? (
          <>
            Open it yourself: sign in to <b className="font-label text-ink">{connection.name}</b>{" "}
            and approve. This page moves on by itself.
          </>
        ) : (
          <>
            {label} opened in another window. Sign in to{" "}
            <b className="font-label text-ink">{connection.name}</b> and approve. This page moves on
            by itself.
          </>
        )}
      </Lead>

      <div className="my-5 flex flex-wrap items-center gap-2">
        {remembered === null ? (
          <Button tone="primary" isBusy={isBusy} busyLabel="Opening" onClick={onBeginAgain}>
            <ExternalLink aria-hidden strokeWidth={1.5} />
            Start again
          </Button>
        ) : isBlocked ? (
          <a
            href={remembered.authorizeUrl}
            target="_blank"
            rel="noopener noreferrer"
            onClick={() => setIsBlocked(false)}
            className={buttonClass({ tone: "primary" })}
          >
            <ExternalLink aria-hidden strokeWidth={1.5} />
            Open {label}
            <span className="sr-only"> (in another window)</span>
          </a>
        ) : (
          <Button tone="primary" onClick={() => reopen(remembered.authorizeUrl)}>
            <ExternalLink aria-hidden strokeWidth={1.5} />
            Reopen window
          </Button>
        )}
        {remembered !== null && <CopyButton value={remembered.authorizeUrl} label="Copy link" />}
        <AlertDialog
          trigger={<Button tone="quiet">Cancel</Button>}
          isOpen={isAsking}
          onOpenChange={setIsAsking}
          title="Cancel this sign-in?"
          description="The open window cannot connect any more. The connection keeps its details."
          confirmLabel="Cancel sign-in"
          cancelLabel="Keep waiting"
          isBusy={isBusy}
          busyLabel="Cancelling"
          error={error}
          onConfirm={onCancel}
        />
        <span className="ml-auto flex items-center gap-1.5 text-ink-2">
          <Clock aria-hidden className="size-4" strokeWidth={1.5} />
          <span className="mono text-sm" role="timer" aria-live="off">
            {clockText(leftSeconds)} left
          </span>
        </span>
        <span role="status" className="sr-only">
          {minutesText(leftSeconds)}
        </span>
      </div>
      {error !== null && !isAsking && (
        <div role="alert" className="mb-4">
          <FieldError>{error}</FieldError>
        </div>
      )}

      <RedirectHint
        flow={flow}
        connection={connection}
        isUnfolded={passedSeconds >= HINT_AFTER_SECONDS}
        isBusy={isBusy}
        onSaw={onSaw}
      />

      <Panel className="mt-3">
        <Facts
          items={[
            {
              name: "Connection",
              value: (
                <>
                  {connection.name} <EnvironmentBadge environment={connection.environment} />
                </>
              ),
            },
            ...(connection.accountId === null
              ? []
              : [
                  {
                    name: "Business unit",
                    value: `MID ${groupMid(connection.accountId)}`,
                    isMono: true,
                  },
                ]),
            { name: "Signing in at", value: flow.authorizeHost, isMono: true },
            { name: "Asked for", value: `${flow.scopes.length} scopes, stays connected` },
          ]}
        />
      </Panel>
      {remembered !== null && (
        <Help className="mt-4">
          Signed in elsewhere in this browser, another window say? Copy the link and open it there.
          It works once, in this browser only.
        </Help>
      )}
    </>
  );
}

function headingOf(remembered: RememberedFlow | null, isBlocked: boolean): string {
  if (remembered === null) return "This sign-in was begun before";
  return isBlocked ? "The browser held the window back" : "Finish signing in over there";
}

/** The provider keeps people on its own page when the address is not registered: say so before they ask. */
function RedirectHint({
  flow,
  connection,
  isUnfolded,
  isBusy,
  onSaw,
}: {
  flow: FlowJson;
  connection: ConnectionJson;
  isUnfolded: boolean;
  isBusy: boolean;
  onSaw: (saw: SeenReason) => void;
}) {
  const saysId = useId();
  const isMarketingCloud = connection.provider === "marketing-cloud";
  const label = providerLabels[connection.provider];
  const question = isMarketingCloud
    ? "Does it say “Invalid redirect URI”?"
    : "Does it say “redirect_uri must match”?";
  const hint = (
    <>
      <p>
        Then {label} stays on its own page and cannot send you back. Add this address to the{" "}
        {isMarketingCloud ? "package" : "app"}, save, and reopen.
      </p>
      <CopyField
        className={isUnfolded ? "mt-3 bg-raised" : "mt-3"}
        value={flow.redirectUri}
        name="the redirect URI"
      />
      <p className="mt-3">
        <Link
          className="link"
          href={
            `${wizardPath({
              provider: connection.provider,
              environment: connection.environment,
              method: connection.method,
              connectionId: connection.id,
            })}#checklist` as Route
          }
        >
          Open the checklist
        </Link>
      </p>
      <p className="mt-3" id={saysId}>
        What does the other window say?
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form of its own. */}
      <div role="group" aria-labelledby={saysId} className="mt-1.5 flex flex-wrap gap-2">
        {sayings(connection).map(([saw, words]) => (
          <Button key={saw} size="sm" disabled={isBusy} onClick={() => onSaw(saw)}>
            {words}
          </Button>
        ))}
      </div>
    </>
  );
  return isUnfolded ? (
    <Panel tone="warn" role="status" titleLevel={2} title={question}>
      {hint}
    </Panel>
  ) : (
    <Disclosure summary={question} className="[&_p]:mt-2 [&_p]:text-ink-2">
      {hint}
    </Disclosure>
  );
}

/** Where nobody is sent back from, in the words of the provider's page or the browser's own. */
function sayings({ provider, loginHost }: ConnectionJson): [SeenReason, string][] {
  const isOwnHost = provider === "marketing-cloud" || !/^(login|test)\./.test(loginHost ?? "");
  const [redirect, client] =
    provider === "marketing-cloud"
      ? ["Invalid redirect URI", "Invalid client identifier"]
      : ["redirect_uri must match", "client identifier invalid"];
  return [
    ["redirect_uri_mismatch", redirect],
    ["app_not_found", client],
    isOwnHost
      ? ["tenant_not_found", "This site can’t be reached"]
      : ["connection_timeout", "It takes too long to respond"],
  ];
}

/** Seconds of a flow, by the server's clock: a browser's clock may be off by minutes. */
function useFlowTime(
  flow: FlowJson,
  initialNow: string,
): { leftSeconds: number; passedSeconds: number } {
  const [nowMs, setNowMs] = useState(() => Date.parse(initialNow));
  useEffect(() => {
    const skewMs = Date.parse(initialNow) - Date.now();
    const timer = setInterval(() => setNowMs(Date.now() + skewMs), 1_000);
    return () => clearInterval(timer);
  }, [initialNow]);
  return {
    leftSeconds: (Date.parse(flow.expiresAt) - nowMs) / 1_000,
    passedSeconds: (nowMs - Date.parse(flow.createdAt)) / 1_000,
  };
}
