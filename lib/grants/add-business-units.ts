import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { findConnection, insertConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import { lineOf } from "#lib/core/plain-text.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { DefinitionMovedError } from "#lib/grants/errors.ts";
import { lockConnection } from "#lib/grants/grant-repository.ts";
import { bestOf, readUnitTree, type UnitsDeps, unitOf } from "#lib/grants/list-business-units.ts";
import type { AddedBusinessUnits, BusinessUnitRequest } from "#lib/grants/schema.ts";
import { listUnitRows, lockUnits } from "#lib/grants/unit-repository.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import type { BusinessUnit } from "#lib/providers/provider.ts";

const longestName = 80;

type Deps = UnitsDeps & { random: Random };

/**
 * Makes one connection for each of these units: same package, hosts, scopes and surfaces as the one
 * they were listed with, the unit's own MID and name. All are stored with their events, or none. A
 * connection is only a definition: who signs in there is proven by its MID (OA-8).
 *
 * @returns in the order asked; `exists` gives the connection that the team has already
 * @throws {DefinitionMovedError} the definition was edited meanwhile
 * @throws as `readUnitTree`: units are taken from the tenant's own answer, never from the request alone
 */
export async function addBusinessUnits(
  deps: Deps,
  principal: Principal,
  connectionId: string,
  { accountIds }: BusinessUnitRequest,
): Promise<AddedBusinessUnits> {
  requireMay(principal, "connection.create");
  const { units, connection: asked } = await readUnitTree(deps, principal, connectionId);
  const byMid = new Map(units.map((unit) => [unit.accountId, unit]));
  return inTransaction(deps.db, async (tx) => {
    const isThere = await lockConnection(tx, principal, connectionId);
    const from = isThere && (await findConnection(tx, principal, connectionId));
    if (!from) throw new NotFoundError();
    // Edited while the tenant was asked: these units may be of another tenant than the definition is now.
    if (from.version !== asked.version) throw new DefinitionMovedError();
    await lockUnits(tx, principal, from);
    const known = Map.groupBy(await listUnitRows(tx, principal, from), unitOf);
    const results: AddedBusinessUnits["results"] = [];
    for (const accountId of accountIds) {
      const unit = byMid.get(accountId);
      const existing = bestOf(known.get(accountId) ?? []);
      if (existing) results.push({ accountId, result: "exists", connectionId: existing.id });
      else if (!unit) results.push({ accountId, result: "not_found", connectionId: null });
      else if (!unit.isActive) results.push({ accountId, result: "inactive", connectionId: null });
      else {
        const id = await addOne(deps, tx, principal, from, unit);
        results.push({ accountId, result: "created", connectionId: id });
      }
    }
    return { results };
  });
}

async function addOne(
  deps: Deps,
  tx: Transaction,
  principal: Principal,
  from: Connection,
  unit: BusinessUnit,
): Promise<string> {
  const connection: Connection = {
    ...from,
    id: deps.random.uuid(),
    name: lineOf(unit.name, longestName) || `Business unit ${unit.accountId}`,
    accountId: unit.accountId,
    clientSecretSealed: null,
    orgId: null,
    orgName: null,
    instanceHost: null,
    createdById: principal.userId,
    createdAt: deps.clock.now(),
  };
  await insertConnection(tx, connection);
  await recordEvent(tx, deps, {
    action: "connection.created",
    principal,
    target: { kind: "connection", id: connection.id },
    connectionId: connection.id,
    result: "success",
    detail: {
      provider: connection.provider,
      method: connection.method,
      environment: connection.environment,
      name: connection.name,
      accountId: unit.accountId,
      from: from.id,
    },
  });
  return connection.id;
}
