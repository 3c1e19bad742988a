import { type Connection, underProof } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import { UnitsUnavailableError } from "#lib/grants/errors.ts";
import { stateOf } from "#lib/grants/flow-state.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import type { RefreshEngine } from "#lib/grants/refresh-engine.ts";
import type {
  BusinessUnitJson,
  BusinessUnitPage,
  BusinessUnitQuery,
  UnitConnection,
} from "#lib/grants/schema.ts";
import { listUnitRows, type UnitRow } from "#lib/grants/unit-repository.ts";
import { unitTree } from "#lib/grants/unit-tree.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { BusinessUnit } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";

export type UnitsDeps = {
  db: Database;
  clock: Clock;
  egress: Egress;
  addresses: ProviderAddresses;
  refreshes: RefreshEngine;
};

/** The tenant's tree as the provider tells it now, and the connection it was asked with. */
export type UnitTree = {
  connection: Connection;
  units: ReturnType<typeof unitTree>;
  isWhole: boolean;
};

/**
 * Asks the tenant for all its business units with the principal's own sign-in.
 *
 * @throws {NotFoundError} the connection is absent, or another team's
 * @throws {UnitsUnavailableError} this sign-in may not list them, with why and what to do
 * @throws as `freshAccessToken`
 */
export async function readUnitTree(
  deps: UnitsDeps,
  principal: Principal,
  connectionId: string,
): Promise<UnitTree> {
  const connection = await findConnection(deps.db, principal, connectionId);
  if (!connection) throw new NotFoundError();
  const grant = await findOwnGrant(deps.db, principal, connectionId);
  const { businessUnits } = providerOf(connection.provider);
  if (!businessUnits.offered) throw new UnitsUnavailableError("not_offered", connectionId);
  const refusal = unitsRefusalOf(grant, businessUnits.scope);
  if (refusal !== null || !grant) {
    throw new UnitsUnavailableError(refusal ?? "not_connected", connectionId);
  }
  requireMay(principal, "grant.use", { ownerId: grant.userId });
  const held = await freshAccessToken(deps, grant);
  const { instanceHost, restHost, soapHost } = grant;
  const hosts = { instanceHost, restHost, soapHost };
  const list = await businessUnits
    .list(deps, underProof(connection), hosts, held.token)
    .catch((error: unknown) => {
      if (!isEgressError(error)) throw error;
      const isStrange = error.kind === "too_large" || error.kind === "bad_encoding";
      const reason = isStrange ? "answer_not_trusted" : "provider_unavailable";
      throw new UnitsUnavailableError(reason, connectionId);
    });
  if (list.kind === "refused") {
    throw new UnitsUnavailableError(refusalByReason(list.reason), connectionId);
  }
  return { connection, units: unitTree(list.units), isWhole: list.isWhole };
}

/** What can be said before asking: null where this grant should be able to list. */
function unitsRefusalOf(
  grant: Pick<Grant, "state" | "memberId" | "enterpriseId" | "scopes"> | null,
  scope: string,
): "not_connected" | "child_unit" | "scope_missing" | null {
  if (grant?.state !== "active") return "not_connected";
  if (grant.memberId !== grant.enterpriseId) return "child_unit";
  return grant.scopes.includes(scope) ? null : "scope_missing";
}

function refusalByReason(reason: ReasonCode) {
  switch (reason) {
    case "reconnect_required":
      return "token_refused";
    case "api_access_denied":
      return "permission_missing";
    case "answer_not_trusted":
      return "answer_not_trusted";
    default:
      return "provider_unavailable";
  }
}

/**
 * The tenant's units in the order of their tree, each with the team's connection for it and how the
 * principal stands there.
 *
 * @throws as `readUnitTree`
 */
export async function listBusinessUnits(
  deps: UnitsDeps,
  principal: Principal,
  connectionId: string,
): Promise<{ items: BusinessUnitJson[]; isWhole: boolean }> {
  const { connection, units, isWhole } = await readUnitTree(deps, principal, connectionId);
  const rows = await listUnitRows(deps.db, principal, connection);
  return { items: withConnections(units, rows, deps.clock.now()), isWhole };
}

/**
 * Units that the team has connections for already, without asking the tenant: what can be shown, and
 * carried on with, when the tree cannot be read.
 *
 * @throws {NotFoundError} the connection is absent, or another team's
 */
export async function listKnownUnits(
  deps: Pick<UnitsDeps, "db" | "clock">,
  principal: Principal,
  connectionId: string,
): Promise<BusinessUnitJson[]> {
  const connection = await findConnection(deps.db, principal, connectionId);
  if (!connection) throw new NotFoundError();
  if (connection.provider !== "marketing-cloud") return [];
  const rows = await listUnitRows(deps.db, principal, connection);
  const known = new Map<number, BusinessUnit & { depth: number }>();
  for (const { accountId, memberId, name } of rows) {
    const mid = accountId ?? memberId;
    if (mid === null || known.has(mid)) continue;
    const isTop = mid === connection.enterpriseId;
    const parentId = isTop ? null : connection.enterpriseId;
    known.set(mid, { accountId: mid, name, parentId, isActive: true, depth: isTop ? 0 : 1 });
  }
  const units = unitTree([...known.values()]);
  return withConnections(units, rows, deps.clock.now());
}

/** One page of `listBusinessUnits`, by name or MID. */
export function pageOfUnits(
  { items, isWhole }: { items: readonly BusinessUnitJson[]; isWhole: boolean },
  query: BusinessUnitQuery,
): BusinessUnitPage {
  const wanted = query.q.toLowerCase();
  const digits = wanted.replaceAll(/\s/g, "");
  const matching = items.filter(
    ({ name, accountId }) =>
      name.toLowerCase().includes(wanted) || (digits !== "" && String(accountId) === digits),
  );
  const first = Number(query.cursor ?? 0);
  const end = first + query.limit;
  return {
    items: matching.slice(first, end),
    nextCursor: end < matching.length ? String(end) : null,
    total: matching.length,
    toConnect: matching.filter(
      ({ isActive, connection }) => isActive && connection?.state !== "connected",
    ).length,
    isWhole,
  };
}

function withConnections(
  units: readonly (BusinessUnit & { depth: number })[],
  rows: readonly UnitRow[],
  now: Date,
): BusinessUnitJson[] {
  const byUnit = Map.groupBy(rows, unitOf);
  return units.map((unit) => {
    const row = bestOf(byUnit.get(unit.accountId) ?? []);
    return { ...unit, connection: row && unitConnection(row, now) };
  });
}

/** A definition without a MID is, for me, of the unit that my own grant was proven in. */
export function unitOf({ accountId, grantState, memberId }: UnitRow): number | null {
  return accountId ?? (grantState === "active" ? memberId : null);
}

const rank = { active: 0, needs_reconnect: 1, disconnected: 2 } as const;

/** Of several connections for one unit the one that I am connected through, else the oldest. */
export function bestOf(rows: readonly UnitRow[]): UnitRow | null {
  const place = ({ grantState }: UnitRow) => (grantState === null ? 3 : rank[grantState]);
  return rows.toSorted((a, b) => place(a) - place(b))[0] ?? null;
}

function unitConnection(row: UnitRow, now: Date): UnitConnection {
  const { grantState, lastFlow } = row;
  const state =
    grantState === "active"
      ? "connected"
      : grantState === "needs_reconnect"
        ? "needs_reconnect"
        : "not_connected";
  const attempt = lastFlow && stateOf(lastFlow, now);
  return {
    id: row.id,
    name: row.name,
    state,
    username: state === "connected" ? row.username : null,
    lastAttempt: attempt && attempt.state !== "connected" ? attempt : null,
  };
}
