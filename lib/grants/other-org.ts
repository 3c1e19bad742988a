import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import { type Flow, moveFlow } from "#lib/grants/flow-repository.ts";
import { hasOthersConnected } from "#lib/grants/grant-repository.ts";
import { isSameOrg } from "#lib/grants/identity.ts";
import type { ProviderIdentity } from "#lib/providers/provider.ts";

/**
 * A definition names one org for everybody: nobody turns it into another while teammates use it.
 *
 * @param connection - read under its lock
 */
export async function isOfAnotherOrg(
  tx: Transaction,
  principal: Principal,
  connection: Connection,
  identity: Pick<ProviderIdentity, "orgId">,
): Promise<boolean> {
  if (isSameOrg(connection.orgId, identity.orgId)) return false;
  return hasOthersConnected(tx, principal, connection.id);
}

/** Ends a flow whose sign-in went to another org. @returns false where the flow had moved on */
export async function refuseOtherOrg(
  deps: { clock: Clock; random: Random },
  tx: Transaction,
  principal: Principal,
  flow: Pick<Flow, "id" | "connectionId" | "status">,
  identity: Pick<ProviderIdentity, "orgId" | "orgName">,
): Promise<boolean> {
  const { orgId, orgName } = identity;
  const outcome = { status: "failed", reason: "wrong_identity", providerCode: orgId } as const;
  if (!(await moveFlow(tx, flow.id, flow.status, outcome, deps.clock.now()))) return false;
  await recordEvent(tx, deps, {
    action: "flow.failed",
    principal,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    result: "failed",
    detail: { reason: "wrong_identity", orgId, orgName },
  });
  return true;
}
