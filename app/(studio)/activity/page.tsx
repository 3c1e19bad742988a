import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { ActivityView } from "#components/activity/activity-view.tsx";
import { eventListOptions } from "#components/activity/queries.ts";
import { loadActivityState, toFirstPage } from "#components/activity/search-params.ts";
import { listEventPeople, listEvents } from "#lib/audit/list-events.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";

export const metadata: Metadata = { title: "Activity" };

export default async function ActivityPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const principal = await requirePrincipal();
  const query = toFirstPage(await loadActivityState(searchParams), deps().clock.now());
  const [list, people] = await Promise.all([
    listEvents(deps(), principal, query),
    listEventPeople(deps(), principal),
  ]);
  const queries = new QueryClient();
  queries.setQueryData(eventListOptions(query).queryKey, { pages: [list], pageParams: [null] });
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <ActivityView
        people={people}
        mayCheck={mayDo(principal, "audit.read")}
        mayExport={mayDo(principal, "audit.export")}
        hasSecondFactor={principal.hasSecondFactor}
      />
    </HydrationBoundary>
  );
}
