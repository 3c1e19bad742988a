import type { IncomingMessage, ServerResponse } from "node:http";
import { noteAccess, noteCaller } from "#lib/agent-api/access-log.ts";
import { credentialOf } from "#lib/agent-api/bearer.ts";
import { type DropInHandlerDeps, handleDropIn } from "#lib/agent-api/drop-in.ts";
import { NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import type { Exchange } from "#lib/agent-api/exchange.ts";
import { networkOf } from "#lib/agent-api/network-of.ts";
import { likelyProvider, refuseProxied } from "#lib/agent-api/proxy-refusal.ts";
import { sendAnswer } from "#lib/agent-api/send-answer.ts";
import { admitCaller } from "#lib/broker/admit-caller.ts";
import { authenticateCaller, type CallerDeps } from "#lib/broker/authenticate-caller.ts";
import { type ComingBody, readBeginning, readCallBody } from "#lib/broker/call-body.ts";
import { PROXY_PREFIX, type ProxyAddress, parseProxyAddress } from "#lib/broker/proxy-address.ts";
import { type CallFacts, proxyCall } from "#lib/broker/proxy-call.ts";
import { watchCaller } from "#lib/broker/watch-caller.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { statusClassOf } from "#lib/core/metrics.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Tracer } from "#lib/core/tracing.ts";
import type { EgressMethod } from "#lib/egress/outgoing-request.ts";
import { unknownCall } from "#lib/providers/proxied-call.ts";
import type { ProxyDoor } from "#lib/providers/proxy-dialect.ts";
import { proxyDialectOf } from "#lib/providers/registry.ts";
import { findSoapToken, soapTokenLikely } from "#lib/providers/soap-token.ts";

export { PROXY_PREFIX };

export type ProxyHandlerDeps = DropInHandlerDeps & { tracer: Tracer };
type ProxiedAddress = ProxyAddress & { door: ProxyDoor };

/**
 * Handles a call of the proxy from Node's own request to Node's own response: the provider's answer, or
 * a refusal of ours in the provider's own shape, so that existing clients show its words.
 *
 * @throws {NotFoundError} no address of the proxy; the app makes a problem of it
 */
export async function handleProxyCall(deps: ProxyHandlerDeps, exchange: Exchange): Promise<void> {
  const address = parseProxyAddress(exchange.req.url ?? "");
  if (address === null) throw new NotFoundError();
  if (address.door === "auth") await handleDropIn(deps, exchange, address);
  else {
    const { door } = address;
    await deps.tracer.span("proxy call", exchange.requestId, () =>
      handleCall(deps, exchange, { ...address, door }),
    );
  }
}

async function handleCall(
  deps: ProxyHandlerDeps,
  exchange: Exchange,
  address: ProxiedAddress,
): Promise<void> {
  const { req, res, requestId } = exchange;
  const { door, connectionId } = address;
  const startedMs = deps.clock.monotonicMs();
  const facts: CallFacts = { provider: null, bytes: 0, rows: 0, ...unknownCall };
  let caller: AgentPrincipal | null = null;
  const givenUp = new AbortController();
  let hasEnded = false;
  let unwatch = () => {};
  res.once("close", () => {
    unwatch();
    if (!res.writableFinished) givenUp.abort();
  });
  noteAccess(res, { connectionId });
  const count = (outcome: Outcome, status: number, code: string | null = null) => {
    noteAccess(res, { class: facts.class });
    if (facts.provider === null || caller === null) return;
    const durationMs = deps.clock.monotonicMs() - startedMs;
    deps.agentActivity.note(caller, {
      door: "proxy",
      connectionId,
      operation: facts.operation,
      effect: facts.class,
      status: code === null && status > 0 ? status : null,
      code,
      durationMs,
      rows: facts.rows,
      bytes: facts.bytes,
    });
    const of = { provider: facts.provider, class: facts.class };
    const counted = { ...of, outcome, status: statusClassOf(status) };
    deps.metrics.count("studio_proxy_calls_total", counted);
    deps.tracer.note(counted);
    deps.metrics.observe("studio_proxy_duration_seconds", of, durationMs / 1000);
  };
  try {
    const { agent, credential, body } = await callerOf(deps, exchange, address);
    noteCaller(res, agent);
    caller = agent;
    unwatch = watchCaller(deps, { agent, credential, connectionId }, () => {
      hasEnded = true;
      givenUp.abort();
      if (res.headersSent) res.destroy();
    });
    if (res.closed) unwatch();
    const { method, rawHeaders } = req;
    const { rawPath, rawQuery } = address;
    const answer = await proxyCall(
      deps,
      agent,
      {
        ...{ connectionId, door, rawPath, rawQuery, rawHeaders, body, requestId },
        method: method as EgressMethod, // the app has screened it
        signal: givenUp.signal,
        callerNow: () => requireCaller(deps, credential),
      },
      facts,
    );
    await sendAnswer(deps, exchange, answer);
    count("passed", answer.status);
  } catch (error) {
    if (givenUp.signal.aborted && !hasEnded) return count("failed", 0);
    const reason = hasEnded ? new NotAuthenticatedError(true) : error;
    const refused = refuseProxied(deps, exchange, reason, { address, provider: facts.provider });
    count(outcomeOf(refused), refused.status, refused.code);
  }
}

type Outcome = "passed" | "plan_required" | "refused" | "limited" | "failed";

function outcomeOf({ code, status }: { code: string; status: number }): Outcome {
  if (code === "broker.plan_required") return "plan_required";
  if (status === 429) return "limited";
  return status >= 500 ? "failed" : "refused";
}

/**
 * Whoever calls: by the header or, as SOAP's clients do it, by the token in the envelope's header alone.
 *
 * @throws {NotAuthenticatedError}
 */
async function callerOf(
  deps: ProxyHandlerDeps,
  { req, res }: Exchange,
  address: ProxiedAddress,
): Promise<{ agent: AgentPrincipal; credential: string; body: ComingBody | null }> {
  const { authorization } = req.headers;
  let credential = credentialOf(authorization);
  let body = comingBody(req, res);
  if (authorization === undefined && address.door === "soap") {
    ({ credential, body } = await credentialInside(deps, body, address));
  }
  const agent = credential === null ? null : await authenticateCaller(deps, credential);
  deps.metrics.count("studio_agent_sign_ins_total", { outcome: agent ? "accepted" : "refused" });
  if (!agent || credential === null) throw new NotAuthenticatedError(credential !== null);
  if (!(await admitCaller(deps, agent, networkOf(deps, req))))
    throw new NotAuthenticatedError(true);
  return { agent, credential, body };
}

/** An envelope's own token; of nobody's envelope no more than the beginning is read (WEB-10). */
async function credentialInside(
  deps: CallerDeps,
  coming: ComingBody | null,
  address: ProxiedAddress,
): Promise<{ credential: string | null; body: ComingBody | null }> {
  if (coming?.kind !== "coming") return { credential: null, body: coming };
  const { tokenPlace } = proxyDialectOf(likelyProvider(address));
  const { beginning, body } = await readBeginning(coming);
  const likely = soapTokenLikely(beginning, tokenPlace);
  if (likely === null || (await authenticateCaller(deps, likely)) === null) {
    return { credential: likely, body };
  }
  const whole = await readCallBody(body, true);
  const bytes = whole.kind === "whole" ? whole.bytes : Buffer.alloc(0);
  const found = findSoapToken(bytes, tokenPlace);
  const credential = found.kind === "found" ? found.token : null;
  return { credential, body: { kind: "read", bytes } };
}

async function requireCaller(deps: CallerDeps, credential: string): Promise<AgentPrincipal> {
  const agent = await authenticateCaller(deps, credential);
  if (agent === null) throw new NotAuthenticatedError(true);
  return agent;
}

function comingBody(req: IncomingMessage, res: ServerResponse): ComingBody | null {
  const { "content-length": length, "transfer-encoding": encoding, expect } = req.headers;
  const bytes = length === undefined ? null : Number(length);
  if (encoding === undefined && (bytes === null || bytes === 0)) return null;
  return {
    kind: "coming",
    stream: req,
    bytes,
    begin: () => {
      if (expect?.toLowerCase() === "100-continue" && !res.headersSent) res.writeContinue();
    },
  };
}
