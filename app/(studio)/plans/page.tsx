import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PlansView } from "#components/plans/plans-view.tsx";
import { planListOptions } from "#components/plans/queries.ts";
import { loadPlansState, toListed } from "#components/plans/search-params.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { listPlans } from "#lib/plans/get-plan.ts";
import { pageSize } from "#lib/plans/schema.ts";

export const metadata: Metadata = { title: "Plans" };

export default async function PlansPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const principal = await requirePrincipal();
  const listed = toListed(await loadPlansState(searchParams));
  const list = await listPlans(deps(), principal, { ...listed, limit: pageSize });
  const queries = new QueryClient();
  queries.setQueryData(planListOptions(listed).queryKey, { pages: [list], pageParams: [null] });
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <PlansView />
    </HydrationBoundary>
  );
}
