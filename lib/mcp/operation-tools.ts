import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import { agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { findUsableGrant } from "#lib/broker/usable-grant.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { askForConnection } from "#lib/mcp/ask-for-connection.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { createHandles } from "#lib/mcp/handles.ts";
import { planAnswer } from "#lib/mcp/plan-answer.ts";
import { present, providerNote } from "#lib/mcp/provider-content.ts";
import type { Tool, ToolAnswer, ToolCall } from "#lib/mcp/tool.ts";
import { inputSchemaOf, MAX_REASON, outputSchemaOf } from "#lib/mcp/tool-schemas.ts";
import { runsOn } from "#lib/operations/usable-operations.ts";
import { callOperation } from "#lib/plans/call-operation.ts";
import type { Operation } from "#lib/providers/operation.ts";
import { operations } from "#lib/providers/operations.ts";

/**
 * Its id, as tools are named. An operation's input stands flat beside `connectionId`: models fill one level
 * of named arguments far more surely than an object inside an object, and forget fewer of them.
 */
const toolNameOf = ({ id }: Operation): string => id.replaceAll(/[.-]/g, "_");

/** One tool for each operation of the registry, in its order. */
export const operationTools: readonly (Tool & { operation: Operation })[] = operations.map(
  (operation) => ({
    operation,
    name: toolNameOf(operation),
    title: operation.title,
    description: descriptionOf(operation),
    inputSchema: inputSchemaOf(operation),
    outputSchema: outputSchemaOf(operation),
    annotations: annotationsOf(operation),
    run: (deps, call) => runOperation(deps, operation, call),
  }),
);

const reasonSchema = z
  .string()
  .max(MAX_REASON)
  .refine((text) => text.isWellFormed())
  .default("");

async function runOperation(
  deps: McpDeps,
  operation: Operation,
  call: ToolCall,
): Promise<ToolAnswer> {
  const { connectionId: named, nextCursor, planReason, ...input } = call.args;
  const reason = reasonSchema.safeParse(planReason);
  if (!reason.success) throw invalidInput(reason.error);
  const chosen = await chooseConnection(deps, operation, call, named);
  if (chosen.kind !== "chosen") return chosen;
  const { agent, connectionId } = chosen;
  // A page is a page of the same question: asked again, and shown from where the last one ended.
  const about = JSON.stringify([operation.id, connectionId, input]);
  const from = openCursor(deps, call, about, nextCursor);
  const { requestId, signal, onProgress } = call;
  const called = await callOperation(
    deps,
    agent,
    { operationId: operation.id, connectionId, input },
    { door: "tool", requestId, signal, onProgress, reason: reason.data },
  );
  if (called.kind === "plan") {
    return { kind: "answer", structured: await planAnswer(deps, agent, called.plan) };
  }
  if (called.kind !== "result") throw new TypeError("a tool that reads became a plan");
  const { data, cut, nextFrom } = present(called.result as JsonObject, { from });
  return {
    kind: "answer",
    rows: called.rows,
    structured: {
      status: "done",
      note: providerNote,
      connectionId,
      rows: called.rows,
      data,
      cut,
      nextCursor:
        nextFrom === null ? null : createHandles(deps).make("page", agent, about, String(nextFrom)),
    },
  };
}

function openCursor(deps: McpDeps, { agent }: ToolCall, about: string, cursor: unknown): number {
  if (cursor === undefined || cursor === null) return 0;
  const from =
    typeof cursor === "string" ? createHandles(deps).open("page", agent, about, cursor) : null;
  if (from !== null) return Number(from);
  throw new InvalidInputError(
    "This nextCursor belongs to another question, or is older than ten minutes. Ask again without it.",
    [{ path: "nextCursor", message: "Not a cursor of these arguments." }],
  );
}

/** With the agent as it stands then: what its owner gave it while it waited is its own. */
type Chosen = { kind: "chosen"; agent: AgentPrincipal; connectionId: string };

/** The connection that was named, or the only one that it could be; else its owner is asked for one. */
async function chooseConnection(
  deps: McpDeps,
  operation: Operation,
  call: ToolCall,
  named: unknown,
): Promise<Chosen | ToolAnswer> {
  const { agent } = call;
  if (typeof named === "string" && agent.connections.has(named)) {
    return { kind: "chosen", agent, connectionId: named };
  }
  if (named !== undefined && named !== null && typeof named !== "string") {
    throw notAnId();
  }
  if (typeof named !== "string" && call.waitsFor === null) {
    const fitting = await connectionsFor(deps, call, operation);
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) {
      return { kind: "chosen", agent, connectionId: only };
    }
    if (fitting.length > 1) throw severalFit(fitting);
  }
  if (!agent.asksForConnections) throw new NotFoundError();
  const asked = await askForConnection(deps, call, {
    provider: operation.provider,
    operationId: operation.id,
    reason: `For: ${operation.title}`,
  });
  if (asked.kind !== "ready") return asked;
  const now = await agentOfKey(deps, agent.keyId);
  if (now === null) throw new NotFoundError();
  return { kind: "chosen", agent: now, connectionId: asked.connectionId };
}

async function connectionsFor(
  deps: McpDeps,
  { agent }: ToolCall,
  operation: Operation,
): Promise<string[]> {
  const ids = [...agent.connections.keys()].sort();
  const grants = await Promise.all(ids.map((id) => findUsableGrant(deps, agent, id)));
  return grants.flatMap((grant) =>
    grant !== null && runsOn(operation, grant) ? [grant.connectionId] : [],
  );
}

const notAnId = () =>
  new InvalidInputError("connectionId is the id of a connection, as connections_list gives it.", [
    { path: "connectionId", message: "Give an id." },
  ]);
const severalFit = (ids: readonly string[]) =>
  new InvalidInputError(
    "Several of your connections fit. Look at connections_list and name one of them.",
    [{ path: "connectionId", message: `One of ${ids.slice(0, 20).join(", ")}` }],
  );

function descriptionOf({ description, effect, provider }: Operation): string {
  if (effect === "read") return `${description} Reads only.`;
  const what = provider === "salesforce" ? "the org" : "the business unit";
  return `${description} Changes nothing by itself: it proposes a plan of what would change in ${what}, which a person approves in the studio.`;
}

function annotationsOf({ effect }: Operation): ToolAnnotations {
  return {
    readOnlyHint: effect === "read",
    // What it does by itself is to propose.
    destructiveHint: false,
    idempotentHint: effect === "read",
    openWorldHint: true,
  };
}
