import { queryOptions } from "@tanstack/react-query";
import { pollEvery } from "#components/live/live-state.ts";
import { callApi } from "#components/ui/api.ts";
import type {
  ConnectionRequestJson,
  ConnectionRequestList,
  RequestAnswer,
} from "#lib/connection-requests/schema.ts";

const EVERY_MS = 10_000;
const schemas = () => import("#lib/connection-requests/schema.ts");

/** What agents of this person asked them; told live. */
export const requestListOptions = () =>
  queryOptions({
    queryKey: ["requests", "list"] as const,
    queryFn: ({ signal }): Promise<ConnectionRequestList> =>
      callApi(
        "/api/connection-requests",
        async () => (await schemas()).connectionRequestListSchema,
        { signal },
      ),
    refetchInterval: pollEvery(EVERY_MS),
  });

export const answerRequest = (id: string, body: RequestAnswer): Promise<ConnectionRequestJson> =>
  callApi(
    `/api/connection-requests/${id}/answer`,
    async () => (await schemas()).connectionRequestSchema,
    { method: "POST", body },
  );
