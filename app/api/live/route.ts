import { deps } from "#lib/deps.ts";
import { requireOwnPage } from "#lib/http/same-origin.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute({ allow: "self", audit: "none" }, ({ principal, request }) => {
  requireOwnPage(request.headers);
  return new Response(request.method === "HEAD" ? null : deps().live.open(principal), {
    // Whatever stands between passes each event on as it comes: not held back, not compressed.
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "private, no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
});
