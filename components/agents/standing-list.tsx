import type { Route } from "next";
import Link from "next/link";
import { ApproveBeforehand } from "#components/agents/approve-beforehand.tsx";
import { RevokeStanding } from "#components/agents/revoke-standing.tsx";
import { grouped } from "#components/ui/amounts.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentJson } from "#lib/agents/schema.ts";
import type { StandingJson } from "#lib/plans/schema.ts";

const over: Readonly<Record<Exclude<StandingJson["state"], "live">, string>> = {
  used_up: "Used up",
  over: "Over",
  revoked: "Revoked",
};

/** What its owner approved beforehand: what counts, and behind a fold what is over. */
export function StandingList({
  agent,
  items,
  hasPassword,
}: {
  agent: AgentJson;
  items: readonly StandingJson[];
  hasPassword: boolean;
}) {
  const live = items.filter(({ state }) => state === "live");
  const ended = items.filter(({ state }) => state !== "live");
  return (
    <div className="grid gap-3">
      {live.length === 0 ? (
        <p className="max-w-measure text-pretty text-ink-2">
          Nothing: each plan waits for {agent.isMine ? "your" : "its owner's"} approval.
        </p>
      ) : (
        <ul className="divide-y divide-line border-line border-y">
          {live.map((each) => (
            <StandingLine key={each.id} agent={agent} standing={each} />
          ))}
        </ul>
      )}
      {agent.canEdit && agent.connections.length > 0 && (
        <div>
          <ApproveBeforehand agent={agent} hasPassword={hasPassword} />
        </div>
      )}
      {ended.length > 0 && (
        <Disclosure summary={ended.length === 1 ? "1 is over" : `${ended.length} are over`}>
          <ul className="mt-2 divide-y divide-line border-line border-y">
            {ended.map((each) => (
              <StandingLine key={each.id} agent={agent} standing={each} />
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  );
}

function StandingLine({ agent, standing }: { agent: AgentJson; standing: StandingJson }) {
  const { operation, connection, state, usesLeft, usesMost, recordsMost, until } = standing;
  const isLive = state === "live";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-label [overflow-wrap:anywhere]">{operation.title}</span>
          <span className="text-ink-3">on</span>
          <Link
            href={`/integrations/${connection.id}` as Route}
            className="min-w-0 [overflow-wrap:anywhere] hover:underline"
          >
            {connection.name}
          </Link>
          <EnvironmentBadge environment={connection.environment} />
          {!isLive && <Badge>{over[state]}</Badge>}
          {isLive && standing.appliesAtOnce && <Badge tone="warn">Applies at once</Badge>}
        </p>
        <p className="nums text-ink-3 text-xs">
          {usesLeft} of {usesMost} steps left · at most {grouped(recordsMost)}{" "}
          {operation.effect === "send" ? "people" : "records"} each
          {isLive && (
            <>
              {" "}
              · ends <RelativeTime at={until} />
            </>
          )}
        </p>
      </div>
      {isLive && agent.canEnd && <RevokeStanding agentId={agent.id} standing={standing} />}
    </li>
  );
}
