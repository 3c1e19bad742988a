import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import { freshAccessToken, reasonOfRefusal } from "#lib/grants/fresh-access-token.ts";
import { findTeamGrant, type Grant, noteUse } from "#lib/grants/grant-repository.ts";
import { isSameIdentity } from "#lib/grants/identity.ts";
import type { RefreshEngine } from "#lib/grants/refresh-engine.ts";
import { NeedsReconnectError } from "#lib/grants/refresh-errors.ts";
import type { TestResult } from "#lib/grants/schema.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";

type Deps = {
  db: Database;
  clock: Clock;
  random: Random;
  egress: Egress;
  addresses: ProviderAddresses;
  refreshes: RefreshEngine;
};

/**
 * Asks the provider again whose grant this is, and then for one harmless read. The owner's own, only: nobody else acts with it.
 *
 * @throws {NotFoundError} absent, or another person's
 * @throws {NeedsReconnectError} it is not connected
 * @throws {RefreshBusyError} a new token is on its way
 */
export async function testGrant(
  deps: Deps,
  principal: Principal,
  grantId: string,
): Promise<TestResult> {
  const grant = await findTeamGrant(deps.db, principal, grantId);
  if (!grant || grant.userId !== principal.userId) throw new NotFoundError();
  if (grant.state !== "active") throw new NeedsReconnectError(grant, "reconnect_required");
  const startedMs = deps.clock.monotonicMs();
  const reason = await ask(deps, grant);
  const at = deps.clock.now();
  await inTransaction(deps.db, async (tx) => {
    if (reason === null) await noteUse(tx, grant, at);
    await recordEvent(tx, deps, {
      action: "grant.tested",
      principal,
      target: { kind: "grant", id: grant.id },
      connectionId: grant.connectionId,
      result: reason === null ? "success" : "failed",
      detail: { reason },
    });
  });
  return {
    ok: reason === null,
    at: at.toISOString(),
    durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
    reason,
  };
}

async function ask(deps: Deps, grant: Grant): Promise<ReasonCode | null> {
  try {
    const held = await freshAccessToken(deps, grant);
    const reason = await askWith(deps, grant, held.token);
    if (reason !== "reconnect_required") return reason;
    // The access token ended before its time: one more, and no third (RF-10).
    const next = await freshAccessToken(deps, grant, { notVersion: held.version });
    return await askWith(deps, grant, next.token);
  } catch (error) {
    const reason = isEgressError(error) ? reasonOfEgressError(error) : reasonOfRefusal(error);
    if (reason !== null) return reason;
    throw error;
  }
}

async function askWith(deps: Deps, grant: Grant, accessToken: Secret): Promise<ReasonCode | null> {
  const { connection, instanceHost, restHost, soapHost, scopes } = grant;
  const provider = providerOf(connection.provider);
  const hosts = { instanceHost, restHost, soapHost };
  const noted = underProof(connection);
  const claim = { userId: null, orgId: null };
  const proof = await provider.prove(deps, noted, hosts, { accessToken, claim });
  if (proof.kind === "failed") return proof.reason;
  if (!isSameIdentity(grant, proof.identity)) return "wrong_identity";
  return provider.probe(deps, noted, hosts, { accessToken, scopes });
}
