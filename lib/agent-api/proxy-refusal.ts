import type { Exchange } from "#lib/agent-api/exchange.ts";
import type { ProxyAddress } from "#lib/broker/proxy-address.ts";
import { isStudioError } from "#lib/core/errors.ts";
import type { Logger } from "#lib/core/log.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import { toProblemJson } from "#lib/http/problem.ts";
import { dataPolicy, securityHeaders } from "#lib/http/security-headers.ts";
import { proxyDialectOf } from "#lib/providers/registry.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

const fixed = new Map<string, Record<string, string>>();

/** What every answer under the proxy carries of ours. */
export function proxyHeaders(studioUrl: string, requestId: string): Record<string, string> {
  let ours = fixed.get(studioUrl);
  if (!ours) {
    ours = {
      ...securityHeaders(studioUrl),
      "content-security-policy": `${dataPolicy}; sandbox`,
      "cache-control": "no-store",
    };
    fixed.set(studioUrl, ours);
  }
  return { ...ours, [REQUEST_ID_HEADER]: requestId };
}

/**
 * Whose words a client at this address understands, before the connection is known: by the address
 * alone, so that a foreign connection and an absent one read alike (TEN-2).
 */
export function likelyProvider({ rawPath }: Pick<ProxyAddress, "rawPath">): ProviderName {
  return /^\/*(?:services|id)(?:\/|$)/i.test(rawPath) ? "salesforce" : "marketing-cloud";
}

/**
 * Sends a refusal in the shape of the provider's own errors, marked as ours.
 *
 * @returns what was sent, for whoever counts
 */
export function refuseProxied(
  deps: { studioUrl: string; log: Logger },
  { req, res, requestId }: Exchange,
  error: unknown,
  of: { address: ProxyAddress; provider: ProviderName | null },
): { code: string; status: number } {
  const { code, status, detail, remedy } = toProblemJson(error, requestId);
  const fields = { requestId, method: req.method, connectionId: of.address.connectionId, code };
  if (isStudioError(error) && status < 500) deps.log.info("agent's call refused", fields);
  else deps.log.error("agent's call failed", { ...fields, error });
  if (res.headersSent) {
    res.destroy();
    return { code, status };
  }
  const { door } = of.address;
  const worded = proxyDialectOf(of.provider ?? likelyProvider(of.address)).word(
    { code, status, message: detail, helpUrl: `${deps.studioUrl}/docs` },
    door === "soap" ? "soap" : "rest",
  );
  res.writeHead(worded.status, {
    ...proxyHeaders(deps.studioUrl, requestId),
    "content-type": worded.contentType,
    "content-length": Buffer.byteLength(worded.body),
    ...worded.headers,
    "x-studio-refused": "1",
    "x-studio-code": code,
    ...(remedy.do === "retry" ? { "retry-after": String(remedy.afterSeconds) } : {}),
    // What is left of a refused body is not read.
    ...(req.complete ? {} : { connection: "close" }),
  });
  res.end(req.method === "HEAD" ? undefined : worded.body);
  return { code, status };
}
