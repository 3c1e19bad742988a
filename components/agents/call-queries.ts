import { infiniteQueryOptions } from "@tanstack/react-query";
import { pollEvery } from "#components/live/live-state.ts";
import { callApi } from "#components/ui/api.ts";
import type { AgentCallList } from "#lib/agents/schema.ts";

const EVERY_MS = 10_000;

/** What an agent did, the newest first, a page at a time; told live. */
export const agentCallsOptions = (agentId: string, initial: AgentCallList) =>
  infiniteQueryOptions({
    queryKey: ["calls", agentId] as const,
    queryFn: ({ pageParam, signal }) =>
      callApi(
        `/api/agents/${agentId}/calls${pageParam === null ? "" : `?cursor=${pageParam}`}`,
        async () => (await import("#lib/agents/schema.ts")).agentCallListSchema,
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }: AgentCallList) => nextCursor,
    initialData: { pages: [initial], pageParams: [null] },
    refetchInterval: pollEvery(EVERY_MS),
  });
