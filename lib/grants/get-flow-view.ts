import { type SerializeDeps, toGrantJson } from "#lib/connections/serialize.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { type Flow, findFlow } from "#lib/grants/flow-repository.ts";
import { stateOf } from "#lib/grants/flow-state.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import type { FlowJson } from "#lib/grants/schema.ts";

/**
 * A flow as its owner's pages see it.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function getFlowView(
  deps: Pick<SerializeDeps, "addresses" | "clock"> & { db: Database },
  principal: Principal,
  flowId: string,
): Promise<FlowJson> {
  const flow = await findFlow(deps.db, principal, flowId);
  if (!flow) throw new NotFoundError();
  const { state, reason } = stateOf(flow, deps.clock.now());
  const isShown = state === "connected" || state === "needs_confirmation";
  const grant = isShown ? await findOwnGrant(deps.db, principal, flow.connectionId) : null;
  return {
    id: flow.id,
    connectionId: flow.connectionId,
    state,
    reason,
    providerCode: flow.providerCode,
    authorizeHost: flow.authorizeHost,
    redirectUri: flow.redirectUri,
    scopes: flow.scopes,
    createdAt: flow.createdAt.toISOString(),
    expiresAt: flow.expiresAt.toISOString(),
    endedAt: endOf(flow, state)?.toISOString() ?? null,
    returnTo: flow.returnTo,
    grant: grant && toGrantJson(deps, grant.connection.environment, grant),
    identities: state === "needs_confirmation" && grant ? identitiesOf(flow, grant) : null,
  };
}

/** Time alone ends some flows: nothing was written down then. */
function endOf(flow: Flow, state: FlowJson["state"]): Date | null {
  return flow.endedAt ?? (state === "expired" || state === "failed" ? flow.expiresAt : null);
}

function identitiesOf(flow: Flow, grant: Grant): FlowJson["identities"] {
  const { identity } = pendingSchema.parse(flow.pending);
  const shown = (of: {
    username: string;
    displayName: string | null;
    orgName: string | null;
    orgId: string | null;
    memberId: number | null;
  }) => ({
    username: of.username,
    displayName: of.displayName,
    orgName: of.orgName,
    orgId: of.orgId,
    memberId: of.memberId,
  });
  return { before: shown(grant), now: shown(identity) };
}
