import type { AgentActivity } from "#lib/agents/agent-activity.ts";
import { admitBody } from "#lib/broker/admit-body.ts";
import {
  type CallBody,
  type ComingBody,
  comingBytes,
  readCallBody,
} from "#lib/broker/call-body.ts";
import { proxyUrl } from "#lib/broker/proxy-address.ts";
import { answerOf, type ProxyAnswer } from "#lib/broker/proxy-answer.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { callRecorder } from "#lib/broker/record-call.ts";
import { type SendDeps, type SentAnswer, sendWithToken } from "#lib/broker/send-with-token.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { noteGrantUse } from "#lib/broker/use-repository.ts";
import type { WriteEventDeps } from "#lib/broker/write-events.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import type { EgressMethod } from "#lib/egress/outgoing-request.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import type { Usage } from "#lib/grants/usage.ts";
import { limitOfAnswers, limitsOfCall } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";
import { decideCall } from "#lib/policy/decide-call.ts";
import { proxiedRequestHeaders, type RawHeaders } from "#lib/policy/proxied-headers.ts";
import { proxiedPath } from "#lib/policy/proxied-path.ts";
import type { CallHead, ClassedCall } from "#lib/providers/proxied-call.ts";
import type { ProxyDialect, ProxyDoor } from "#lib/providers/proxy-dialect.ts";
import { providerOf, proxyDialectOf } from "#lib/providers/registry.ts";
import { type FoundSoapToken, findSoapToken } from "#lib/providers/soap-token.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

export type ProxyDeps = SendDeps &
  UsableGrantDeps &
  WriteEventDeps & {
    studioUrl: string;
    log: Logger;
    metrics: Metrics;
    limits: Limits;
    usage: Usage;
    agentActivity: AgentActivity;
  };

/** An agent's call as it came in. */
export type IncomingCall = {
  connectionId: string;
  door: ProxyDoor;
  method: EgressMethod;
  rawPath: string;
  rawQuery: string;
  rawHeaders: RawHeaders;
  body: ComingBody | null;
  requestId: string;
  /** Aborted when the agent has left, or does not count any more. */
  signal: AbortSignal;
  /** Who calls, as everything stands by then. Throws where they do not count any more. */
  callerNow(): Promise<AgentPrincipal>;
};

/** What became known of a call on its way, for whoever words its failure or counts it. */
export type CallFacts = {
  provider: ProviderName | null;
  /** Of the answer, as far as it has gone out. */
  bytes: number;
  /** In it, where rows show themselves. */
  rows: number;
} & ClassedCall;

/**
 * Passes an agent's call to the provider with its owner's token, and the answer back (BRK-4 to BRK-9).
 * The path is normalised once: what was judged is what is sent. Reads pass, plain writes where the owner
 * allows them, nothing else. Writes are recorded before and after; reads are counted, and show as the
 * grant's last use: an event for each would bury the trail, and cost a commit a call.
 *
 * @param facts - filled in on the way
 * @throws {BudgetSpentError} the agent has used up its day
 * @throws {StudioError} the call was not passed on, or brought no answer
 */
export async function proxyCall(
  deps: ProxyDeps,
  caller: AgentPrincipal,
  call: IncomingCall,
  facts: CallFacts,
): Promise<ProxyAnswer> {
  const { provider } = (await usableGrant(deps, caller, call.connectionId)).connection;
  facts.provider = provider;
  const dialect = proxyDialectOf(provider);
  takeTurn(deps, caller, call.connectionId, provider);
  await deps.agentActivity.admit(caller);
  const { head, headers } = judgedHead(call);
  const { calls } = providerOf(provider);
  const isJudged = call.door === "soap" || calls.needsBody(head);
  if (isJudged) admitBody(deps, caller, comingBytes(call.body));
  const body = await readCallBody(call.body, isJudged);
  const envelope = call.door === "soap" ? envelopeOf(dialect, body) : null;
  const classed = calls.classify({ ...head, body: body.kind === "whole" ? body.bytes : null });
  Object.assign(facts, classed);
  // A body takes as long as its sender likes: what was taken back meanwhile counts (BRK-11).
  const agent = body.kind === "none" ? caller : await call.callerNow();
  const grant = await usableGrant(deps, agent, call.connectionId);
  requirePermission(deps, agent, call.connectionId, classed);

  const record = callRecorder(deps, agent, grant, call, classed);
  await record.intent();
  noteGrantUse(deps, grant);
  let sent: SentAnswer;
  try {
    sent = await sendWithToken(deps, grant, {
      dialect,
      door: call.door,
      host: hostOf(dialect, grant, call.door),
      method: call.method,
      path: head.path,
      query: head.query,
      headers,
      body,
      envelope,
      signal: call.signal,
    });
  } catch (error) {
    record.failed(error);
    deps.usage.note(usageOf(grant), { kind: "call", problem: problemOfError(error) });
    throw isEgressError(error) ? worded(error) : error;
  }
  record.answered(sent.status);
  const problem = problemOfAnswer(dialect, call.door, sent.status);
  deps.usage.note(usageOf(grant), { kind: "call", problem });
  return answerOf(deps, sent, {
    dialect,
    door: call.door,
    path: head.path,
    method: call.method,
    connection: grant.connection,
    mountedAt: proxyUrl(deps.studioUrl, call.connectionId, call.door),
    stopped: () => record.stopped(),
    passed: (bytes, rows) => {
      facts.bytes += bytes;
      facts.rows += rows;
      deps.limits.take([limitOfAnswers(agent.keyId, bytes)]);
    },
  });
}

const usageOf = ({ id, connectionId, teamId }: Grant) => ({ grantId: id, connectionId, teamId });
/** Why the connection failed a call; one that is refused for what it asks is no fault of it. */
function problemOfAnswer(dialect: ProxyDialect, door: ProxyDoor, status: number): string | null {
  const isFault = status === 401 || status === 429 || status >= 500;
  return isFault ? dialect.meaningOf({ door, path: "", status, body: "" }) : null;
}
function problemOfError(error: unknown): string {
  if (isEgressError(error)) return reasonOfEgressError(error);
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "server_error";
}

/** Path, query and headers as they will be sent; what the call table looks at. */
function judgedHead(call: IncomingCall): { head: CallHead; headers: Record<string, string> } {
  const target = proxiedPath(call.rawPath, withoutOwnToken(call));
  if (target.kind === "refused") {
    const { code, userMessage } = target;
    throw new ProxyRefusedError({ code, status: 400, userMessage });
  }
  const screened = proxiedRequestHeaders(call.rawHeaders);
  if (screened.kind === "refused") {
    const { code, userMessage } = screened;
    throw new ProxyRefusedError({ code, status: 400, userMessage });
  }
  const { headers } = screened;
  return {
    headers,
    head: {
      method: call.method,
      path: target.path,
      query: target.query,
      contentType: headers["content-type"] ?? null,
      soapAction: headers.soapaction ?? null,
      door: call.door,
    },
  };
}

/** jsforce asks the identity service with its token in the address: that one goes no further. */
const withoutOwnToken = ({ door, rawPath, rawQuery }: IncomingCall): string =>
  door === "rest" && /^\/+id\//i.test(rawPath)
    ? rawQuery
        .split("&")
        .filter((pair) => !/^oauth_token=/i.test(pair))
        .join("&")
    : rawQuery;

function envelopeOf(
  dialect: ProxyDialect,
  body: CallBody,
): Extract<FoundSoapToken, { kind: "found" }> {
  const bytes = body.kind === "whole" ? body.bytes : Buffer.alloc(0);
  const found = findSoapToken(bytes, dialect.tokenPlace);
  if (found.kind === "refused") {
    throw new ProxyRefusedError("broker.soap_refused", { cause: new Error(found.reason) });
  }
  return found;
}

function requirePermission(
  deps: ProxyDeps,
  agent: AgentPrincipal,
  connectionId: string,
  classed: ClassedCall,
): void {
  const until = agent.connections.get(connectionId)?.directWritesUntil ?? null;
  const decision = decideCall({
    class: classed.class,
    mode: agent.mode,
    mayWriteDirectly: until !== null && until > deps.clock.now(),
  });
  if (decision.allowed) return;
  const { code, userMessage } = decision;
  throw new ProxyRefusedError({ code, status: 403, userMessage, remedy: { do: "ask-admin" } });
}

function hostOf(dialect: ProxyDialect, grant: Grant, door: ProxyDoor): string {
  const host = dialect.hostOf(grant, door);
  if (host === null) throw new ProxyRefusedError("broker.no_such_door");
  return host;
}

/** An outbound failure in words for who waits; the kind stays with us (NET-6). */
function worded(error: Error & { kind?: string }): Error {
  if (error.kind === "timeout")
    return new ProxyRefusedError("broker.provider_timeout", { cause: error });
  if (error.kind === "request_too_large") {
    return new ProxyRefusedError("broker.body_too_large", { cause: error });
  }
  if (error.kind === "request_cut")
    return new ProxyRefusedError("broker.body_broken", { cause: error });
  return error;
}

/**
 * BRK-10: each key, connection, owner and provider has its turns, over all instances.
 *
 * @throws {ProxyRefusedError} one of them has none left
 */
export function takeTurn(
  deps: { limits: Limits },
  { keyId, ownerId }: AgentPrincipal,
  connectionId: string,
  provider: ProviderName,
): void {
  const turn = deps.limits.take([
    ...limitsOfCall({ keyId, ownerId, connectionId, provider }),
    limitOfAnswers(keyId, 0),
  ]);
  if (turn.allowed) return;
  const { retryAfterSeconds } = turn;
  throw new ProxyRefusedError("broker.rate_limited", { retryAfterSeconds });
}
