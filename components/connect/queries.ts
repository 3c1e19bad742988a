import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { callApi } from "#components/ui/api.ts";
import type {
  ConnectionDefinition,
  ConnectionJson,
  connectionPatchSchema,
} from "#lib/connections/schema.ts";
import type { FlowJson, SeenReason } from "#lib/grants/schema.ts";

const POLL_MS = 1_500;

export const flowKey = (flowId: string) => ["flows", flowId] as const;

const flowSchema = async () => (await import("#lib/grants/schema.ts")).flowSchema;
const flowAddress = (flowId: string) => `/api/flows/${encodeURIComponent(flowId)}`;

/** Asks again while the flow waits, in the background too: the sign-in window covers this page. */
export const flowOptions = (flowId: string) =>
  queryOptions({
    queryKey: flowKey(flowId),
    queryFn: ({ signal }): Promise<FlowJson> =>
      callApi(flowAddress(flowId), flowSchema, { signal }),
    refetchInterval: (query) => (query.state.data?.state === "waiting" ? POLL_MS : false),
    refetchIntervalInBackground: true,
  });

export function cancelFlow(flowId: string): Promise<void> {
  return callApi(flowAddress(flowId), null, { method: "DELETE" });
}

/** Ends the flow by what its person saw on the provider's page. */
export function reportFlow(flowId: string, saw: SeenReason): Promise<void> {
  return callApi(`${flowAddress(flowId)}?saw=${saw}`, null, { method: "DELETE" });
}

export function confirmFlow(flowId: string): Promise<void> {
  return callApi(`${flowAddress(flowId)}/confirm`, null, { method: "POST" });
}

/** @param patch - the edited definition, with the version that was seen and how many people it voids */
export function editConnection(
  id: string,
  patch: z.input<typeof connectionPatchSchema>,
): Promise<void> {
  return callApi(`/api/connections/${encodeURIComponent(id)}`, null, {
    method: "PATCH",
    body: patch,
  });
}

export function createConnection(definition: ConnectionDefinition): Promise<ConnectionJson> {
  return callApi(
    "/api/connections",
    async () => (await import("#lib/connections/schema.ts")).connectionSchema,
    { method: "POST", body: definition },
  );
}
