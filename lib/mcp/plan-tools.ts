import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { planAnswer } from "#lib/mcp/plan-answer.ts";
import { looksOnly, studioTool, type Tool, type ToolAnswer, type ToolCall } from "#lib/mcp/tool.ts";
import { planAnswerProperties } from "#lib/mcp/tool-schemas.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { proposeProxiedCall } from "#lib/plans/propose-proxied-call.ts";
import {
  agentPlanInputSchema,
  type PlanJson,
  planEditSchema,
  proxiedCallInputSchema,
  WAIT_SECONDS_MOST,
} from "#lib/plans/schema.ts";
import { waitForPlan } from "#lib/plans/wait-for-plan.ts";

const output: Tool["outputSchema"] = {
  type: "object",
  properties: { status: { type: "string", enum: ["plan"] }, ...planAnswerProperties },
  required: ["status", "plan", "next", "note", "data", "cut", "nextCursor"],
};

const proposes: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};
const planId = z.uuid().describe("The plan's id.");
const planWords = {
  title: "What it does, in a few words.",
  reason: "Why, for the person who approves it.",
  expiresInMinutes: "How long it waits for a decision.",
  clientKey: "A key of your own: asked again under it, you get the plan that you proposed first.",
};
const operationsWords =
  "What is to be done, in this order: the operation's id, the connection, and its input as its tool takes it, without connectionId.";

const answer = async (
  deps: McpDeps,
  { agent }: ToolCall,
  plan: PlanJson,
  after?: number,
): Promise<ToolAnswer> => ({
  kind: "answer",
  structured: await planAnswer(deps, agent, plan, after),
});
/** What its previews show of records counts as read (BRK-9). */
const prepared = async (deps: McpDeps, call: ToolCall, plan: PlanJson): Promise<ToolAnswer> => ({
  ...(await answer(deps, call, plan)),
  rows: plan.records,
});

const plansPropose = studioTool({
  name: "plans_propose",
  title: "Propose several changes as one plan",
  description:
    "Proposes several operations as one plan, in their order. A person sees what each would change and approves all of it or nothing; nothing is sent before. Name the operations by their ids, salesforce.records.update say.",
  annotations: proposes,
  input: agentPlanInputSchema,
  words: { ...planWords, operations: operationsWords },
  output,
  async run(deps, call) {
    const { requestId, signal, onProgress } = call;
    const options = { requestId, signal, onProgress };
    return prepared(deps, call, await proposePlan(deps, call.agent, call.input, options));
  },
});

const plansGet = studioTool({
  name: "plans_get",
  title: "Look at a plan, or wait for it",
  description:
    "How a plan of yours stands, with its steps and what came of them. With waitSeconds it waits until somebody decides or it comes further.",
  annotations: looksOnly,
  input: z.strictObject({
    planId,
    waitSeconds: z
      .number()
      .int()
      .min(0)
      .max(WAIT_SECONDS_MOST)
      .default(0)
      .describe("How long to wait for it to stand otherwise; ask again when the time is over."),
    seen: z
      .string()
      .max(100)
      .optional()
      .describe("`seen` of the last answer: comes back at once if it stands otherwise already."),
    nextCursor: z
      .string()
      .regex(/^\d{1,5}$/)
      .optional()
      .describe("nextCursor of the answer before, for the steps that follow."),
  }),
  output,
  async run(deps, call) {
    const { agent, signal, stopping, onProgress, input } = call;
    const plan = await waitForPlan(deps, agent, input.planId, {
      waitSeconds: input.waitSeconds,
      seen: input.seen,
      signal: AbortSignal.any([signal, stopping]),
      onProgress,
    });
    return answer(deps, call, plan, Number(input.nextCursor ?? 0));
  },
});

const plansEdit = studioTool({
  name: "plans_edit",
  title: "Put a plan anew",
  description:
    "Puts other operations in place of those of a plan of yours that nobody has applied yet, as its next version. Every approval of the version before counts no more.",
  annotations: proposes,
  input: planEditSchema.extend({ planId }),
  words: {
    ...planWords,
    operations: operationsWords,
    version: "The version that you saw last, as plans_get gives it.",
  },
  output,
  async run(deps, call) {
    const { requestId, signal, onProgress } = call;
    const { planId: id, ...edit } = call.input;
    const options = { requestId, signal, onProgress };
    return prepared(deps, call, await editPlan(deps, call.agent, id, edit, options));
  },
});

const plansApply = studioTool({
  name: "plans_apply",
  title: "Apply an approved plan",
  description:
    "Applies a plan of yours that its owner approved, exactly as it was approved, each step once. Wait for its end with plans_get.",
  annotations: { ...proposes, destructiveHint: true, idempotentHint: true },
  input: z.strictObject({ planId }),
  output,
  async run(deps, call) {
    const { agent, requestId, input } = call;
    await applyPlan(deps, agent, input.planId, { requestId });
    return answer(deps, call, await getPlan(deps, agent, input.planId));
  },
});

const plansCancel = studioTool({
  name: "plans_cancel",
  title: "Take a plan back",
  description:
    "Takes back a plan of yours that nobody has applied yet. Nothing of it will be sent.",
  annotations: { ...proposes, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ planId }),
  output,
  async run(deps, call) {
    const { agent, requestId, input } = call;
    return answer(deps, call, await cancelPlan(deps, agent, input.planId, requestId));
  },
});

const proposeCall = studioTool({
  name: "propose_call",
  title: "Propose a raw call as a plan",
  description:
    "Proposes one raw call of the provider's interface as a plan of one step: for what no operation does, and for a write that the studio's proxy refused. A person sees the call as it is and approves it; nothing is sent before.",
  annotations: proposes,
  input: proxiedCallInputSchema,
  words: {
    ...planWords,
    connectionId: "On which connection.",
    door: "rest, or soap for an envelope.",
    method: "The HTTP method; POST for soap.",
    path: "The path with its slash, as after the connection's proxy address.",
    query: "The query without its question mark.",
    headers: "Further headers, by name; only those that the studio's proxy passes.",
    contentType: "The body's media type.",
    soapAction: "For soap: its action.",
    body: "The body as text.",
  },
  output,
  async run(deps, call) {
    const { requestId, signal } = call;
    const options = { requestId, signal };
    return answer(deps, call, await proposeProxiedCall(deps, call.agent, call.input, options));
  },
});

/** What an agent does with plans; there is none that decides on one (MCP-9). */
export const planTools: readonly Tool[] = [
  plansPropose,
  plansGet,
  plansEdit,
  plansApply,
  plansCancel,
  proposeCall,
];
