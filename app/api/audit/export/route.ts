import { exportEvents } from "#lib/audit/export-events.ts";
import { exportQuerySchema } from "#lib/audit/schema.ts";
import { deps } from "#lib/deps.ts";
import { streamOf } from "#lib/http/stream.ts";
import { userRoute } from "#lib/http/user-route.ts";

const types = { ndjson: "application/x-ndjson", csv: "text/csv; charset=utf-8" };

export const GET = userRoute(
  { allow: "audit.export", query: exportQuerySchema, audit: "audit.exported" },
  async ({ principal, query, requestId }) => {
    const pieces = await exportEvents(deps(), principal, query, requestId);
    const day = deps().clock.now().toISOString().slice(0, 10);
    return new Response(streamOf(pieces), {
      headers: {
        "content-type": types[query.format],
        "content-disposition": `attachment; filename="audit-${day}.${query.format}"`,
      },
    });
  },
);
