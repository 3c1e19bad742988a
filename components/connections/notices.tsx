"use client";

import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { Countdown } from "#components/connections/countdown.tsx";
import { UseNow } from "#components/connections/detail-actions.tsx";
import { providerNames } from "#components/connections/provider-icon.tsx";
import { ReasonText } from "#components/connections/reason-text.tsx";
import { useConnection } from "#components/connections/use-connection.ts";
import { buttonClass } from "#components/ui/button.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import { lengthInWords, shortDate } from "#lib/core/relative-time.ts";
import { isReasonCode, problemPath } from "#lib/providers/reason-codes.ts";

/** What somebody has to know about the connection now, the worst first; nothing while all is well. */
export function Notices({ connection: initial }: { connection: ConnectionJson }) {
  const connection = useConnection(initial);
  const { problem, myGrant, health } = connection;
  const isActive = myGrant?.state === "active";
  return (
    <div className="grid gap-3 empty:hidden [&:not(:empty)]:mb-6">
      {problem !== null && <AppRefused connection={connection} problem={problem} />}
      {health === "needs_reconnect" && myGrant?.reason && (
        <Notice tone="danger" code={myGrant.reason} connection={connection}>
          What agents ask for here waits until you reconnect; the connection itself, its agents and
          its history stay.
        </Notice>
      )}
      {health === "idle_soon" && myGrant?.idleDeadline && (
        <GoesIdle connection={connection} grant={myGrant} deadline={myGrant.idleDeadline} />
      )}
      {isActive && problem === null && myGrant.refresh.problem !== null && (
        <Failing connection={connection} grant={myGrant} code={myGrant.refresh.problem} />
      )}
    </div>
  );
}

function Notice({
  tone,
  code,
  connection,
  actions,
  children,
}: {
  tone: "warn" | "danger";
  code: string;
  connection: ConnectionJson;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { provider } = connection;
  return (
    <Panel
      tone={tone}
      titleLevel={2}
      title={<ReasonText code={code} provider={provider} part="title" />}
    >
      <p>
        <ReasonText code={code} provider={provider} part="cause" />
      </p>
      <p className="mt-1">{children}</p>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {actions}
        {isReasonCode(code) && (
          <Link className="link" href={problemPath(code, connection.id) as Route}>
            What to do
          </Link>
        )}
        <span className="mono text-ink-3 text-xs">{code}</span>
      </div>
    </Panel>
  );
}

function AppRefused({
  connection,
  problem,
}: {
  connection: ConnectionJson;
  problem: NonNullable<ConnectionJson["problem"]>;
}) {
  return (
    <Notice
      tone="danger"
      code={problem.reason}
      connection={connection}
      actions={
        connection.canEdit && (
          <Link
            href={`/integrations/${connection.id}/edit` as Route}
            className={buttonClass({ size: "sm" })}
          >
            Edit set-up
          </Link>
        )
      }
    >
      {providerNames[connection.provider]} refused this app <RelativeTime at={problem.at} />, for
      everybody under this connection. Sign-ins are kept: once an admin there has changed it, the
      next use works again.
    </Notice>
  );
}

function Failing({
  connection,
  grant,
  code,
}: {
  connection: ConnectionJson;
  grant: GrantJson;
  code: string;
}) {
  const now = useNow();
  const { failures, retryAt } = grant.refresh;
  const isWaiting = retryAt !== null && new Date(retryAt) > now;
  return (
    <Notice tone="warn" code={code} connection={connection}>
      {failures === 1 ? "The last refresh failed." : `The last ${failures} refreshes failed.`}{" "}
      {isWaiting ? (
        <>
          The next use tries again, in <Countdown until={retryAt} /> at the soonest.
        </>
      ) : (
        "The next use tries again."
      )}
    </Notice>
  );
}

function GoesIdle({
  connection,
  grant,
  deadline,
}: {
  connection: ConnectionJson;
  grant: GrantJson;
  deadline: string;
}) {
  const now = useNow();
  const timeZone = useTimeZone();
  const at = new Date(deadline);
  const isOver = at <= now;
  const provider = providerNames[connection.provider];
  return (
    <Panel
      tone="warn"
      titleLevel={2}
      title={
        isOver
          ? "Nobody used it for too long"
          : `Goes idle in ${lengthInWords(at.getTime() - now.getTime())}, on ${shortDate(at, now, timeZone)}`
      }
    >
      <p>
        {isOver
          ? `${provider} ends what nobody uses. It may still answer: try it, or reconnect.`
          : `${provider} ends a sign-in that nobody uses. Any use before then keeps it alive for another month.`}
      </p>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <UseNow grantId={grant.id} connectionId={connection.id} />
        <ConnectButton connection={connection} label="Reconnect" />
      </div>
    </Panel>
  );
}
