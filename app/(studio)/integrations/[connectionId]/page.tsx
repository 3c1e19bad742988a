import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ConnectionDetail } from "#components/connections/connection-detail.tsx";
import {
  connectionAgentsOptions,
  connectionOptions,
  healthOptions,
  leasesOptions,
  timelineOptions,
} from "#components/connections/detail-queries.ts";
import { listAgents } from "#lib/agents/list-agents.ts";
import { agentQuerySchema } from "#lib/agents/schema.ts";
import { listConnectionEvents } from "#lib/audit/list-connection-events.ts";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { listConnectionLeases } from "#lib/broker/list-leases.ts";
import { leaseListQuerySchema } from "#lib/broker/schema.ts";
import { deps } from "#lib/deps.ts";
import { getGrantHealth } from "#lib/grants/get-health.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { viewOf } from "./view-of.ts";

const REVOCATIONS_SHOWN = 20;

type Props = { params: Promise<{ connectionId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await viewOf((await params).connectionId)).name };
}

export default async function ConnectionPage({ params }: Props) {
  const { connectionId } = await params;
  const [principal, connection] = await Promise.all([requirePrincipal(), viewOf(connectionId)]);
  const { myGrant } = connection;
  const [user, agents, leases, timeline, health, revocations] = await Promise.all([
    currentUser(),
    listAgents(deps(), principal, agentQuerySchema.parse({ connection: connectionId })),
    listConnectionLeases(deps(), principal, connectionId, leaseListQuerySchema.parse({})),
    listConnectionEvents(deps(), principal, connectionId),
    myGrant && getGrantHealth(deps(), principal, myGrant.id),
    listRevocations(deps(), principal, { connectionId, open: true, limit: REVOCATIONS_SHOWN }),
  ]);
  const queries = new QueryClient();
  queries.setQueryData(connectionOptions(connectionId).queryKey, connection);
  queries.setQueryData(connectionAgentsOptions(connectionId).queryKey, agents);
  queries.setQueryData(leasesOptions(connectionId).queryKey, leases);
  queries.setQueryData(timelineOptions(connectionId).queryKey, timeline);
  if (myGrant && health) queries.setQueryData(healthOptions(myGrant.id).queryKey, health);
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <ConnectionDetail
        connection={connection}
        revocations={revocations.items}
        myName={user.name}
      />
    </HydrationBoundary>
  );
}
