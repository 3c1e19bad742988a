import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Handler } from "hono";
import { z } from "zod";
import { noteCaller } from "#lib/agent-api/access-log.ts";
import type { Answer, Answers } from "#lib/agent-api/answer.ts";
import { type BearerDeps, credentialOf, requireAgentKey } from "#lib/agent-api/bearer.ts";
import { NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import { announcedBytes, readJsonBody, requireNoBody } from "#lib/agent-api/read-json-body.ts";
import { agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { admitBody } from "#lib/broker/admit-body.ts";
import type { CallerDeps } from "#lib/broker/authenticate-caller.ts";
import type { CallPlaces } from "#lib/broker/call-places.ts";
import { watchCaller } from "#lib/broker/watch-caller.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";

export type AgentRouteDeps = BearerDeps & CallerDeps & { callPlaces: CallPlaces };

export type AgentEnv = { Bindings: HttpBindings };

export type AgentRouteInput<Body, Query, Params> = {
  /** Proven by its key. */
  agent: AgentPrincipal;
  body: Body;
  query: Query;
  params: Params;
  requestId: string;
  /** Aborted when the agent goes away, and when its key does not count any more; made when first asked for. */
  leaving(): AbortSignal;
  /** Aborted when the studio stops: what only waits ends its wait. */
  stopping: AbortSignal;
};

type AgentRouteOptions<Body, Query, Params> = {
  /** JSON; without a schema a body is refused. */
  body?: z.ZodType<Body>;
  /** The longest body, where 16 KB are not enough. */
  mostBytes?: number;
  /** Without a schema a query is refused. */
  query?: z.ZodType<Query>;
  params?: z.ZodType<Params>;
};

export type AgentRouteMaker = <Body = undefined, Query = undefined, Params = undefined>(
  options: AgentRouteOptions<Body, Query, Params>,
  handle: (input: AgentRouteInput<Body, Query, Params>) => Promise<Answer>,
) => Handler<AgentEnv>;

/**
 * Makes routes for agents: the key first, then input, parsed once and the unknown refused, then one call.
 * A failure is thrown: the app makes a problem of it.
 */
export function createAgentRoutes(
  deps: AgentRouteDeps,
  answers: Answers,
  stopping: AbortSignal,
): AgentRouteMaker {
  return (options, handle) => async (context) => {
    const { incoming, outgoing } = context.env;
    const { authorization } = incoming.headers;
    const caller = await requireAgentKey(deps, incoming);
    noteCaller(outgoing, caller);
    if (options.body) admitBody(deps, caller, announcedBytes(incoming, options.mostBytes));
    const input = await parseInput(options, context);
    // A body takes as long as its sender likes: what was taken back meanwhile counts (BRK-11).
    const agent = options.body ? await agentOfKey(deps, caller.keyId) : caller;
    if (agent === null) throw new NotAuthenticatedError(true);
    const requestId = requestIdOf(context);
    let hasEnded = false;
    const leaving = () => {
      const giveBack = deps.callPlaces.take(agent);
      outgoing.once("close", giveBack);
      if (outgoing.destroyed) giveBack();
      const left = leavingOf(outgoing);
      const credential = credentialOf(authorization) ?? "";
      const unwatch = watchCaller(deps, { agent, credential, connectionId: null }, () => {
        hasEnded = true;
        left.abort();
      });
      outgoing.once("close", unwatch);
      if (outgoing.destroyed) unwatch();
      return left.signal;
    };
    // Whatever came of it, it is not for a key that was taken back meanwhile.
    const requireStillLive = () => {
      if (hasEnded) throw new NotAuthenticatedError(true);
    };
    const answer = await handle({ ...input, agent, requestId, leaving, stopping }).catch(
      (error: unknown) => {
        requireStillLive();
        throw error;
      },
    );
    requireStillLive();
    answers.send(outgoing, requestId, answer);
    return RESPONSE_ALREADY_SENT;
  };
}

async function parseInput<Body, Query, Params>(
  { body, mostBytes, query, params }: AgentRouteOptions<Body, Query, Params>,
  { env, req }: Context<AgentEnv>,
) {
  const { incoming } = env;
  if (!body) await requireNoBody(incoming);
  if (!query && incoming.url?.includes("?")) parse(z.strictObject({}), queryOf(req.queries()));
  return {
    params: (params ? parse(params, req.param()) : undefined) as Params,
    query: (query ? parse(query, queryOf(req.queries())) : undefined) as Query,
    body: (body ? parse(body, await readJsonBody(incoming, mostBytes)) : undefined) as Body,
  };
}

function leavingOf(outgoing: ServerResponse): AbortController {
  const left = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) left.abort();
  });
  if (outgoing.destroyed) left.abort();
  return left;
}

/** A name that is repeated comes as a list, which no schema takes in place of one value. */
const queryOf = (queries: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );

/** As the app put it there. */
export const requestIdOf = ({ env }: Context<AgentEnv>): string =>
  String(env.incoming.headers[REQUEST_ID_HEADER]);

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return parsed.data;
}
