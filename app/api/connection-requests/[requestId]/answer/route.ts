import { answerRequest } from "#lib/connection-requests/answer-request.ts";
import { requestAnswerSchema, requestParamsSchema } from "#lib/connection-requests/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  {
    allow: "connection_request.answer",
    params: requestParamsSchema,
    body: requestAnswerSchema,
    audit: "connection_request.answered",
  },
  async ({ principal, params, body, requestId }) =>
    Response.json(await answerRequest(deps(), principal, params.requestId, body, requestId)),
);
