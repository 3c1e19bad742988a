import type { RequestRow } from "#lib/connection-requests/repository.ts";
import { stateNow } from "#lib/connection-requests/request-state.ts";
import type { AgentRequestJson, ConnectionRequestJson } from "#lib/connection-requests/schema.ts";
import { findOperation } from "#lib/providers/operations.ts";

/** Where an agent's owner answers. */
const requestUrlOf = (studioUrl: string, id: string): string =>
  `${studioUrl}/agents/requests?request=${id}`;

/** Each field that leaves, listed (WEB-8). */
function common(row: RequestRow, now: Date) {
  const { connection } = row;
  const isLive =
    connection?.grantState === "active" || connection?.grantState === "needs_reconnect";
  return {
    id: row.id,
    state: stateNow(row, now),
    provider: row.provider,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    answeredAt: row.answeredAt?.toISOString() ?? null,
    connection: connection && {
      id: connection.id,
      name: connection.name,
      provider: connection.provider,
      environment: connection.environment,
      state: isLive
        ? (connection.grantState as "active" | "needs_reconnect")
        : ("not_connected" as const),
    },
  };
}

export function toAgentRequestJson(
  { studioUrl }: { studioUrl: string },
  row: RequestRow,
  now: Date,
): AgentRequestJson {
  const json = common(row, now);
  return {
    ...json,
    operationId: row.operationId,
    isReady: json.state === "answered" && json.connection?.state === "active",
    url: requestUrlOf(studioUrl, row.id),
  };
}

export function toConnectionRequestJson(row: RequestRow, now: Date): ConnectionRequestJson {
  const operation = row.operationId === null ? null : findOperation(row.operationId);
  const json = common(row, now);
  return {
    ...json,
    connection: json.connection && {
      ...json.connection,
      surfaces: row.connection?.surfaces ?? [],
    },
    agent: { id: row.agentId, name: row.agentName },
    operation: operation && { id: operation.id, title: operation.title },
  };
}
