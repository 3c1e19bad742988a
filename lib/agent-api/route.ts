import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Handler } from "hono";
import type { z } from "zod";
import type { Answer, Answers } from "#lib/agent-api/answer.ts";
import { type BearerDeps, requireAgentKey } from "#lib/agent-api/bearer.ts";
import { readJsonBody, requireNoBody } from "#lib/agent-api/read-json-body.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import { invalidInput } from "#lib/http/problem.ts";

export type AgentEnv = { Bindings: HttpBindings };

export type AgentRouteInput<Body, Params> = {
  /** Proven by its key. */
  agent: AgentPrincipal;
  body: Body;
  params: Params;
  requestId: string;
};

type AgentRouteOptions<Body, Params> = {
  /** JSON; without a schema a body is refused. */
  body?: z.ZodType<Body>;
  params?: z.ZodType<Params>;
};

/**
 * Makes routes for agents: the key first, then input, parsed once and the unknown refused, then one call.
 * A failure is thrown: the app makes a problem of it.
 */
export function createAgentRoutes(deps: BearerDeps, answers: Answers) {
  return function agentRoute<Body = undefined, Params = undefined>(
    options: AgentRouteOptions<Body, Params>,
    handle: (input: AgentRouteInput<Body, Params>) => Answer | Promise<Answer>,
  ): Handler<AgentEnv> {
    return async (context) => {
      const { incoming, outgoing } = context.env;
      const agent = await requireAgentKey(deps, incoming.headers.authorization);
      const params = parse(options.params, context.req.param());
      let body: Body | undefined;
      if (options.body) body = parse(options.body, await readJsonBody(incoming));
      else requireNoBody(incoming);
      const requestId = requestIdOf(context);
      const answer = await handle({
        agent,
        body: body as Body,
        params: params as Params,
        requestId,
      });
      answers.send(outgoing, requestId, answer);
      return RESPONSE_ALREADY_SENT;
    };
  };
}

/** As the app put it there. */
export const requestIdOf = ({ env }: Context<AgentEnv>): string =>
  String(env.incoming.headers[REQUEST_ID_HEADER]);

function parse<T>(schema: z.ZodType<T> | undefined, value: unknown): T | undefined {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}
