"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { mayWriteNow, whatStops } from "#components/agents/agent-words.ts";
import { ModeBadge } from "#components/agents/mode-badge.tsx";
import { connectionAgentsOptions } from "#components/connections/detail-queries.ts";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { useNow } from "#components/ui/now.tsx";
import { Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentJson } from "#lib/agents/schema.ts";

/** Who may use the connection without a person: one's own agents, for an admin everybody's. */
export function AgentsUsing({ connectionId }: { connectionId: string }) {
  const { data } = useQuery(connectionAgentsOptions(connectionId));
  if (data === undefined) return null;
  const more = data.total - data.items.length;
  return (
    <Section
      title="Agents using it"
      aside={data.total > 0 && `${data.total === 1 ? "1 agent" : `${data.total} agents`}`}
    >
      {data.items.length === 0 ? (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-64 text-ink-2">
            None yet. An agent reads here as you, through the studio, without ever holding a token.
          </p>
          <Link href={"/agents/new" as Route} className={buttonClass({ size: "sm" })}>
            Make an agent
          </Link>
        </div>
      ) : (
        <ul className="divide-y divide-line border-line border-t">
          {data.items.map((agent) => (
            <AgentLine key={agent.id} agent={agent} connectionId={connectionId} />
          ))}
        </ul>
      )}
      {more > 0 && (
        <Link href={"/agents" as Route} className="link mt-2 inline-block text-xs">
          {more} more
        </Link>
      )}
    </Section>
  );
}

function AgentLine({ agent, connectionId }: { agent: AgentJson; connectionId: string }) {
  const now = useNow();
  const reach = agent.connections.find((each) => each.connectionId === connectionId);
  const until = reach !== undefined && mayWriteNow(agent, reach, now) && reach.directWritesUntil;
  const stops = whatStops(agent);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <Bot aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-accent-ink" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-label">
          <Link
            href={`/agents/${agent.id}` as Route}
            className="min-w-0 [overflow-wrap:anywhere] hover:underline"
          >
            {agent.name}
          </Link>
          <ModeBadge mode={agent.mode} />
          {until && <Badge tone="warn">Writes</Badge>}
        </p>
        <p className="text-ink-3 text-xs">
          {agent.isMine ? "Yours" : agent.owner.name}
          {until && (
            <>
              {", writes allowed until "}
              <RelativeTime at={until} />
            </>
          )}
          {stops !== null && <span className="text-warn-ink"> {stops}</span>}
        </p>
      </div>
      <span className="text-ink-3 text-xs">
        {agent.lastUsedAt === null ? (
          "Never used"
        ) : (
          <>
            used <RelativeTime at={agent.lastUsedAt} />
          </>
        )}
      </span>
    </li>
  );
}
