import { z } from "zod";
import { isNotFound } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  type Automation,
  observedAutomation,
  readAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schema.ts";
import type {
  PreparedStep,
  ProviderApi,
  ProviderRequest,
  StoredStep,
} from "#lib/providers/operation.ts";
import { emptyPreview, type Preview, type Warning } from "#lib/providers/preview.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

const contextSchema = z.object({ id: z.string() });
export const automationOfStep = (step: StoredStep) => contextSchema.parse(step.context);

export const automationOutput = z.object({ id: z.string(), instanceId: z.string().nullable() });

/** What every step on an automation tells: its activities are what runs. */
export function automationStep(
  one: Automation,
  given: {
    title: string;
    effect: PreparedStep["effect"];
    request: ProviderRequest;
    /** Whether its activities run by this step, now or later. */
    runs: boolean;
    changes?: Preview["changes"];
    warnings: readonly Warning[];
  },
): PreparedStep {
  const { summary } = one;
  const activities = one.steps.flatMap((step, at) =>
    step.activities.map(({ name, kind }) => [String(at + 1), name, kind]),
  );
  const reaching = one.steps
    .flatMap((step) => step.activities)
    .filter(({ reachesPeople }) => reachesPeople);
  const reaches = given.runs && reaching.length > 0;
  return {
    title: given.title,
    effect: given.effect,
    request: given.request,
    preview: {
      ...emptyPreview,
      changes: given.changes ?? [],
      changesTotal: given.changes?.length ?? 0,
      rows: {
        columns: ["Step", "Activity", "What it is"],
        sample: activities.slice(0, 50),
        total: activities.length,
      },
      facts: [
        { label: "Automation", value: summary.name },
        { label: "Key", value: summary.key },
        { label: "State", value: summary.status },
        { label: "Last run", value: summary.lastRunAt ?? "Never" },
        ...(one.schedule?.repeats ? [{ label: "Repeats", value: one.schedule.repeats }] : []),
      ],
      warnings: [
        ...(reaches
          ? [
              {
                code: "send" as const,
                text: `It sends, lets people into journeys, or may do so: ${[...new Set(reaching.map(({ kind }) => kind))].join(", ")}. How many people it reaches is not known.`,
              },
            ]
          : []),
        ...given.warnings,
      ],
    },
    records: 1,
    recipients: reaches ? unknownRecipients : 0,
    observed: observedAutomation(one),
    context: { id: summary.id },
  };
}

const gone = { statusId: 0, lastRunAt: null, lastRunInstanceId: null, does: "gone" };

export async function observeAutomation(api: ProviderApi, step: StoredStep) {
  try {
    return observedAutomation(await readAutomation(api, automationOfStep(step).id));
  } catch (error) {
    if (isNotFound(error)) return gone;
    throw error;
  }
}
