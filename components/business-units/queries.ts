import { queryOptions } from "@tanstack/react-query";
import { callApi } from "#components/ui/api.ts";
import type { AddedBusinessUnits, BusinessUnitPage } from "#lib/grants/schema.ts";

const schemas = () => import("#lib/grants/schema.ts");
const address = (connectionId: string) =>
  `/api/connections/${encodeURIComponent(connectionId)}/business-units`;

const STAYS_FRESH_MS = 60_000;

/** How many units the tenant has; each question is a call to the tenant, so it is asked once. */
export const unitsCountOptions = (connectionId: string) =>
  queryOptions({
    queryKey: ["business-units", connectionId, "count"] as const,
    queryFn: ({ signal }): Promise<BusinessUnitPage> =>
      callApi(
        `${address(connectionId)}?limit=1`,
        async () => (await schemas()).businessUnitListSchema,
        { signal },
      ),
    staleTime: STAYS_FRESH_MS,
    refetchOnWindowFocus: false,
    retry: false,
  });

export function addUnits(
  connectionId: string,
  accountIds: readonly number[],
): Promise<AddedBusinessUnits> {
  return callApi(address(connectionId), async () => (await schemas()).addedBusinessUnitsSchema, {
    method: "POST",
    body: { accountIds },
  });
}
