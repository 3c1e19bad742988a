import { proxyUrl } from "#lib/broker/proxy-address.ts";
import { answerOf, type ProxyAnswer } from "#lib/broker/proxy-answer.ts";
import { type ProxyDeps, takeTurn } from "#lib/broker/proxy-call.ts";
import { sendWithToken } from "#lib/broker/send-with-token.ts";
import { usableGrant } from "#lib/broker/usable-grant.ts";
import { authHostOf } from "#lib/connections/connection.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { limitOfAnswers } from "#lib/limits/limit-table.ts";
import { proxyDialectOf } from "#lib/providers/registry.ts";

/**
 * Whom the connection's sign-in is of, in Marketing Cloud's own words, with addresses that lead through
 * the proxy.
 *
 * @throws {NotFoundError} the connection is not the agent's, or not one of Marketing Cloud
 * @throws {ProxyRefusedError} too many calls: this is one like any other (BRK-10)
 */
export async function dropInUserinfo(
  deps: ProxyDeps,
  agent: AgentPrincipal,
  call: { connectionId: string; signal: AbortSignal },
): Promise<ProxyAnswer> {
  const { connectionId, signal } = call;
  const grant = await usableGrant(deps, agent, connectionId);
  const { connection } = grant;
  if (connection.provider !== "marketing-cloud") throw new NotFoundError();
  takeTurn(deps, agent, connectionId, connection.provider);
  const dialect = proxyDialectOf(connection.provider);
  const of = { dialect, door: "rest", path: "/v2/userinfo", method: "GET" } as const;
  const sent = await sendWithToken(deps, grant, {
    ...of,
    host: authHostOf(connection),
    query: "",
    headers: { accept: "application/json" },
    body: { kind: "none" },
    envelope: null,
    signal,
  });
  return answerOf(deps, sent, {
    ...of,
    connection,
    mountedAt: proxyUrl(deps.studioUrl, connectionId, "auth"),
    passed: (bytes) => void deps.limits.take([limitOfAnswers(agent.keyId, bytes)]),
    stopped: () =>
      deps.log.error("an answer held a token of ours and was stopped", { connectionId }),
  });
}
