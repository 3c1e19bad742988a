import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { operationCallSchema, operationParamsSchema } from "#lib/operations/schema.ts";
import { callOperation } from "#lib/plans/call-operation.ts";

export const POST = userRoute(
  {
    allow: "grant.use",
    params: operationParamsSchema,
    body: operationCallSchema,
    audit: "none",
  },
  async ({ principal, params, body, request, requestId }) => {
    const call = { ...body, ...params };
    const { signal } = request;
    const called = await callOperation(deps(), principal, call, { requestId, signal });
    return called.kind === "plan"
      ? Response.json(called.plan, { status: 202 })
      : Response.json({ result: called.result, rows: called.rows });
  },
);
