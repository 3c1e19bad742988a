import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { inTransaction } from "#lib/db/client.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import { isAsNoted } from "#lib/grants/as-noted.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import type { Authorization, CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { sha256 } from "#lib/grants/begin-flow.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import { type FlowFailure, failFlow } from "#lib/grants/fail-flow.ts";
import { claimFlow, type Flow, findFlowByState } from "#lib/grants/flow-repository.ts";
import { queueToken } from "#lib/grants/queue-revocation.ts";
import { clientSecretFor, openForGrant, verifierContext } from "#lib/grants/secrets.ts";
import { settleFlow } from "#lib/grants/settle-flow.ts";
import {
  type AuthorizationResponse,
  parseAuthorizationResponse,
} from "#lib/oauth/authorization-response.ts";
import { exchangeCode } from "#lib/oauth/exchange-code.ts";
import type { TokenAnswer } from "#lib/oauth/token-endpoint.ts";
import type { ConnectionUnderProof, Provider } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { isUnreadable } from "#lib/vault/errors.ts";

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

/** Everything one run needs: what was noted at its start, and what the callback brought. */
type Run = {
  flow: Flow;
  connection: Connection;
  provider: Provider;
  noted: ConnectionUnderProof;
  response: Exclude<AuthorizationResponse, { kind: "malformed" }>;
};

/**
 * Ends a flow: claims it for this one callback before anything else happens, trades the code, proves
 * whose token it is, stores, and only then lets anybody use it (OA-2 to OA-8). What does not match
 * uses nothing up and calls nobody.
 *
 * Does not throw for what a browser or a provider sent; each such end has a reason.
 */
export async function completeFlow(
  deps: CompleteFlowDeps,
  principal: Principal | null,
  callback: Callback,
): Promise<CallbackOutcome> {
  const found = await findRun(deps, principal, callback);
  if ("reason" in found) return { kind: "problem", reason: found.reason };
  const { run, owner, binding } = found;
  if (!(await claim(deps, owner, run, binding))) return whyNotClaimed(deps, run.flow, binding);
  try {
    await end(deps, owner, run);
  } catch (error) {
    await failFlow(deps, owner, run.flow, { reason: "server_error" });
    throw error;
  }
  return { kind: "flow", flowId: run.flow.id, isEnded: true };
}

/** Whose callback is it, and of which flow? Reads only: nothing is used up by a mismatch (OA-3). */
async function findRun(
  deps: CompleteFlowDeps,
  principal: Principal | null,
  callback: Callback,
): Promise<{ reason: ReasonCode } | { run: Run; owner: Principal; binding: string }> {
  const response = parseAuthorizationResponse(callback.params);
  if (response.kind === "malformed") return { reason: "flow_unknown" };
  if (!principal) return { reason: "flow_not_yours" };
  const flow = await findFlowByState(deps.db, sha256(response.state));
  if (!flow || flow.provider !== callback.provider) return { reason: "flow_unknown" };
  const binding = callback.binding(flow.id);
  if (!binding || flow.userId !== principal.userId || flow.sessionId !== principal.sessionId) {
    return { reason: "flow_not_yours" };
  }
  const connection = await findConnection(deps.db, principal, flow.connectionId);
  if (!connection) return { reason: "flow_unknown" };
  if (!isAsNoted(flow, connection)) return { reason: "definition_changed" };
  const noted: ConnectionUnderProof = {
    environment: connection.environment,
    tokenHost: flow.tokenHost,
    accountId: flow.accountId,
  };
  // Another issuer than the one noted: this answer is not ours, with a code or with an error (RFC 9207).
  const issuer = response.params.get("iss");
  if (issuer !== null && issuer !== issuerOf(deps, noted, flow)) {
    return { reason: "answer_not_trusted" };
  }
  const provider = providerOf(flow.provider);
  return { run: { flow, connection, provider, noted, response }, owner: principal, binding };
}

function issuerOf(deps: CompleteFlowDeps, noted: ConnectionUnderProof, flow: Flow): string {
  return deps.addresses.publicBase(noted.environment, flow.authorizeHost);
}

/** The intent is written with the claim: without it no request leaves (AUD-2). */
async function claim(
  deps: CompleteFlowDeps,
  owner: Principal,
  { flow }: Run,
  binding: string,
): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    const isClaimed = await claimFlow(tx, owner, {
      id: flow.id,
      provider: flow.provider,
      bindingHash: sha256(binding),
      now: deps.clock.now(),
    });
    if (!isClaimed) return false;
    await recordEvent(tx, deps, {
      action: "flow.claimed",
      principal: owner,
      target: { kind: "flow", id: flow.id },
      connectionId: flow.connectionId,
      result: "intent",
      detail: { host: flow.tokenHost },
    });
    return true;
  });
}

/** The same browser may see how its flow stands; anybody else learns only that it is not theirs. */
function whyNotClaimed(deps: CompleteFlowDeps, flow: Flow, binding: string): CallbackOutcome {
  if (!Buffer.from(flow.bindingHash).equals(sha256(binding))) {
    return { kind: "problem", reason: "flow_not_yours" };
  }
  const isOver = flow.status === "waiting" && flow.expiresAt <= deps.clock.now();
  return { kind: "flow", flowId: flow.id, isEnded: isOver };
}

async function end(deps: CompleteFlowDeps, owner: Principal, run: Run): Promise<void> {
  const { flow, connection, provider, response } = run;
  if (response.kind === "error") {
    const reason = provider.authorizeErrorMeaning(response.error, response.description);
    await failFlow(deps, owner, flow, { reason, providerCode: response.error });
    return;
  }
  const result = await authorize(deps, owner, run);
  if ("reason" in result) {
    await failFlow(deps, owner, flow, result);
    return;
  }
  try {
    await settleFlow(deps, owner, { flow, connection, authorization: result });
  } catch (error) {
    // A commit whose answer was lost may stand: only where the flow can still fail was nothing stored.
    if (await failFlow(deps, owner, flow, { reason: "server_error" })) {
      await revokeUnused(deps, owner, run, result.refreshToken);
    }
    throw error;
  }
}

async function authorize(
  deps: CompleteFlowDeps,
  owner: Principal,
  run: Run,
): Promise<Authorization | FlowFailure> {
  const { flow, provider, noted } = run;
  let unused: Secret | null = null;
  const giveUp = async (failure: FlowFailure) => {
    if (unused) await revokeUnused(deps, owner, run, unused);
    return failure;
  };
  try {
    const answer = await exchange(deps, owner, run);
    const receivedAtMs = deps.clock.monotonicMs();
    if (answer.kind === "malformed") unused = answer.refreshToken;
    if (answer.kind !== "tokens") return await giveUp(reasonOfAnswer(provider, noted, answer));
    const { accessToken, refreshToken, expiresInSeconds, scopes: granted } = answer.tokens;
    unused = refreshToken ?? accessToken;
    if (!refreshToken) return await giveUp({ reason: "no_refresh_token" });
    const hosts = provider.instanceHosts(deps, noted, answer.tokens);
    const claimed = provider.claimOf(answer.tokens);
    if (!hosts || !claimed) return await giveUp({ reason: "answer_not_trusted" });
    const proof = await provider.prove(deps, noted, hosts, { accessToken, claim: claimed });
    if (proof.kind === "failed") return await giveUp(proof);
    const scopes = granted ?? flow.scopes;
    return {
      accessToken,
      refreshToken,
      receivedAtMs,
      lifetimeMs: (expiresInSeconds ?? provider.defaultAccessTokenSeconds) * 1000,
      scopes,
      missingScopes: provider.missingScopes(flow.scopes, scopes),
      hosts,
      identity: proof.identity,
    };
  } catch (error) {
    if (isEgressError(error)) return giveUp({ reason: reasonOfEgressError(error) });
    if (isUnreadable(error)) return giveUp({ reason: "unreadable_secret" });
    await giveUp({ reason: "server_error" });
    throw error;
  }
}

/** A token that came and is not kept: queued to be ended before its end is asked for. */
async function revokeUnused(
  deps: CompleteFlowDeps,
  owner: Principal,
  { flow, connection }: Run,
  token: Secret,
): Promise<void> {
  const queued = await inTransaction(deps.db, (tx) =>
    queueToken(deps, tx, flow, connection, token),
  );
  await attemptRevocations(deps, owner, [queued]);
}

async function exchange(
  deps: CompleteFlowDeps,
  owner: Principal,
  { flow, connection, provider, noted, response }: Run,
): Promise<TokenAnswer> {
  const codeVerifier = flow.verifierSealed
    ? await openForGrant(deps, owner, flow.verifierSealed, verifierContext(flow), {
        purpose: "code_exchange",
        connectionId: connection.id,
      })
    : null;
  return exchangeCode(deps, {
    target: deps.addresses.target(noted.environment, flow.tokenHost),
    path: provider.tokenPath,
    encoding: provider.tokenEncoding,
    clientId: flow.clientId,
    clientSecret: await clientSecretFor(deps, owner, connection),
    params: response.params,
    state: response.state,
    issuer: issuerOf(deps, noted, flow),
    redirectUri: flow.redirectUri,
    codeVerifier,
    extra: provider.tokenExtra(noted),
  });
}

function reasonOfAnswer(
  provider: Provider,
  noted: ConnectionUnderProof,
  answer: Exclude<TokenAnswer, { kind: "tokens" }>,
): FlowFailure {
  switch (answer.kind) {
    case "refused":
      return { reason: provider.tokenErrorMeaning(answer), providerCode: answer.error };
    case "malformed":
      return { reason: "answer_not_trusted" };
    case "unusable":
      return {
        reason: provider.unusableAnswerMeaning(answer, noted),
        providerCode: String(answer.status),
      };
  }
}
