import { credentialOf } from "#lib/agent-api/bearer.ts";
import { NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import type { Exchange } from "#lib/agent-api/exchange.ts";
import { networkOf } from "#lib/agent-api/network-of.ts";
import { proxyHeaders, refuseProxied } from "#lib/agent-api/proxy-refusal.ts";
import { sendAnswer } from "#lib/agent-api/send-answer.ts";
import { admitCaller } from "#lib/broker/admit-caller.ts";
import { authenticateCaller, type CallerDeps } from "#lib/broker/authenticate-caller.ts";
import {
  type DropInDeps,
  dropInToken,
  readTokenFields,
  TokenRefusedError,
} from "#lib/broker/drop-in-token.ts";
import { dropInUserinfo } from "#lib/broker/drop-in-userinfo.ts";
import type { ProxyAddress } from "#lib/broker/proxy-address.ts";
import type { ProxyAnswer } from "#lib/broker/proxy-answer.ts";
import type { ProxyDeps } from "#lib/broker/proxy-call.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { readAhead } from "#lib/broker/read-ahead.ts";

export type DropInHandlerDeps = DropInDeps & CallerDeps & ProxyDeps;

const maxTokenRequestBytes = 16 * 1024;
const documentation = "https://developer.salesforce.com/docs";
// sfmc-sdk, and mcdev with it, takes an auth address only where a tenant's own stands in it.
const route =
  /^\/+(?:https:\/+[a-z0-9-]{1,63}\.auth\.marketingcloudapis\.com\/+)?v2\/+(token|userinfo)\/*$/i;

/**
 * The tenant's auth host for clients of Marketing Cloud: `v2/token` and `v2/userinfo`, nothing else.
 * Refusals of a token request are the provider's; others are as everywhere under the proxy.
 */
export async function handleDropIn(
  deps: DropInHandlerDeps,
  exchange: Exchange,
  address: ProxyAddress,
): Promise<void> {
  const { req, res } = exchange;
  const agentLeft = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) agentLeft.abort();
  });
  try {
    const asked = route.exec(address.rawPath)?.[1]?.toLowerCase();
    if (asked === "token" && req.method === "POST") {
      sendJson(deps, exchange, 200, await tokenFor(deps, exchange, address));
    } else if (asked === "userinfo" && req.method === "GET") {
      const answer = await userinfoFor(deps, exchange, address, agentLeft.signal);
      await sendAnswer(deps, exchange, answer);
    } else throw new ProxyRefusedError("broker.no_such_door");
  } catch (error) {
    if (agentLeft.signal.aborted) return;
    if (error instanceof TokenRefusedError) {
      const { status, error: name, userMessage, code } = error;
      const body = { error: name, error_description: userMessage, error_uri: documentation };
      sendJson(deps, exchange, status, body, { "x-studio-refused": "1", "x-studio-code": code });
    } else refuseProxied(deps, exchange, error, { address, provider: "marketing-cloud" });
  }
}

async function tokenFor(
  deps: DropInHandlerDeps,
  { req, requestId }: Exchange,
  { connectionId }: ProxyAddress,
) {
  const { bytes, isWhole } = await readAhead(req, maxTokenRequestBytes);
  if (!isWhole) throw new TokenRefusedError(413, "invalid_request", "The request is too large.");
  const fields = readTokenFields(req.headers["content-type"] ?? "", bytes);
  return dropInToken(deps, connectionId, fields, { requestId, network: networkOf(deps, req) });
}

async function userinfoFor(
  deps: DropInHandlerDeps,
  { req }: Exchange,
  { connectionId }: ProxyAddress,
  signal: AbortSignal,
): Promise<ProxyAnswer> {
  const credential = credentialOf(req.headers.authorization);
  const agent = credential && (await authenticateCaller(deps, credential));
  if (!agent || !(await admitCaller(deps, agent, networkOf(deps, req)))) {
    throw new NotAuthenticatedError(credential !== null);
  }
  return dropInUserinfo(deps, agent, { connectionId, signal });
}

function sendJson(
  deps: { studioUrl: string },
  { req, res, requestId }: Exchange,
  status: number,
  body: object,
  more: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    ...proxyHeaders(deps.studioUrl, requestId),
    "content-type": "application/json;charset=UTF-8",
    "content-length": Buffer.byteLength(text),
    ...(req.complete ? {} : { connection: "close" }),
    ...more,
  });
  res.end(text);
}
