import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { callApi } from "#components/ui/api.ts";
import type { AgentList } from "#lib/agents/schema.ts";
import type { ConnectionTimeline } from "#lib/audit/schema.ts";
import type { LeaseList } from "#lib/broker/schema.ts";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import type { GrantHealth } from "#lib/grants/schema.ts";

const LIVE_EVERY_MS = 10_000;
/** What changes by a person's doing, or is costly to read. */
const CALM_EVERY_MS = 30_000;

const live = { refetchInterval: LIVE_EVERY_MS } as const;

/** One connection with one's own grant, asked again every 10 s while in view. */
export const connectionOptions = (id: string) =>
  queryOptions({
    ...live,
    queryKey: ["connections", "one", id] as const,
    queryFn: ({ signal }): Promise<ConnectionJson> =>
      callApi(
        `/api/connections/${id}`,
        async () => (await import("#lib/connections/schema.ts")).connectionSchema,
        { signal },
      ),
  });

/** How one's own grant served for a week. */
export const healthOptions = (grantId: string) =>
  queryOptions({
    ...live,
    queryKey: ["connections", "health", grantId] as const,
    queryFn: ({ signal }): Promise<GrantHealth> =>
      callApi(
        `/api/grants/${grantId}/health`,
        async () => (await import("#lib/grants/schema.ts")).grantHealthSchema,
        { signal },
      ),
  });

/** Leases under way on a connection, those that end last first. */
export const leasesOptions = (connectionId: string) =>
  queryOptions({
    ...live,
    queryKey: ["connections", "leases", connectionId] as const,
    queryFn: ({ signal }): Promise<LeaseList> =>
      callApi(
        `/api/connections/${connectionId}/leases`,
        async () => (await import("#lib/broker/schema.ts")).leaseListSchema,
        { signal },
      ),
  });

/** The agents that may use a connection, as far as one may see them. */
export const connectionAgentsOptions = (connectionId: string) =>
  queryOptions({
    ...live,
    refetchInterval: CALM_EVERY_MS,
    queryKey: ["connections", "agents", connectionId] as const,
    queryFn: ({ signal }): Promise<AgentList> =>
      callApi(
        `/api/agents?connection=${connectionId}`,
        async () => (await import("#lib/agents/schema.ts")).agentListSchema,
        { signal },
      ),
  });

/** What happened on a connection, newest first. */
export const timelineOptions = (connectionId: string) =>
  queryOptions({
    ...live,
    refetchInterval: CALM_EVERY_MS,
    queryKey: ["connections", "timeline", connectionId] as const,
    queryFn: ({ signal }): Promise<ConnectionTimeline> =>
      callApi(
        `/api/connections/${connectionId}/events`,
        async () => (await import("#lib/audit/schema.ts")).connectionTimelineSchema,
        { signal },
      ),
  });

/** May agents have the access token itself? Shown everywhere on the page at once. */
export async function chooseRawLeases(
  queries: QueryClient,
  grant: Pick<GrantJson, "id" | "connectionId">,
  allowsRawLeases: boolean,
): Promise<void> {
  const { grantSchema } = await import("#lib/connections/schema.ts");
  const changed: GrantJson = await callApi(`/api/grants/${grant.id}`, async () => grantSchema, {
    method: "PATCH",
    body: { allowsRawLeases },
  });
  queries.setQueryData(
    connectionOptions(grant.connectionId).queryKey,
    (held) => held && { ...held, myGrant: changed },
  );
  await queries.invalidateQueries({ queryKey: timelineOptions(grant.connectionId).queryKey });
}

export const endLease = (leaseId: string): Promise<void> =>
  callApi(`/api/leases/${leaseId}`, null, { method: "DELETE" });
