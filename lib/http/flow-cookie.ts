import { parseCookies } from "#lib/auth/session-cookie.ts";
import { flowLifetimeSeconds } from "#lib/grants/begin-flow.ts";

const nameOf = (flowId: string) => `__Host-studio-flow-${flowId}`;
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/**
 * Binds a flow to the browser that began it (OA-3). Lax, since the provider sends the browser back
 * from its own site.
 */
export function flowSetCookie(flowId: string, binding: string): string {
  return `${nameOf(flowId)}=${binding}; Max-Age=${flowLifetimeSeconds}; ${attributes}`;
}

export function clearedFlowCookie(flowId: string): string {
  return `${nameOf(flowId)}=; Max-Age=0; ${attributes}`;
}

export function flowBindingIn(headers: Headers, flowId: string): string | null {
  return parseCookies(headers.get("cookie"))[nameOf(flowId)] ?? null;
}
