import type { Json, JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { present, providerNote } from "#lib/mcp/provider-content.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import type { PlanJson, StepJson } from "#lib/plans/schema.ts";
import { standingOf } from "#lib/plans/wait-for-plan.ts";

/** More than a model reads of a plan at once. */
const STEPS_SHOWN = 100;

/**
 * A plan as its agent is told of it: how it stands and what to do next in words of ours; what it would write,
 * and everything with a provider's or a proposer's text, under `data`.
 *
 * @param after - the position of the last step that was shown already
 */
export async function planAnswer(
  deps: McpDeps,
  agent: AgentPrincipal,
  plan: PlanJson,
  after = 0,
): Promise<JsonObject> {
  const { items, nextCursor } = await listPlanSteps(deps, agent, plan.id, {
    limit: STEPS_SHOWN,
    cursor: after,
  });
  const shown = present(
    {
      title: plan.title,
      rejection: plan.rejection,
      targets: plan.targets.map((target) => ({ ...target })),
      steps: items.map(stepJson),
    },
    { list: "steps" },
  );
  const steps = shown.data.steps as readonly { position: number }[];
  const hasMore = nextCursor !== null || shown.nextFrom !== null;
  return {
    status: "plan",
    plan: {
      ...{ id: plan.id, state: plan.state, endReason: plan.endReason, version: plan.version },
      ...{ url: plan.url, expiresAt: plan.expiresAt, stepCount: plan.stepCount },
      ...{ records: plan.records, recipients: plan.recipients, progress: plan.progress },
      ...{ risks: [...plan.risks], missingApprovals: [...plan.missing] },
      seen: standingOf(plan),
    },
    next: nextWords(plan, agent),
    note: providerNote,
    data: shown.data,
    cut: shown.cut.filter(({ path }) => path !== "steps"),
    nextCursor: hasMore ? String(steps.at(-1)?.position ?? after) : null,
  };
}

const stepJson = (step: StepJson): JsonObject => ({
  ...{ position: step.position, title: step.title, effect: step.effect, state: step.state },
  ...{ operationId: step.operationId, connectionId: step.connectionId },
  ...{ records: step.records, recipients: step.recipients },
  outcome: step.outcome as unknown as Json,
  preview: step.preview && previewJson(step.preview),
});

/** Long bodies are for the person's eyes: an agent knows what it wrote. */
const previewJson = ({ bodies, ...preview }: NonNullable<StepJson["preview"]>): JsonObject => ({
  ...(preview as unknown as JsonObject),
  bodies: bodies.map(({ label, kind, before, after }) => ({
    ...{ label, kind },
    charactersBefore: before?.length ?? 0,
    charactersAfter: after?.length ?? 0,
  })),
});

const putOffWords = {
  build:
    "Your day is used up. Apply the rest with plans_apply after midnight UTC, or once your owner allows you more, before the plan expires.",
  plan: "Your day is used up. Your owner can run the rest after midnight UTC, or allow you more, before the plan expires; wait with plans_get.",
} as const;

function nextWords({ state, missing, endReason }: PlanJson, { mode }: AgentPrincipal): string {
  switch (state) {
    case "proposed":
      return missing.includes("second")
        ? "It waits for a person, and then for a second one. Tell them where to look, and wait with plans_get."
        : "It waits for a person. Tell them where to look, and wait with plans_get. Nothing is sent before.";
    case "approved":
      return mode === "build"
        ? "It is approved. Apply it with plans_apply."
        : "It is approved. Its owner starts it; wait with plans_get.";
    case "applying":
      return "It is being applied, each step once. Wait with plans_get.";
    case "applied":
      return "It was applied. Read back what you need to be sure of.";
    case "stopped":
      if (endReason === "budget_spent") return putOffWords[mode];
      return "It stopped before its end. Look at the steps' outcomes, and propose what is left anew if it still fits.";
    case "rejected":
      return "A person said no. Do not propose the same again; ask them what they want.";
    case "cancelled":
      return "It was taken back. Nothing of it will be sent.";
    case "expired":
      return "Nobody decided in time. Propose it again when the person is there.";
  }
}
