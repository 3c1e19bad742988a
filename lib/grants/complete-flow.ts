import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Env } from "#lib/core/env.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { sha256 } from "#lib/grants/begin-flow.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import { claimFlow, type Flow, findFlowByState, moveFlow } from "#lib/grants/flow-repository.ts";
import {
  clientSecretFor,
  openForGrant,
  type VaultDeps,
  verifierContext,
} from "#lib/grants/secrets.ts";
import { settleFlow } from "#lib/grants/settle-flow.ts";
import { parseAuthorizationResponse } from "#lib/oauth/authorization-response.ts";
import { exchangeCode, IssuerMismatchError, type TokenAnswer } from "#lib/oauth/exchange-code.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type {
  ConnectionUnderProof,
  InstanceHosts,
  Provider,
  ProviderIdentity,
} from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

export type CompleteFlowDeps = VaultDeps & {
  db: Database;
  egress: Egress;
  addresses: ProviderAddresses;
  settings: Pick<Env, "salesforce">;
  accessTokens: AccessTokens;
};

export type Callback = {
  /** Of the path that was called (OA-5). */
  provider: ProviderName;
  params: URLSearchParams;
  /** The flow's own cookie, by the flow's id. */
  binding(flowId: string): string | null;
};

/** Where the browser goes next: to the flow's own page, or to a page that says why not. */
export type CallbackOutcome =
  | { kind: "flow"; flowId: string; isEnded: boolean }
  | { kind: "problem"; reason: ReasonCode };

/** A person's authorization, proven and not yet stored. */
export type Authorization = {
  accessToken: Secret;
  refreshToken: Secret;
  lifetimeSeconds: number;
  scopes: string[];
  missingScopes: string[];
  hosts: InstanceHosts;
  identity: ProviderIdentity;
};

type Failure = { reason: ReasonCode; providerCode?: string | null };

/**
 * Ends a flow: claims it for this one callback before anything else happens, trades the code, proves
 * whose token it is, stores, and only then lets anybody use it (OA-2 to OA-8). What does not match
 * uses nothing up and calls nobody.
 *
 * Never throws for what a browser or a provider sent; each such end has a reason.
 */
export async function completeFlow(
  deps: CompleteFlowDeps,
  principal: Principal | null,
  callback: Callback,
): Promise<CallbackOutcome> {
  const response = parseAuthorizationResponse(callback.params);
  if (response.kind === "malformed") return { kind: "problem", reason: "flow_unknown" };
  if (!principal) return { kind: "problem", reason: "flow_not_yours" };
  const flow = await findFlowByState(deps.db, sha256(response.state));
  if (!flow || flow.provider !== callback.provider) {
    return { kind: "problem", reason: "flow_unknown" };
  }
  const binding = callback.binding(flow.id);
  if (!binding || flow.userId !== principal.userId || flow.sessionId !== principal.sessionId) {
    return { kind: "problem", reason: "flow_not_yours" };
  }
  const isClaimed = await claimFlow(deps.db, principal, {
    id: flow.id,
    provider: callback.provider,
    bindingHash: sha256(binding),
    now: deps.clock.now(),
  });
  if (!isClaimed) return whyNotClaimed(deps, flow, binding);

  const provider = providerOf(flow.provider);
  if (response.kind === "error") {
    await failFlow(deps, principal, flow, {
      reason: provider.authorizeErrorMeaning(response.error, response.description),
      providerCode: response.error,
    });
    return { kind: "flow", flowId: flow.id, isEnded: true };
  }
  const connection = await findConnection(deps.db, principal, flow.connectionId);
  if (!connection) return { kind: "problem", reason: "flow_unknown" };
  const result = await authorize(deps, principal, { flow, connection, provider, ...response });
  if ("reason" in result) {
    await failFlow(deps, principal, flow, result);
    return { kind: "flow", flowId: flow.id, isEnded: true };
  }
  try {
    await settleFlow(deps, principal, { flow, connection, authorization: result });
  } catch (error) {
    // What could not be stored is nobody's: the flow shows as interrupted, the tokens are ended.
    const noted = { environment: connection.environment, ...flow };
    await revokeQuietly(deps, provider, noted, result.refreshToken);
    throw error;
  }
  return { kind: "flow", flowId: flow.id, isEnded: true };
}

/** The same browser may see how its flow stands; anybody else learns only that it is not theirs. */
function whyNotClaimed(deps: CompleteFlowDeps, flow: Flow, binding: string): CallbackOutcome {
  if (!Buffer.from(flow.bindingHash).equals(sha256(binding))) {
    return { kind: "problem", reason: "flow_not_yours" };
  }
  const isOver = flow.status === "waiting" && flow.expiresAt <= deps.clock.now();
  return { kind: "flow", flowId: flow.id, isEnded: isOver };
}

async function authorize(
  deps: CompleteFlowDeps,
  principal: Principal,
  run: {
    flow: Flow;
    connection: Connection;
    provider: Provider;
    params: URLSearchParams;
    state: string;
  },
): Promise<Authorization | Failure> {
  const { flow, connection, provider } = run;
  const noted: ConnectionUnderProof = {
    environment: connection.environment,
    tokenHost: flow.tokenHost,
    accountId: flow.accountId,
  };
  let revocable: Secret | null = null;
  const giveUp = async (failure: Failure) => {
    if (revocable) await revokeQuietly(deps, provider, noted, revocable);
    return failure;
  };
  try {
    const answer = await exchange(deps, principal, run, noted);
    if (answer.kind !== "tokens") return reasonOfAnswer(provider, answer);
    const { tokens } = answer;
    revocable = tokens.refreshToken ?? tokens.accessToken;
    if (!tokens.refreshToken) return await giveUp({ reason: "no_refresh_token" });
    const hosts = provider.instanceHosts(deps, noted, tokens);
    const claim = provider.claimOf(tokens);
    if (!hosts || !claim) return await giveUp({ reason: "answer_not_trusted" });
    const { accessToken } = tokens;
    const proof = await provider.prove(deps, noted, hosts, { accessToken, claim });
    if (proof.kind === "failed") return await giveUp(proof);
    const scopes = tokens.scopes ?? flow.scopes;
    return {
      accessToken,
      refreshToken: tokens.refreshToken,
      lifetimeSeconds: tokens.expiresInSeconds ?? provider.defaultAccessTokenSeconds,
      scopes,
      missingScopes: provider.missingScopes(flow.scopes, scopes),
      hosts,
      identity: proof.identity,
    };
  } catch (error) {
    if (isEgressError(error)) return giveUp({ reason: reasonOfEgressError(error) });
    if (error instanceof IssuerMismatchError) return giveUp({ reason: "answer_not_trusted" });
    throw error;
  }
}

async function exchange(
  deps: CompleteFlowDeps,
  principal: Principal,
  run: {
    flow: Flow;
    connection: Connection;
    provider: Provider;
    params: URLSearchParams;
    state: string;
  },
  noted: ConnectionUnderProof,
): Promise<TokenAnswer> {
  const { flow, connection, provider } = run;
  const codeVerifier = flow.verifierSealed
    ? await openForGrant(deps, principal, flow.verifierSealed, verifierContext(flow), {
        purpose: "code_exchange",
        connectionId: connection.id,
      })
    : null;
  return exchangeCode(deps, {
    target: deps.addresses.target(noted.environment, flow.tokenHost),
    path: provider.tokenPath,
    encoding: provider.tokenEncoding,
    clientId: flow.clientId,
    clientSecret: await clientSecretFor(deps, principal, connection),
    params: run.params,
    state: run.state,
    issuer: deps.addresses.publicBase(noted.environment, flow.authorizeHost),
    redirectUri: flow.redirectUri,
    codeVerifier,
    extra: provider.tokenExtra(noted),
  });
}

function reasonOfAnswer(
  provider: Provider,
  answer: Exclude<TokenAnswer, { kind: "tokens" }>,
): Failure {
  switch (answer.kind) {
    case "refused":
      return { reason: provider.tokenErrorMeaning(answer), providerCode: answer.error };
    case "malformed":
      return { reason: "answer_not_trusted" };
    case "unusable":
      return {
        reason: answer.status === 429 ? "rate_limited" : "provider_down",
        providerCode: String(answer.status),
      };
  }
}

/** Tokens that nobody will use are ended where that can be done; a failure changes nothing for the person. */
async function revokeQuietly(
  deps: CompleteFlowDeps,
  provider: Provider,
  noted: ConnectionUnderProof,
  token: Secret,
): Promise<void> {
  if (!provider.revocation.offered) return;
  await provider.revocation.revoke(deps, noted, token).catch(() => false);
}

async function failFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  flow: Flow,
  failure: Failure,
): Promise<void> {
  const providerCode = plainCode(failure.providerCode ?? null);
  await inTransaction(deps.db, async (tx) => {
    const at = deps.clock.now();
    const isMoved = await moveFlow(
      tx,
      flow.id,
      "exchanging",
      { status: "failed", reason: failure.reason, providerCode },
      at,
    );
    if (!isMoved) return;
    await recordEvent(tx, deps, {
      action: "flow.failed",
      principal,
      target: { kind: "flow", id: flow.id },
      connectionId: flow.connectionId,
      result: "failed",
      detail: { reason: failure.reason, providerCode },
    });
  });
}

const maxProviderCodeLength = 80;

/** A stranger's code, cut to plain characters before it is kept (OA-7). */
function plainCode(code: string | null): string | null {
  const plain = code?.replace(/[^A-Za-z0-9 _.-]/g, "").slice(0, maxProviderCodeLength);
  return plain || null;
}
