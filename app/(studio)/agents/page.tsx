import type { Metadata } from "next";
import { z } from "zod";
import { AgentsView } from "#components/agents/agents-view.tsx";
import { listAgents } from "#lib/agents/list-agents.ts";
import { pageSize } from "#lib/agents/schema.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { countWaitingRequests } from "#lib/connection-requests/list-requests.ts";
import { deps } from "#lib/deps.ts";
import { reachOf } from "#lib/policy/role-matrix.ts";

export const metadata: Metadata = { title: "Agents" };

const stateSchema = z.object({
  q: z.string().trim().max(100).catch(""),
  after: z.uuid().optional().catch(undefined),
});

export default async function AgentsPage({ searchParams }: PageProps<"/agents">) {
  const principal = await requirePrincipal();
  const { q, after } = stateSchema.parse(await searchParams);
  const [agents, waiting] = await Promise.all([
    listAgents(deps(), principal, {
      limit: pageSize,
      ...(q === "" ? {} : { q }),
      ...(after === undefined ? {} : { cursor: after }),
    }),
    countWaitingRequests(deps(), principal),
  ]);
  return (
    <AgentsView
      agents={agents}
      q={q}
      isFirstPage={after === undefined}
      waiting={waiting}
      showsOwners={reachOf(principal, "agent.read") === "any"}
    />
  );
}
