import { Bot } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import {
  connectionNames,
  liveKeys,
  longestKey,
  newNetworks,
} from "#components/agents/agent-words.ts";
import { ModeBadge } from "#components/agents/mode-badge.tsx";
import { WritesBadge } from "#components/agents/writes-badge.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentJson } from "#lib/agents/schema.ts";

const head = "h-row-head pr-4 text-left font-text text-2xs text-ink-3";
const cell = "py-2 pr-4 align-middle max-md:py-0 max-md:pr-0";

/** Agents by row; on a phone name and mode over connections, key and last use. */
export function AgentTable({
  agents,
  showsOwners,
}: {
  agents: readonly AgentJson[];
  showsOwners: boolean;
}) {
  const heads = [
    "Agent",
    ...(showsOwners ? ["Owner"] : []),
    "Mode",
    "Connections",
    "Key",
    "Last used",
  ];
  return (
    <table aria-label="Agents" className="w-full border-line border-t max-md:block">
      <thead className="max-md:sr-only">
        <tr className="border-line border-b">
          {heads.map((name) => (
            <th
              key={name}
              scope="col"
              className={cn(head, name === "Last used" && "pr-0 text-right")}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-md:block">
        {agents.map((agent) => (
          <AgentRow key={agent.id} agent={agent} showsOwners={showsOwners} />
        ))}
      </tbody>
    </table>
  );
}

function AgentRow({ agent, showsOwners }: { agent: AgentJson; showsOwners: boolean }) {
  const isOff = agent.disabledAt !== null;
  const isProduction = agent.connections.some(({ environment }) => environment === "production");
  return (
    <tr
      data-row
      className="relative border-line border-b hover:bg-hover has-[a:focus-visible]:bg-hover max-md:grid max-md:grid-cols-[minmax(0,1fr)_auto] max-md:gap-x-3 max-md:gap-y-0.5 max-md:py-2.5"
    >
      <th
        scope="row"
        className={cn(cell, "text-left font-label max-md:min-w-0 md:w-[26%] md:max-w-0")}
      >
        <span className="flex min-w-0 items-center gap-2.5">
          <Bot
            aria-hidden
            strokeWidth={1.5}
            className={cn("size-4 shrink-0", isOff ? "text-ink-3" : "text-accent-ink")}
          />
          <Link
            data-row-link
            href={`/agents/${agent.id}` as Route}
            className="truncate rounded-1 after:absolute after:inset-0 after:content-['']"
          >
            {agent.name}
          </Link>
        </span>
      </th>
      {showsOwners && (
        <td className={cn(cell, "text-ink-2 max-md:order-4 max-md:text-xs")}>
          <span className="md:sr-only">Owner </span>
          {agent.isMine ? "You" : agent.owner.name}
        </td>
      )}
      <td className={cn(cell, "max-md:order-1")}>
        <span className="flex flex-wrap items-center gap-1.5 max-md:justify-end">
          <ModeBadge mode={agent.mode} />
          <WritesBadge agent={agent} />
        </span>
      </td>
      <td className={cn(cell, "text-ink-2 max-md:order-2 max-md:text-xs md:max-w-0 md:w-[28%]")}>
        <span className="flex min-w-0 items-center gap-2">
          <span className={cn("truncate", agent.connections.length === 0 && "text-ink-3")}>
            {connectionNames(agent.connections)}
          </span>
          {isProduction && <EnvironmentBadge environment="production" className="shrink-0" />}
        </span>
      </td>
      <td
        className={cn(
          cell,
          "relative text-ink-2 max-md:order-5 max-md:text-xs",
          showsOwners ? "max-md:text-right" : "max-md:col-span-2",
        )}
      >
        {isOff ? (
          <Badge tone="warn">Disabled</Badge>
        ) : agent.pausedAt !== null ? (
          <Badge tone="warn">Paused</Badge>
        ) : newNetworks(agent).length > 0 ? (
          <Badge tone="warn">New network</Badge>
        ) : (
          <KeyState agent={agent} />
        )}
      </td>
      <td className={cn(cell, "relative pr-0 text-right text-ink-3 text-xs max-md:order-3")}>
        {agent.lastUsedAt === null ? (
          <span>
            never<span className="sr-only"> used</span>
          </span>
        ) : (
          <RelativeTime isPast at={agent.lastUsedAt} />
        )}
      </td>
    </tr>
  );
}

function KeyState({ agent }: { agent: AgentJson }) {
  const key = longestKey(agent);
  if (key === null) {
    return (
      <span className="text-ink-3">{agent.keys.length === 0 ? "No key yet" : "None left"}</span>
    );
  }
  const count = liveKeys(agent).length;
  return (
    <span className="nums">
      {count === 1 ? "1 key" : `${count} keys`}
      {key.expiresAt !== null && (
        <>
          , ends <RelativeTime at={key.expiresAt} />
        </>
      )}
    </span>
  );
}
