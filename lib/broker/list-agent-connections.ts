import { rawRefusal } from "#lib/broker/lease-terms.ts";
import type { AgentConnectionJson, AgentConnectionQuery } from "#lib/broker/schema.ts";
import { addressesOf, proxyUrlOf } from "#lib/broker/serialize.ts";
import { listConnectionsByIds } from "#lib/connections/repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";

export type ListAgentConnectionsDeps = {
  db: Database;
  clock: Clock;
  studioUrl: string;
  addresses: ProviderAddresses;
};

/** What this agent may use, with how its owner stands there; in a fixed order, by id. */
export async function listAgentConnections(
  deps: ListAgentConnectionsDeps,
  agent: AgentPrincipal,
  { cursor, limit }: AgentConnectionQuery,
): Promise<{ items: AgentConnectionJson[]; nextCursor: string | null }> {
  const ids = [...agent.connections.keys()].sort().filter((id) => !cursor || id > cursor);
  const page = ids.slice(0, limit);
  const found = await listConnectionsByIds(
    deps.db,
    { teamId: agent.teamId, userId: agent.ownerId },
    page,
  );
  const now = deps.clock.now();
  return {
    items: found.map(({ connection, own }) => {
      const { id, environment } = connection;
      const isThere = own !== null && own.state !== "disconnected";
      const none = { instanceHost: null, restHost: null, soapHost: null };
      const until = agent.connections.get(id)?.directWritesUntil ?? null;
      return {
        id,
        name: connection.name,
        provider: connection.provider,
        environment,
        state: isThere ? (own.state as "active" | "needs_reconnect") : "not_connected",
        username: isThere ? own.username : null,
        orgId: connection.orgId,
        orgName: connection.orgName ?? (isThere ? own.orgName : null),
        accountId: connection.accountId ?? (isThere ? own.memberId : null),
        ...addressesOf(deps, environment, isThere ? own : none),
        proxyUrl: proxyUrlOf(deps.studioUrl, id),
        allowsRawLeases: isThere && rawRefusal(agent, own, now) === null,
        directWritesUntil: until?.toISOString() ?? null,
      };
    }),
    nextCursor: ids.length > limit ? (page.at(-1) ?? null) : null,
  };
}
