import { queryOptions } from "@tanstack/react-query";
import { callApi } from "#components/ui/api.ts";
import type { OperationJson } from "#lib/operations/schema.ts";
import type { StandingJson } from "#lib/plans/schema.ts";

const QUIET_MS = 5 * 60 * 1000;

/** What may be approved beforehand on a connection: what writes, and is not code. */
export const standingOperationsOptions = (connectionId: string) =>
  queryOptions({
    queryKey: ["operations", "standing", connectionId] as const,
    queryFn: async ({ signal }): Promise<OperationJson[]> => {
      const { items } = await callApi(
        `/api/operations?connectionId=${connectionId}`,
        async () => (await import("#lib/operations/schema.ts")).operationListSchema,
        { signal },
      );
      return items.filter(({ effect }) => effect !== "read" && effect !== "code");
    },
    enabled: connectionId !== "",
    staleTime: QUIET_MS,
  });

export const makeStanding = (
  agentId: string,
  body: {
    connectionId: string;
    operationId: string;
    usesMost: number;
    recordsMost: number;
    until: string;
    appliesAtOnce: boolean;
    typedName?: string;
  },
): Promise<StandingJson> =>
  callApi(
    `/api/agents/${agentId}/standing-approvals`,
    async () => (await import("#lib/plans/schema.ts")).standingSchema,
    { method: "POST", body },
  );

export const revokeStanding = (agentId: string, id: string): Promise<void> =>
  callApi(`/api/agents/${agentId}/standing-approvals/${id}`, null, { method: "DELETE" });
