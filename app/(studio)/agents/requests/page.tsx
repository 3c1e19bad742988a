import type { Metadata } from "next";
import { z } from "zod";
import { RequestsView } from "#components/agents/requests-view.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { listLinkedWays } from "#lib/auth/link-identity.ts";
import { listRequests } from "#lib/connection-requests/list-requests.ts";
import { requestQuerySchema } from "#lib/connection-requests/schema.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "Requests" };

const stateSchema = z.object({
  request: z.uuid().nullable().catch(null),
  connection: z.uuid().nullable().catch(null),
});

export default async function RequestsPage({ searchParams }: PageProps<"/agents/requests">) {
  const principal = await requirePrincipal();
  const { request, connection } = stateSchema.parse({
    request: null,
    connection: null,
    ...(await searchParams),
  });
  const [initial, suggested, { hasPassword }] = await Promise.all([
    listRequests(deps(), principal, requestQuerySchema.parse({})),
    connection === null ? null : findConnection(deps().db, principal, connection),
    listLinkedWays(deps(), principal),
  ]);
  return (
    <RequestsView
      initial={initial}
      openId={request}
      hasPassword={hasPassword}
      suggested={
        suggested && {
          connectionId: suggested.id,
          name: suggested.name,
          environment: suggested.environment,
        }
      }
    />
  );
}
