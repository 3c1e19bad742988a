import type { PlanState } from "#lib/plans/schema.ts";
import type { AgentKey } from "../agents.ts";
import { type Answer, call } from "../http.ts";
import type { Instance } from "../instance.ts";
import type { World } from "../world.ts";

/** An agent of the run, and by which door it comes. */
export type PlanAgent = AgentKey & { door: "rest" | "mcp"; mode: "plan" | "build" };

/** What an agent was told of a plan. */
export type Told = { planId: string; state: PlanState };

const revision = "2026-07-28";

/** An agent's way to a plan, whichever door it uses; null where the studio did not say yes. */
export type PlanClient = {
  propose(at: Instance, input: Record<string, unknown>): Promise<Told | null>;
  /** Waits until somebody decides, or it comes further. */
  wait(at: Instance, planId: string, seconds: number): Promise<Told | null>;
  apply(at: Instance, planId: string): Promise<Told | null>;
  cancel(at: Instance, planId: string): Promise<Told | null>;
};

type Ask = { method?: string; path: string; headers?: Record<string, string>; json?: unknown };

/** How often something was asked for in vain, by what was answered. */
export type Refusals = Map<string, number>;

export function clientOf(world: World, agent: () => PlanAgent, refusals: Refusals): PlanClient {
  const client = agent().door === "rest" ? restClient : mcpClient;
  return client(world, agent, (answer) => noteRefusal(refusals, agent().door, answer));
}

export function noteRefusal(refusals: Refusals, what: string, { status, body }: Answer): void {
  const code = /"code":\s*"([\w.]+)"/.exec(body)?.[1] ?? (status === 0 ? "no answer" : "");
  const name = `${what} ${status} ${code}`.trim();
  refusals.set(name, (refusals.get(name) ?? 0) + 1);
}

const asked = (world: World, key: string, at: Instance, { json, headers, ...ask }: Ask) =>
  call(at.port, {
    ...ask,
    headers: {
      host: new URL(world.studioUrl).host,
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });

type Door = (world: World, agent: () => PlanAgent, refused: (answer: Answer) => void) => PlanClient;

const restClient: Door = (world, agent, refused) => {
  const path = "/api/broker/plans";
  const ask = async (at: Instance, request: Ask) => {
    const answer = await asked(world, agent().key, at, request);
    const told = toldByRest(answer);
    if (!told) refused(answer);
    return told;
  };
  return {
    propose: (at, json) => ask(at, { method: "POST", path, json }),
    wait: (at, id, seconds) => ask(at, { path: `${path}/${id}?waitSeconds=${seconds}` }),
    apply: (at, id) => ask(at, { method: "POST", path: `${path}/${id}/apply` }),
    cancel: (at, id) => ask(at, { method: "POST", path: `${path}/${id}/cancel` }),
  };
};

export function toldByRest({ status, body }: Answer): Told | null {
  if (status < 200 || status > 299) return null;
  const { id, state } = JSON.parse(body) as { id: string; state: PlanState };
  return { planId: id, state };
}

const mcpClient: Door = (world, agent, refused) => {
  const tool = async (at: Instance, name: string, input: Record<string, unknown>) => {
    const headers = {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": revision,
      "mcp-method": "tools/call",
      "mcp-name": name,
    };
    const params = {
      name,
      arguments: input,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": revision,
        "io.modelcontextprotocol/clientInfo": { name: "chaos", version: "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    };
    const json = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const ask = { method: "POST", path: "/api/mcp", headers, json };
    const answer = await asked(world, agent().key, at, ask);
    const told = toldByMcp(answer);
    if (!told) refused(answer);
    return told;
  };
  return {
    propose: (at, input) => tool(at, "plans_propose", input),
    wait: (at, planId, waitSeconds) => tool(at, "plans_get", { planId, waitSeconds }),
    apply: (at, planId) => tool(at, "plans_apply", { planId }),
    cancel: (at, planId) => tool(at, "plans_cancel", { planId }),
  };
};

type ToolAnswer = {
  result?: { structuredContent?: { plan?: { id: string; state: PlanState } } };
};

/** The answer stands alone, or is the last of a stream. */
function toldByMcp({ status, headers, body }: Answer): Told | null {
  if (status !== 200) return null;
  const texts = /event-stream/.test(headers["content-type"] ?? "")
    ? [...body.matchAll(/^data: (.*)$/gm)].map(([, text]) => text ?? "")
    : [body];
  for (const text of texts.reverse()) {
    const plan = (JSON.parse(text || "{}") as ToolAnswer).result?.structuredContent?.plan;
    if (plan) return { planId: plan.id, state: plan.state };
  }
  return null;
}
