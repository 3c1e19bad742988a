"use client";

import type { Route } from "next";
import Link from "next/link";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { HealthSentence } from "#components/connections/health-sentence.tsx";
import { useConnection } from "#components/connections/use-connection.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { rowActions } from "#lib/connections/health.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { isReasonCode, problemPath } from "#lib/providers/reason-codes.ts";

/** Which connection this is, how it is doing this moment, and the one thing to do about it. */
export function LiveHeading({ connection: initial }: { connection: ConnectionJson }) {
  const connection = useConnection(initial);
  const { health, myGrant } = connection;
  const action = rowActions[health];
  const reason = myGrant?.reason ?? "";
  return (
    <div className="flex items-start gap-3 pb-5">
      <LinkGlyph state={health} className="mt-2 h-[15px] w-7" />
      <div className="min-w-0 flex-1">
        <h1 className="flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
          <span className="min-w-0 [overflow-wrap:anywhere]">{connection.name}</span>
          <EnvironmentBadge environment={connection.environment} />
        </h1>
        <p className="text-ink-2">
          {health !== "not_connected" && myGrant !== null && (
            <>
              Connected as <b className="font-label text-ink">{myGrant.identity.username}</b>.{" "}
            </>
          )}
          <HealthSentence connection={connection} />
          {health === "needs_reconnect" && isReasonCode(reason) && (
            <>
              {" "}
              <Link className="link" href={problemPath(reason, connection.id) as Route}>
                What happened
              </Link>
            </>
          )}
        </p>
      </div>
      {action.does === "connect" && health !== "missing_scopes" && (
        <ConnectButton connection={connection} label={action.verb} tone="primary" size="md" />
      )}
    </div>
  );
}
