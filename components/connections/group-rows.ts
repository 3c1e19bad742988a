import { rowHost, worstFirst } from "#lib/connections/health.ts";
import type {
  ConnectionJson,
  ConnectionList,
  HealthKind,
  ProviderName,
} from "#lib/connections/schema.ts";

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
  /** Rows of the group over all pages. */
  total: number;
  /** How many of them need somebody, and the worst of it. */
  trouble: number;
  worst: HealthKind;
};

type Counted = ConnectionList["groups"][number];

/**
 * Groups one page of connections for reading: by company or tenant in the order they came (the
 * server puts trouble first); inside, the production org or parent unit leads, and what hangs under
 * it says so. The demo's two are one group.
 *
 * @param counted - the groups as the server counted them over all pages
 */
export function groupRows(
  connections: readonly ConnectionJson[],
  counted: readonly Counted[] = [],
): RowGroup[] {
  const counts = new Map(counted.map((group) => [`${group.provider}:${group.groupKey}`, group]));
  return [...Map.groupBy(connections, groupKeyOf)].map(([key, members]) => {
    const parts = new Set(members.map(({ provider, groupKey }) => `${provider}:${groupKey}`));
    return toGroup(
      key,
      members,
      [...parts].flatMap((part) => counts.get(part) ?? []),
    );
  });
}

function groupKeyOf({ environment, provider, groupKey }: ConnectionJson): string {
  return environment === "demo" ? "demo" : `${provider}:${groupKey}`;
}

function toGroup(
  key: string,
  members: readonly ConnectionJson[],
  counted: readonly Counted[],
): RowGroup {
  // Stable: among the rest the server's order stays. The demo's org and tenant stay apart.
  const ordered = members.toSorted(
    (a, b) =>
      Number(b.provider === "salesforce") - Number(a.provider === "salesforce") ||
      Number(isParent(b)) - Number(isParent(a)),
  );
  const [first] = ordered;
  if (first === undefined) throw new Error("a group has at least one connection");
  const isDemo = first.environment === "demo";
  const worst = counted.map((group) => group.worst).concat(members.map(({ health }) => health));
  return {
    key,
    name: isDemo ? "Demo" : first.groupName,
    kind: isDemo ? "demo" : first.provider,
    tenantHost: isDemo || first.provider === "salesforce" ? null : first.host,
    total: Math.max(
      members.length,
      counted.reduce((sum, group) => sum + group.total, 0),
    ),
    trouble: counted.reduce((sum, group) => sum + group.trouble, 0),
    worst: worstFirst.find((health) => worst.includes(health)) ?? "connected",
    rows: ordered.map((connection) => {
      const parent = ordered.find((one) => one.provider === connection.provider && isParent(one));
      const isNested = parent !== undefined && !isParent(connection);
      const unit = unitWords(connection, isDemo);
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
function unitWords(connection: ConnectionJson, isDemo: boolean): string | null {
  if (connection.provider === "salesforce") return null;
  if (isParent(connection)) return "Parent unit";
  if (isDemo && unitOf(connection) === null) return null;
  const { orgName, name } = connection;
  return orgName !== null && orgName !== name ? orgName : "Business unit";
}

const unitOf = ({ accountId, myGrant }: ConnectionJson): number | null =>
  accountId ?? myGrant?.identity.memberId ?? null;

/** The row others hang under: an org that is no sandbox; the unit whose MID is the enterprise's. */
function isParent(connection: ConnectionJson): boolean {
  const { provider, environment, enterpriseId, myGrant } = connection;
  if (provider === "salesforce") return environment !== "sandbox";
  const unit = unitOf(connection);
  return unit !== null && unit === (enterpriseId ?? myGrant?.identity.enterpriseId);
}
