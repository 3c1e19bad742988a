import { LinkExpiredError } from "#lib/auth/errors.ts";
import { linkPendingIdentity } from "#lib/auth/link-identity.ts";
import { clearedPendingCookie, pendingTokenIn } from "#lib/auth/way-cookies.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

/** Links what waits in this browser to whoever is signed in there. */
export const POST = userRoute(
  { allow: "self", audit: "user.identity_linked" },
  async ({ principal, request, client }) => {
    const token = pendingTokenIn(request.headers);
    if (!token) throw new LinkExpiredError();
    await linkPendingIdentity(deps(), principal, token, client);
    return new Response(null, { status: 204, headers: { "set-cookie": clearedPendingCookie } });
  },
);
