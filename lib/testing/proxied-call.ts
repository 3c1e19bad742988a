import { normalizeTarget } from "#lib/providers/call-target.ts";
import type { ProxiedCall } from "#lib/providers/proxied-call.ts";

type Further = Partial<Pick<ProxiedCall, "contentType" | "soapAction" | "door">>;

/**
 * A call as the proxy hands it to a call table.
 *
 * @param line - method and address: `GET /services/data?x=1`
 * @param body - JSON, or text as it is
 */
export function proxiedCall(line: string, body?: unknown, further: Further = {}): ProxiedCall {
  const at = line.indexOf(" ");
  const [path = "", ...query] = line.slice(at + 1).split("?");
  const target = normalizeTarget(path, query.join("?"));
  if (target.kind === "refused") throw new Error(`${line}: ${target.reason}`);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    method: line.slice(0, at),
    path: target.path,
    query: target.query,
    door: "rest",
    soapAction: null,
    contentType: text === undefined ? null : "application/json",
    body: text === undefined ? null : new TextEncoder().encode(text),
    ...further,
  };
}
