"use client";

import { useState } from "react";
import { useBeginFlow } from "#components/connect/begin-flow.ts";
import { Stopped } from "#components/decoder/stopped.tsx";
import type { DecoderFacts } from "#lib/grants/decoder.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/**
 * A reason on a page of its own, outside a flow. With a connection, its sign-in begins right here.
 *
 * @param props.now - ISO 8601, the server's clock: countdowns start when the page was made
 */
export function Problem({
  reason,
  facts,
  canConnect,
  now,
}: {
  reason: ReasonCode;
  facts: DecoderFacts;
  canConnect: boolean;
  now: string;
}) {
  const { begin, isBusy, error } = useBeginFlow();
  const { connectionId } = facts;
  const [shownAt] = useState(() => now);
  return (
    <Stopped
      reason={reason}
      facts={facts}
      endedAt={shownAt}
      again={
        connectionId !== null && canConnect
          ? { begin: () => begin({ connectionId, surface: "web" }), isBusy, error }
          : null
      }
    />
  );
}
