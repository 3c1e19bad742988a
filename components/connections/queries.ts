import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { callApi } from "#components/ui/api.ts";
import type { ConnectionList, ConnectionQuery } from "#lib/connections/schema.ts";
import type { DisconnectReceipt, RevocationJson, TestResult } from "#lib/grants/schema.ts";

const LIVE_EVERY_MS = 15_000;

const schemas = () => import("#lib/connections/schema.ts");
const grantSchemas = () => import("#lib/grants/schema.ts");

/** The query as an address; what is at its default stays out. */
export function toSearch(query: Partial<ConnectionQuery>): string {
  const search = new URLSearchParams();
  if (query.q) search.set("q", query.q);
  if (query.provider) search.set("provider", query.provider);
  for (const environment of query.environment ?? []) search.append("environment", environment);
  for (const health of query.health ?? []) search.append("health", health);
  if (query.cursor) search.set("cursor", query.cursor);
  if (query.limit !== undefined && query.limit !== 50) search.set("limit", String(query.limit));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** One page of connections; asked again every 15 s while in view, and when the window gets focus. */
export function connectionListOptions(query: ConnectionQuery) {
  return queryOptions({
    queryKey: ["connections", "list", query] as const,
    queryFn: ({ signal }): Promise<ConnectionList> =>
      callApi(
        `/api/connections${toSearch(query)}`,
        async () => (await schemas()).connectionListSchema,
        { signal },
      ),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_EVERY_MS,
  });
}

export function renameConnection(id: string, name: string): Promise<void> {
  return callApi(`/api/connections/${id}`, null, { method: "PATCH", body: { name } });
}

/** @returns how the revocations stand that came of it */
export function deleteConnection(id: string): Promise<{ revocations: RevocationJson[] }> {
  return callApi(
    `/api/connections/${id}`,
    async () => (await grantSchemas()).deletionReceiptSchema,
    { method: "DELETE" },
  );
}

export function askAgain(revocationId: string): Promise<RevocationJson> {
  const path = `/api/revocations/${revocationId}/attempt`;
  return callApi(path, async () => (await grantSchemas()).revocationSchema, { method: "POST" });
}

export function disconnectGrant(id: string): Promise<DisconnectReceipt> {
  return callApi(`/api/grants/${id}`, async () => (await grantSchemas()).disconnectReceiptSchema, {
    method: "DELETE",
  });
}

export function testGrant(id: string): Promise<TestResult> {
  return callApi(`/api/grants/${id}/test`, async () => (await grantSchemas()).testResultSchema, {
    method: "POST",
  });
}
