import { rowHost } from "#lib/connections/health.ts";
import type { ConnectionJson, ProviderName } from "#lib/connections/schema.ts";

export type Row = {
  connection: ConnectionJson;
  /** Hangs on a thread from the row above: a sandbox under its production org, a unit under its parent. */
  isNested: boolean;
  /** What stands under the name: the host in short, or what kind of unit it is. */
  under: string;
  isHost: boolean;
};

export type RowGroup = {
  key: string;
  name: string;
  kind: ProviderName | "demo";
  /** Marketing Cloud: the tenant's authentication host. */
  tenantHost: string | null;
  rows: Row[];
};

/**
 * Groups one page of connections for reading: by company or tenant in the order they came (the
 * server puts trouble first); inside, the production org or parent unit leads, and what hangs under
 * it says so.
 */
export function groupRows(connections: readonly ConnectionJson[]): RowGroup[] {
  const groups = new Map<string, ConnectionJson[]>();
  for (const connection of connections) {
    const key = groupKeyOf(connection);
    const members = groups.get(key);
    if (members) members.push(connection);
    else groups.set(key, [connection]);
  }
  return [...groups].map(([key, members]) => toGroup(key, members));
}

function groupKeyOf({ environment, provider, groupKey }: ConnectionJson): string {
  return environment === "demo" ? "demo" : `${provider}:${groupKey}`;
}

function toGroup(key: string, members: readonly ConnectionJson[]): RowGroup {
  // Stable: among the rest the server's order stays.
  const ordered = [...members].sort((a, b) => Number(isParent(b)) - Number(isParent(a)));
  const [first] = ordered;
  if (first === undefined) throw new Error("a group has at least one connection");
  const isDemo = first.environment === "demo";
  const parent = !isDemo && isParent(first) ? first : null;
  return {
    key,
    name: isDemo ? "Demo" : first.groupName,
    kind: isDemo ? "demo" : first.provider,
    tenantHost: isDemo || first.provider === "salesforce" ? null : first.host,
    rows: ordered.map((connection) => {
      const isNested = parent !== null && connection !== parent && !isParent(connection);
      const unit = isDemo ? null : unitWords(connection);
      return {
        connection,
        isNested,
        under: unit ?? rowHost(connection.host, isNested ? parent.host : null),
        isHost: unit === null,
      };
    }),
  };
}

/** The tenant's host is the group's, so a unit says what it is instead. */
function unitWords(connection: ConnectionJson): string | null {
  if (connection.provider === "salesforce") return null;
  if (isParent(connection)) return "Parent unit";
  const { orgName, name } = connection;
  return orgName !== null && orgName !== name ? orgName : "Business unit";
}

/** The row others hang under: an org that is no sandbox; the unit whose MID is the enterprise's. */
function isParent({ provider, environment, accountId, myGrant }: ConnectionJson): boolean {
  if (environment === "demo") return false;
  if (provider === "salesforce") return environment !== "sandbox";
  const unit = accountId ?? myGrant?.identity.memberId ?? null;
  return unit !== null && unit === myGrant?.identity.enterpriseId;
}
