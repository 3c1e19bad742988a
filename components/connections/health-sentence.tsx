"use client";

import { lossInShort } from "#components/connections/scope-words.ts";
import { cn } from "#components/ui/cn.ts";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { healthLine, needsAttention } from "#lib/connections/health.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";

/** How a connection is doing, as one sentence. */
export function HealthSentence({ connection }: { connection: ConnectionJson }) {
  const now = useNow();
  const timeZone = useTimeZone();
  const { health, provider, myGrant } = connection;
  const { headline, detail } = healthLine(connection, now, {
    timeZone,
    loss: lossInShort(provider, myGrant?.missingScopes ?? []),
  });
  return (
    <span
      className={cn(
        needsAttention(health) && "text-warn-ink",
        ["needs_reconnect", "app_refused"].includes(health) && "text-danger-ink",
      )}
    >
      {health === "connected" && `${detail}.`}
      {health === "missing_scopes" && `${headline}: ${lowered(detail)}.`}
      {health !== "connected" && health !== "missing_scopes" && `${headline}. ${detail}.`}
    </span>
  );
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
