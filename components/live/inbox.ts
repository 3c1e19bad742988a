import { queryOptions } from "@tanstack/react-query";
import { pollEvery } from "#components/live/live-state.ts";
import { callApi } from "#components/ui/api.ts";
import type { InboxCounts } from "#lib/live/schema.ts";

const LIVE_EVERY_MS = 30_000;

/** How much waits for this person. */
export const inboxOptions = () =>
  queryOptions({
    queryKey: ["inbox"] as const,
    queryFn: ({ signal }): Promise<InboxCounts> =>
      callApi("/api/inbox", async () => (await import("#lib/live/schema.ts")).inboxSchema, {
        signal,
      }),
    refetchInterval: pollEvery(LIVE_EVERY_MS),
  });
