import { credentialOf } from "#lib/agent-api/bearer.ts";
import { NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import type { Exchange, ProxyHandlerDeps } from "#lib/agent-api/proxy.ts";
import { refuseProxied } from "#lib/agent-api/proxy-refusal.ts";
import { sendAnswer } from "#lib/agent-api/send-answer.ts";
import { authenticateCaller } from "#lib/broker/authenticate-caller.ts";
import { dropInUserinfo } from "#lib/broker/drop-in-userinfo.ts";
import type { ProxyAddress } from "#lib/broker/proxy-address.ts";
import type { ProxyAnswer } from "#lib/broker/proxy-answer.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";

// sfmc-sdk, and mcdev with it, takes an auth address only where a tenant's own stands in it.
const route =
  /^\/+(?:https:\/+[a-z0-9-]{1,63}\.auth\.marketingcloudapis\.com\/+)?v2\/+(token|userinfo)\/*$/i;

/**
 * The tenant's auth host for clients of Marketing Cloud: `v2/token` and `v2/userinfo`, nothing else.
 * Refusals of a token request are the provider's; others are as everywhere under the proxy.
 */
export async function handleDropIn(
  deps: ProxyHandlerDeps,
  exchange: Exchange,
  address: ProxyAddress,
): Promise<void> {
  const { req, res } = exchange;
  const agentLeft = new AbortController();
  res.once("close", () => agentLeft.abort());
  try {
    const asked = route.exec(address.rawPath)?.[1]?.toLowerCase();
    if (asked === "userinfo" && req.method === "GET") {
      const answer = await userinfoFor(deps, exchange, address, agentLeft.signal);
      await sendAnswer(deps, exchange, answer);
    } else throw new ProxyRefusedError("broker.no_such_door");
  } catch (error) {
    if (agentLeft.signal.aborted) return;
    refuseProxied(deps, exchange, error, { address, provider: "marketing-cloud" });
  }
}

async function userinfoFor(
  deps: ProxyHandlerDeps,
  { req }: Exchange,
  { connectionId }: ProxyAddress,
  signal: AbortSignal,
): Promise<ProxyAnswer> {
  const credential = credentialOf(req.headers.authorization);
  const agent = credential && (await authenticateCaller(deps, credential));
  if (!agent) throw new NotAuthenticatedError(credential !== null);
  return dropInUserinfo(deps, agent, { connectionId, signal });
}
