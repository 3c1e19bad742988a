import "server-only";
import { findPrincipal } from "#lib/auth/find-session.ts";
import { deps } from "#lib/deps.ts";
import { completeFlow } from "#lib/grants/complete-flow.ts";
import { clearedFlowCookie, flowBindingIn } from "#lib/http/flow-cookie.ts";
import { guarded } from "#lib/http/route.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

/**
 * Where a provider sends the browser back to: one path a provider (OA-5). Whatever came, the answer
 * is a 303 to a clean address of ours, so that no code stays in a URL or a Referer (OA-9).
 */
export function callbackRoute(provider: ProviderName) {
  return guarded(deps, async (all, request, _context, requestId) => {
    // Next answers HEAD with this too: a look must not claim a flow.
    if (request.method !== "GET") return new Response(null, { status: 405 });
    const principal = await findPrincipal(all, request.headers);
    const { searchParams } = new URL(request.url);
    const outcome = await completeFlow(all, principal, {
      provider,
      params: searchParams,
      binding: (flowId) => flowBindingIn(request.headers, flowId),
    }).catch((error: unknown) => {
      all.log.error("callback failed", { requestId, provider, error });
      return { kind: "problem", reason: "server_error" } as const;
    });
    const headers = new Headers({ "cache-control": "no-store" });
    if (outcome.kind === "problem") {
      headers.set("location", `/integrations/problem?reason=${outcome.reason}`);
    } else {
      headers.set("location", `/integrations/flows/${outcome.flowId}`);
      if (outcome.isEnded) headers.set("set-cookie", clearedFlowCookie(outcome.flowId));
    }
    return new Response(null, { status: 303, headers });
  });
}
