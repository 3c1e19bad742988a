import type { Readable } from "node:stream";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { readAhead } from "#lib/broker/read-ahead.ts";
import { holdsSecret, needleOf } from "#lib/broker/secret-search.ts";
import { type SendDeps, sendWithToken } from "#lib/broker/send-with-token.ts";
import { noteGrantUse } from "#lib/broker/use-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";
import type { AnswerFields } from "#lib/egress/exchange.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { limitOfAnswers, limitsOfCall } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";
import { decideCall } from "#lib/policy/decide-call.ts";
import { proxiedPath } from "#lib/policy/proxied-path.ts";
import type { ProviderRequest, ProviderResponse } from "#lib/providers/operation.ts";
import { OperationFailedError, OperationRefusedError } from "#lib/providers/operation-errors.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";
import { providerOf, proxyDialectOf } from "#lib/providers/registry.ts";
import { findSoapToken } from "#lib/providers/soap-token.ts";

export type RequestDeps = SendDeps & {
  limits: Limits;
  log: Logger;
  hotPool: HotPool;
  clock: Clock;
};

/** Whoever asks: a person by hand, or an agent for its owner. */
export type Asker = Principal | AgentPrincipal;
/** What is asked of an asker here: whose turns are taken. */
export type Caller =
  | Pick<Principal, "kind" | "userId">
  | Pick<AgentPrincipal, "kind" | "keyId" | "ownerId">;

/** An answer is held whole while it is read, so it has a bound (NET-5). */
export const maxAnswerBytes = 16 * 1024 * 1024;

/**
 * Sends one request of an operation with a live token of this grant, and reads its answer whole. Judged as
 * the proxy judges a call: in its normal form, by the provider's call table, by the one decision (MCP-6).
 *
 * @param grant - the asker's own
 * @param isApproved - exactly this request stands in an approved plan; else only reads pass
 * @param isStillWanted - asked in the moment in which the first byte would leave; with false none does
 * @throws {OperationRefusedError} it may not be sent; nothing was
 * @throws {ProxyRefusedError} no turns left, or the answer held the token
 * @throws {OperationFailedError} the answer is larger than is read
 * @throws {StudioError} no token
 * @throws {EgressError} no answer came; its `sentBytes` says whether the request may have arrived
 */
export async function sendRequest(
  deps: RequestDeps,
  asker: Caller,
  grant: Grant,
  request: ProviderRequest,
  {
    signal,
    isApproved = false,
    isStillWanted,
  }: { signal: AbortSignal; isApproved?: boolean; isStillWanted?: () => boolean },
): Promise<ProviderResponse> {
  const { provider } = grant.connection;
  requireSendable(grant, request, { isApproved });
  takeTurn(deps, asker, grant, { isApproved });
  const dialect = proxyDialectOf(provider);
  const host = dialect.hostOf(grant, request.door);
  if (host === null) throw new ProxyRefusedError("broker.no_such_door");
  noteGrantUse(deps, grant);
  const sent = await sendWithToken(deps, grant, {
    dialect,
    door: request.door,
    host,
    method: request.method,
    path: request.path,
    query: request.query,
    headers: headersOf(request),
    body:
      request.body === null
        ? { kind: "none" }
        : { kind: "whole", bytes: Buffer.from(request.body, "utf8") },
    envelope: request.door === "soap" ? envelopeOf(dialect, request) : null,
    signal,
    ...(isStillWanted ? { isStillWanted } : {}),
  });
  const body = await textOf(sent.body);
  if (asker.kind === "agent") {
    deps.limits.take([limitOfAnswers(asker.keyId, Buffer.byteLength(body))]);
  }
  if (holdsSecret(body, sent.tokens.map(needleOf))) {
    deps.log.error("an answer held a token of ours and was stopped", {
      connectionId: grant.connectionId,
    });
    throw new ProxyRefusedError("broker.answer_stopped");
  }
  return { status: sent.status, headers: plainHeaders(sent.headers), body };
}

/**
 * Refuses what `sendRequest` would not send: in its normal form, and passed by the one decision.
 *
 * @returns what the provider's call table says it does
 * @throws {OperationRefusedError}
 */
export function requireSendable(
  grant: Grant,
  request: ProviderRequest,
  { isApproved }: { isApproved: boolean },
): ClassedCall {
  const { method, path, query, contentType, soapAction, door } = request;
  const target = proxiedPath(path, query);
  if (target.kind === "refused" || target.path !== path || target.query !== query) {
    throw new OperationRefusedError(`not in its normal form: ${method} ${path.slice(0, 200)}`);
  }
  const classed = providerOf(grant.connection.provider).calls.classify({
    method,
    path,
    query,
    contentType,
    soapAction,
    door,
    body: request.body === null ? null : Buffer.from(request.body, "utf8"),
  });
  const decision = decideCall({
    class: classed.class,
    mode: "plan",
    mayWriteDirectly: false,
    isApproved,
  });
  if (!decision.allowed) {
    throw new OperationRefusedError(`${classed.class} ${classed.operation} is not let pass here`);
  }
  return classed;
}

function takeTurn(
  { limits }: RequestDeps,
  asker: Caller,
  grant: Grant,
  { isApproved }: { isApproved: boolean },
): void {
  const { connectionId, connection } = grant;
  // What an agent read by any door counts together (BRK-9); an approved write reads nothing of note.
  const answers = asker.kind === "agent" && !isApproved ? [limitOfAnswers(asker.keyId, 0)] : [];
  const turn = limits.take([
    ...limitsOfCall({
      keyId: asker.kind === "agent" ? asker.keyId : asker.userId,
      ownerId: asker.kind === "agent" ? asker.ownerId : asker.userId,
      connectionId,
      provider: connection.provider,
    }),
    ...answers,
  ]);
  if (turn.allowed) return;
  const { retryAfterSeconds } = turn;
  throw new ProxyRefusedError("broker.rate_limited", { retryAfterSeconds });
}

function headersOf({ door, contentType, soapAction, headers }: ProviderRequest) {
  return {
    accept: door === "soap" ? "text/xml" : "application/json",
    ...headers,
    ...(contentType === null ? {} : { "content-type": contentType }),
    ...(soapAction === null ? {} : { soapaction: soapAction }),
  };
}

function envelopeOf(
  { tokenPlace }: ReturnType<typeof proxyDialectOf>,
  { body }: ProviderRequest,
): Extract<ReturnType<typeof findSoapToken>, { kind: "found" }> {
  const found = findSoapToken(Buffer.from(body ?? "", "utf8"), tokenPlace);
  if (found.kind === "found") return found;
  throw new OperationRefusedError(`the envelope has no place for a token: ${found.reason}`);
}

async function textOf(body: Buffer | Readable): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString("utf8");
  const read = await readAhead(body, maxAnswerBytes);
  if (read.isWhole) return read.bytes.toString("utf8");
  body.destroy();
  throw new OperationFailedError(
    "operations.too_much",
    "The provider's answer is larger than the studio reads at once. Ask for less.",
  );
}

const plainHeaders = (fields: AnswerFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
