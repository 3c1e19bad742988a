"use client";

import { mayWriteNow } from "#components/agents/agent-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { useNow } from "#components/ui/now.tsx";
import type { AgentJson } from "#lib/agents/schema.ts";

/** Shown for as long as an agent writes somewhere without a plan. */
export function WritesBadge({ agent }: { agent: AgentJson }) {
  const now = useNow();
  const count = agent.connections.filter((reach) => mayWriteNow(agent, reach, now)).length;
  if (count === 0) return null;
  return <Badge tone="warn">{count === 1 ? "Writes on 1" : `Writes on ${count}`}</Badge>;
}
