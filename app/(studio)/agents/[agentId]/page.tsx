import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { AgentView } from "#components/agents/agent-view.tsx";
import { listAgentCalls } from "#lib/agents/list-agent-calls.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import { callQuerySchema } from "#lib/agents/schema.ts";
import { listAgentEvents } from "#lib/audit/list-agent-events.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { listLinkedWays } from "#lib/auth/link-identity.ts";
import { listAgentLeases } from "#lib/broker/list-leases.ts";
import { listRequests } from "#lib/connection-requests/list-requests.ts";
import { requestQuerySchema } from "#lib/connection-requests/schema.ts";
import { listConnectionsByIds } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { listStandingApprovals } from "#lib/plans/list-standing-approvals.ts";

const EVENTS_SHOWN = 20;
const LEASES_SHOWN = 20;

const find = cache(async (id: string) => {
  const principal = await requirePrincipal();
  if (!z.uuid().safeParse(id).success) notFound();
  try {
    return { principal, agent: await getAgent(deps(), principal, id) };
  } catch (error) {
    if (error instanceof NotFoundError) notFound();
    throw error;
  }
});

type Props = PageProps<"/agents/[agentId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { agent } = await find((await params).agentId);
  return { title: agent.name };
}

export default async function AgentPage({ params }: Props) {
  const { principal, agent } = await find((await params).agentId);
  const ids = agent.connections.map(({ connectionId }) => connectionId);
  const [rows, leases, events, calls, standing, requests, { hasPassword }] = await Promise.all([
    agent.isMine ? listConnectionsByIds(deps().db, principal, ids) : [],
    listAgentLeases(deps(), principal, agent.id, { limit: LEASES_SHOWN }),
    listAgentEvents(deps(), principal, agent.id, EVENTS_SHOWN),
    listAgentCalls(deps(), principal, agent.id, callQuerySchema.parse({})),
    listStandingApprovals(deps(), principal, agent.id),
    listRequests(deps(), principal, requestQuerySchema.parse({ state: "waiting" })),
    listLinkedWays(deps(), principal),
  ]);
  const usable = rows.map(({ connection, own }) => ({
    connectionId: connection.id,
    name: connection.name,
    provider: connection.provider,
    studioUrl: deps().studioUrl,
    agentId: agent.id,
    orgId: own?.orgId ?? connection.orgId,
    accountId: connection.accountId ?? own?.memberId ?? null,
  }));
  return (
    <AgentView
      agent={agent}
      studioUrl={deps().studioUrl}
      usable={usable}
      calls={calls}
      standing={standing.items}
      waiting={requests.items.filter((request) => request.agent.id === agent.id).length}
      leases={leases.items}
      events={events}
      hasPassword={hasPassword}
    />
  );
}
