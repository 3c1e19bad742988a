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

export const metadata: Metadata = { title: "Integrations" };

export default async function IntegrationsPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const principal = await requirePrincipal();
  const state = await loadListState(searchParams);
  const query = toQuery(state);
  const [summary, list] = await Promise.all([
    summarizeConnections(deps(), principal),
    listConnections(deps(), principal, query),
  ]);
  const queries = new QueryClient();
  queries.setQueryData(connectionListOptions(query).queryKey, list);
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <IntegrationsView
        summary={summary}
        demos={isFiltered(state) ? null : firstDayDemos(summary, list)}
      />
    </HydrationBoundary>
  );
}
