import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { logAccess } from "#lib/agent-api/access-log.ts";
import { createAnswers } from "#lib/agent-api/answer.ts";
import {
  addConnectionRequestRoutes,
  type ConnectionRequestRoutesDeps,
} from "#lib/agent-api/connection-requests.ts";
import { addConnectionRoutes } from "#lib/agent-api/connections.ts";
import { addLeaseRoutes, type LeaseRoutesDeps } from "#lib/agent-api/leases.ts";
import { addOperationRoutes, type OperationRoutesDeps } from "#lib/agent-api/operations.ts";
import { addPlanRoutes, type PlanRoutesDeps } from "#lib/agent-api/plans.ts";
import { handleProxyCall, PROXY_PREFIX, type ProxyHandlerDeps } from "#lib/agent-api/proxy.ts";
import {
  type AgentEnv,
  type AgentRouteDeps,
  createAgentRoutes,
  requestIdOf,
} from "#lib/agent-api/route.ts";
import { screenAgentRequest } from "#lib/agent-api/screen-agent-request.ts";
import type { ListAgentConnectionsDeps } from "#lib/broker/list-agent-connections.ts";
import { isStudioError, NotFoundError } from "#lib/core/errors.ts";
import type { Logger } from "#lib/core/log.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import type { Shutdown } from "#lib/http/shutdown.ts";

/** Where the agents' surface begins; `server.ts` hands over everything below it. */
export const AGENT_API_PREFIX = "/api/broker/";

export type AgentApiDeps = AgentRouteDeps &
  LeaseRoutesDeps &
  ListAgentConnectionsDeps &
  OperationRoutesDeps &
  PlanRoutesDeps &
  ConnectionRequestRoutesDeps &
  ProxyHandlerDeps & { studioUrl: string; log: Logger };

/**
 * The surface for agents: a credential of theirs as bearer, never a cookie, no CORS (BRK-12). Its own
 * failures are problems (RFC 9457) with the request's id, whatever went wrong.
 *
 * @param shutdown - turns calls away once the studio stops (OPS-1)
 * @returns what takes a request as Node made it
 */
export function createAgentApi(
  deps: AgentApiDeps,
  { admit, stopping }: Pick<Shutdown, "admit" | "stopping"> = {
    admit: () => {},
    stopping: new AbortController().signal,
  },
): (req: IncomingMessage, res: ServerResponse) => void {
  const { log } = deps;
  const answers = createAnswers(deps.studioUrl);
  const ownHost = new URL(deps.studioUrl).host;

  function fail(req: IncomingMessage, res: ServerResponse, requestId: string, error: unknown) {
    const fields = { requestId, method: req.method, route: req.url?.split("?", 1)[0] };
    if (isStudioError(error) && (error.status < 500 || error.code === "studio.stopping"))
      log.info("agent's request refused", { ...fields, code: error.code });
    else log.error("agent's request failed", { ...fields, error });
    answers.refuse(res, requestId, error);
  }

  const app = new Hono<AgentEnv>();
  const agentRoute = createAgentRoutes(deps, answers, stopping);
  addConnectionRoutes(app, deps, agentRoute);
  addLeaseRoutes(app, deps, agentRoute);
  addOperationRoutes(app, deps, agentRoute);
  addPlanRoutes(app, deps, agentRoute);
  addConnectionRequestRoutes(app, deps, agentRoute);
  const failed = (context: Parameters<Parameters<typeof app.onError>[0]>[1], error: unknown) => {
    fail(context.env.incoming, context.env.outgoing, requestIdOf(context), error);
    return RESPONSE_ALREADY_SENT;
  };
  app.notFound((context) => failed(context, new NotFoundError()));
  app.onError((error, context) => failed(context, error));
  // Without its replacements of the global Request and Response: those are Next's too.
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false });

  return (req, res) => {
    const requestId = randomUUID();
    logAccess(deps, req, res, requestId);
    try {
      screenAgentRequest(req);
      admit(res);
      const { url = "" } = req;
      if (url.startsWith(PROXY_PREFIX)) {
        handleProxyCall(deps, { req, res, requestId }).catch((error: unknown) =>
          fail(req, res, requestId, error),
        );
        return;
      }
      // Nothing here believes a header about where we are.
      req.headers.host = ownHost;
      req.headers[REQUEST_ID_HEADER] = requestId;
      void listen(req, res);
    } catch (error) {
      fail(req, res, requestId, error);
    }
  };
}
