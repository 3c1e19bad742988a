import type { Readable } from "node:stream";
import { type CallBody, maxRequestBytes } from "#lib/broker/call-body.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { readAhead } from "#lib/broker/read-ahead.ts";
import type { Egress } from "#lib/egress/egress.ts";
import type { AnswerFields } from "#lib/egress/exchange.ts";
import type { EgressMethod } from "#lib/egress/outgoing-request.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { ProxyDialect, ProxyDoor } from "#lib/providers/proxy-dialect.ts";
import { type FoundSoapToken, withSoapToken } from "#lib/providers/soap-token.ts";

export type SendDeps = Parameters<typeof freshAccessToken>[0] & {
  egress: Egress;
  addresses: ProviderAddresses;
};

/** A call that may be made, all but its token. */
export type ReadyCall = {
  dialect: ProxyDialect;
  door: ProxyDoor;
  host: string;
  method: EgressMethod;
  /** Normalised: sent as it is. */
  path: string;
  query: string;
  headers: Readonly<Record<string, string>>;
  body: CallBody;
  /** SOAP's body, with the place of its token. */
  envelope: Extract<FoundSoapToken, { kind: "found" }> | null;
  signal: AbortSignal;
  /** Asked in the moment in which the first byte would leave, of each try: with false none does. */
  isStillWanted?(): boolean;
};

export type SentAnswer = {
  status: number;
  headers: AnswerFields;
  /** A refused answer's beginning: all of it, where it is not longer than what is looked at. */
  body: Buffer | Readable;
  /** The tokens that went out for it: none of them may come back. */
  tokens: string[];
  host: string;
};

/** Large answers are streamed; of the small ones and of refusals this much is held at once. */
export const maxHeldBytes = 64 * 1024;
const limits = {
  /** Salesforce ends queries after two minutes itself. */
  headersMs: 125_000,
  totalMs: 600_000,
  maxBodyBytes: 512 * 1024 * 1024,
  maxRequestBytes,
};

/**
 * Sends a call with a live token. An answer that says the token has ended costs one refresh, shared with
 * everybody who met the same token (RF-10), and one second try, with the new token also inside SOAP's
 * envelope. What then comes back is the answer, whatever it says.
 *
 * @throws {ProxyRefusedError} the token is new, but the body was too large to send again
 * @throws {EgressError} no answer
 */
export async function sendWithToken(
  deps: SendDeps,
  grant: Grant,
  call: ReadyCall,
): Promise<SentAnswer> {
  const first = await freshAccessToken(deps, grant);
  const token = first.token.reveal();
  const answer = await sendOnce(deps, grant, call, token);
  if (!(await saysTokenEnded(call, answer))) return { ...answer, tokens: [token] };
  const second = await freshAccessToken(deps, grant, { notVersion: first.version });
  if (call.body.kind === "streamed") throw new ProxyRefusedError("broker.try_again");
  const newToken = second.token.reveal();
  const again = await sendOnce(deps, grant, call, newToken);
  await saysTokenEnded(call, again);
  return { ...again, tokens: [token, newToken] };
}

type OneAnswer = Omit<SentAnswer, "tokens">;

async function sendOnce(
  deps: SendDeps,
  grant: Grant,
  call: ReadyCall,
  token: string,
): Promise<OneAnswer> {
  const { envelope, body, host } = call;
  const answer = await deps.egress.stream({
    target: deps.addresses.target(grant.connection.environment, host),
    method: call.method,
    path: call.query === "" ? call.path : `${call.path}?${call.query}`,
    headers: envelope ? call.headers : { ...call.headers, authorization: `Bearer ${token}` },
    ...(envelope ? { body: withSoapToken(envelope, token) } : bodyOf(body)),
    limits,
    signal: call.signal,
    ...(call.isStillWanted ? { isStillWanted: call.isStillWanted } : {}),
    holdBytes: call.method === "HEAD" ? -1 : maxHeldBytes,
  });
  return { status: answer.status, headers: answer.headers, body: answer.body, host };
}

function bodyOf(body: CallBody): { body?: Buffer | Readable; bodyBytes?: number } {
  if (body.kind === "none") return {};
  if (body.kind === "whole") return { body: body.bytes };
  return { body: body.stream, ...(body.bytes === null ? {} : { bodyBytes: body.bytes }) };
}

/** Looks into an answer that refuses; the bytes looked at stay with it. */
async function saysTokenEnded(call: ReadyCall, answer: OneAnswer): Promise<boolean> {
  if (answer.status < 400) return false;
  if (!Buffer.isBuffer(answer.body)) {
    const read = await readAhead(answer.body, maxHeldBytes);
    if (!read.isWhole) return false;
    answer.body = read.bytes;
  }
  const { dialect, door, path } = call;
  const body = answer.body.toString("utf8");
  return dialect.saysTokenEnded({ door, path, status: answer.status, body });
}
