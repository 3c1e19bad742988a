import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { firstDayDemos, IntegrationsView } from "#components/connections/integrations-view.tsx";
import { connectionListOptions } from "#components/connections/queries.ts";
import { isFiltered, loadListState, toQuery } from "#components/connections/search-params.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { listConnections } from "#lib/connections/list-connections.ts";
import { summarizeConnections } from "#lib/connections/summarize-connections.ts";
import { deps } from "#lib/deps.ts";
import { countPendingRevocations } from "#lib/grants/list-revocations.ts";

export const metadata: Metadata = { title: "Integrations" };

export default async function IntegrationsPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const principal = await requirePrincipal();
  const state = await loadListState(searchParams);
  const query = toQuery(state);
  const [summary, list, openEnds] = await Promise.all([
    summarizeConnections(deps(), principal),
    listConnections(deps(), principal, query),
    countPendingRevocations(deps(), principal),
  ]);
  const queries = new QueryClient();
  queries.setQueryData(connectionListOptions(query).queryKey, list);
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <IntegrationsView
        summary={summary}
        openEnds={openEnds}
        demos={isFiltered(state) ? null : firstDayDemos(summary, list)}
      />
    </HydrationBoundary>
  );
}
