import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { logAccess, noteCaller } from "#lib/agent-api/access-log.ts";
import { createAnswers } from "#lib/agent-api/answer.ts";
import { credentialOf, requireAgentKey } from "#lib/agent-api/bearer.ts";
import { AgentKeyNeededError, NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import { announcedBytes, readJsonBody } from "#lib/agent-api/read-json-body.ts";
import { screenAgentRequest } from "#lib/agent-api/screen-agent-request.ts";
import { agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { admitBody } from "#lib/broker/admit-body.ts";
import { watchCaller } from "#lib/broker/watch-caller.ts";
import { isStudioError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import { RequestRefusedError, toProblemJson } from "#lib/http/problem.ts";
import type { Shutdown } from "#lib/http/shutdown.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import {
  MAX_MCP_BYTES,
  mcpAddressOf,
  metadataUrlOf,
  requireOneMessage,
  requireOwnOrigin,
  resourceMetadata,
} from "#lib/mcp/entrance.ts";
import { InsufficientScopeError } from "#lib/mcp/errors.ts";
import { requireScopesOf } from "#lib/mcp/require-scopes.ts";
import { serverFor } from "#lib/mcp/server-for.ts";

export { mcpAddressOf };

type Exchange = { req: IncomingMessage; res: ServerResponse; requestId: string };

/**
 * The entrance for MCP clients: an agent key as bearer and nothing else, one message at a time, no cookies, no
 * CORS. Each request gets a server object of its own (MCP-4); the protocol is the official SDK's, for the
 * revision of 2026-07-28 and, without sessions, for those of 2025.
 *
 * @param shutdown - turns calls away once the studio stops (OPS-1)
 * @returns what takes a request as Node made it, for an address that `mcpAddressOf` knows
 */
export function createMcp(
  deps: McpDeps,
  { admit, stopping }: Pick<Shutdown, "admit" | "stopping">,
): (req: IncomingMessage, res: ServerResponse) => void {
  const { studioUrl, log } = deps;
  const { headers: headersOfAll } = createAnswers(studioUrl);
  const ownHost = new URL(studioUrl).host;

  async function handle(exchange: Exchange): Promise<void> {
    const { req, res } = exchange;
    screenAgentRequest(req);
    requireOwnOrigin(req, studioUrl);
    if (mcpAddressOf(req.url) === "metadata") return sendMetadata(exchange);
    admit(res);
    if (req.method !== "POST") {
      res.setHeader("allow", "POST");
      throw new RequestRefusedError(405, "http.method_not_allowed", "MCP is spoken by POST here.");
    }
    if (req.url?.includes("?")) {
      throw new RequestRefusedError(400, "input.invalid", "This address takes no query.");
    }
    const caller = await requireKey(deps, req);
    noteCaller(res, caller);
    admitBody(deps, caller, announcedBytes(req, MAX_MCP_BYTES));
    const message = requireOneMessage(await readJsonBody(req, MAX_MCP_BYTES));
    // A body takes as long as its sender likes: what was taken back meanwhile counts (BRK-11).
    const agent = await agentOfKey(deps, caller.keyId);
    if (agent === null) throw new NotAuthenticatedError(true);
    await requireScopesOf(deps, agent, message);
    await serve(exchange, agent, message);
  }

  async function serve(
    { req, res, requestId }: Exchange,
    agent: AgentPrincipal,
    message: Record<string, unknown>,
  ): Promise<void> {
    const giveBack = deps.callPlaces.take(agent);
    res.once("close", giveBack);
    if (res.destroyed) giveBack();
    const left = new AbortController();
    const credential = credentialOf(req.headers.authorization) ?? "";
    const unwatch = watchCaller(deps, { agent, credential, connectionId: null }, () => {
      left.abort(hasLeft);
      res.destroy();
    });
    res.once("close", () => {
      unwatch();
      left.abort(hasLeft);
    });
    const caller = { agent, requestId, signal: left.signal, stopping };
    const handler = createMcpHandler(() => serverFor(deps, caller), {
      legacy: "stateless",
      // By its kind alone: its words may be the client's (LOG-1).
      onerror: ({ name }) => log.info("mcp request refused", { requestId, reason: name }),
    });
    // Nothing below believes a header about where we are, or needs to know the key.
    req.headers.host = ownHost;
    delete req.headers.authorization;
    delete req.headers.cookie;
    const notKept: typeof handler.fetch = async (...asked) => {
      const response = await handler.fetch(...asked);
      response.headers.set("cache-control", "no-store");
      return response;
    };
    const answer = toNodeHandler(
      { fetch: notKept },
      { onerror: (error) => log.error("mcp request failed", { requestId, error }) },
    );
    await answer(req as Parameters<typeof answer>[0], res, message);
  }

  function sendMetadata({ req, res }: Exchange): void {
    if (req.method !== "GET" && req.method !== "HEAD") {
      res.setHeader("allow", "GET, HEAD");
      throw new RequestRefusedError(
        405,
        "http.method_not_allowed",
        "This address has no such method.",
      );
    }
    const text = JSON.stringify(resourceMetadata(studioUrl));
    res.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    });
    res.end(req.method === "HEAD" ? undefined : text);
  }

  function refuse({ req, res, requestId }: Exchange, error: unknown): void {
    const problem = toProblemJson(error, requestId);
    const fields = { requestId, method: req.method, route: req.url?.split("?", 1)[0] };
    if (problem.status < 500 || problem.code === "studio.stopping") {
      log.info("agent's request refused", { ...fields, code: problem.code });
    } else log.error("agent's request failed", { ...fields, error });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const { status, detail, code, remedy } = problem;
    const text = JSON.stringify({
      jsonrpc: "2.0",
      error: { code: rpcCodeOf(code, status), message: detail, data: { code, remedy, requestId } },
      id: null,
    });
    res.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...challengeOf(error, studioUrl),
      ...(remedy.do === "retry" ? { "retry-after": String(remedy.afterSeconds) } : {}),
      // What is left of a refused body is not read.
      ...(req.complete ? {} : { connection: "close" }),
    });
    res.end(text);
  }

  return (req, res) => {
    const exchange = { req, res, requestId: randomUUID() };
    logAccess(deps, req, res, exchange.requestId);
    for (const [name, value] of Object.entries(headersOfAll)) res.setHeader(name, value);
    res.setHeader(REQUEST_ID_HEADER, exchange.requestId);
    handle(exchange).catch((error: unknown) => refuse(exchange, error));
  };
}

// Made once: an error of its own for each call costs a stack.
const hasLeft = new Error("nobody waits for this call any more");

/**
 * Only a key made for the studio itself. A lease's token is made for the proxy of one connection, and what a
 * provider gave is nobody's here (MCP-2).
 */
async function requireKey(deps: McpDeps, req: IncomingMessage): Promise<AgentPrincipal> {
  try {
    return await requireAgentKey(deps, req);
  } catch (error) {
    throw error instanceof AgentKeyNeededError ? new NotAuthenticatedError(true) : error;
  }
}

const rpcCodes: Readonly<Record<string, number>> = {
  "http.bad_json": -32700,
  "http.body_broken": -32700,
  "mcp.no_batches": -32600,
  "mcp.no_message": -32600,
};
const rpcCodeOf = (code: string, status: number) =>
  rpcCodes[code] ?? (status >= 500 ? -32603 : -32000);

// RFC 6750 §3 and RFC 9728 §5.1.
function challengeOf(error: unknown, studioUrl: string): Record<string, string> {
  if (!isStudioError(error)) return {};
  const metadata = `resource_metadata="${metadataUrlOf(studioUrl)}"`;
  if (error instanceof InsufficientScopeError) {
    const scope = error.scopes.join(" ");
    return {
      "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}", ${metadata}`,
    };
  }
  if (error.status !== 401) return {};
  const isInvalid = "hadCredential" in error && error.hadCredential === true;
  return {
    "www-authenticate": `Bearer ${isInvalid ? 'error="invalid_token", ' : ""}${metadata}`,
  };
}
