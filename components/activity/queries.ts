import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { toSearch } from "#components/activity/search-params.ts";
import { callApi } from "#components/ui/api.ts";
import type { AuditList, AuditQuery, ChainCheckJson } from "#lib/audit/schema.ts";

const schemas = () => import("#lib/audit/schema.ts");

/** The team's events, newest first, a page at a time. */
export function eventListOptions({ cursor: _cursor, ...query }: AuditQuery) {
  return infiniteQueryOptions({
    queryKey: ["audit", "list", query] as const,
    queryFn: ({ pageParam, signal }): Promise<AuditList> =>
      callApi(
        `/api/audit${toSearch({ ...query, ...(pageParam !== null && { cursor: pageParam }) })}`,
        async () => (await schemas()).auditListSchema,
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

export function checkChain(): Promise<ChainCheckJson> {
  return callApi("/api/audit/verify", async () => (await schemas()).chainCheckSchema, {
    method: "POST",
  });
}
