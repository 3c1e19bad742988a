import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import { NoAccessTokenError } from "#lib/grants/errors.ts";
import { findTeamGrant, type Grant, noteUse } from "#lib/grants/grant-repository.ts";
import { isSameIdentity } from "#lib/grants/identity.ts";
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
  accessTokens: AccessTokens;
};

/**
 * Asks the provider again whose grant this is, and then for one harmless read. The owner's own, only: nobody else acts with it.
 *
 * @throws {NotFoundError} absent, or another person's
 * @throws {NoAccessTokenError} nothing live to ask with
 */
export async function testGrant(
  deps: Deps,
  principal: Principal,
  grantId: string,
): Promise<TestResult> {
  const grant = await findTeamGrant(deps.db, principal, grantId);
  if (!grant || grant.userId !== principal.userId) throw new NotFoundError();
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
  const held = grant.state === "active" ? await deps.accessTokens.find(grant) : null;
  if (!held) throw new NoAccessTokenError(grant.connectionId);
  const { connection, instanceHost, restHost, soapHost } = grant;
  const provider = providerOf(connection.provider);
  try {
    const hosts = { instanceHost, restHost, soapHost };
    const noted = underProof(connection);
    const proof = await provider.prove(deps, noted, hosts, {
      accessToken: held.token,
      claim: { userId: null, orgId: null },
    });
    if (proof.kind === "failed") return proof.reason;
    if (!isSameIdentity(grant, proof.identity)) return "wrong_identity";
    return await provider.probe(deps, noted, hosts, {
      accessToken: held.token,
      scopes: grant.scopes,
    });
  } catch (error) {
    if (isEgressError(error)) return reasonOfEgressError(error);
    throw error;
  }
}
