import { z } from "zod";
import {
  concludeRest,
  failed,
  notFound,
  notHappened,
  readRest,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  type Automation,
  automationArea,
  automationInput,
  automationRunScopes,
  pausedSchedule,
  readAutomation,
  scheduled,
  theAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schema.ts";
import {
  automationOfStep,
  automationOutput,
  automationStep,
  observeAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-steps.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type PreparedStep,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Warning } from "#lib/providers/preview.ts";

const legacyPath = "/legacy/v1/beta/bulk/automations/automation/definition/";

const undocumented: Warning = {
  code: "undocumented_route",
  text: "Marketing Cloud documents no way to do this. The studio uses the route behind its own pages, which may change or fail without notice.",
};

const input = z.strictObject({ automation: automationInput });

type Switch = {
  verb: "pause" | "schedule";
  effect: PreparedStep["effect"];
  title: string;
  description: string;
  action: "pauseSchedule" | "schedule";
  from: number;
  to: number;
  after: string;
  done: string;
  refusal: string;
  example: { automation: string };
};

const switching = (given: Switch) => {
  const settle = (api: ProviderApi, step: StoredStep) => settled(api, step, given);
  return writeOperation({
    id: `marketing-cloud.automations.${given.verb}`,
    provider: "marketing-cloud",
    effect: given.effect,
    area: automationArea,
    title: given.title,
    description: given.description,
    scopes: automationRunScopes,
    input,
    output: automationOutput,
    example: given.example,
    async prepare(api, { automation }) {
      const one = await readAutomation(api, automation);
      if (one.statusId !== given.from || one.scheduleId === null) {
        throw new OperationFailedError("operations.conflict", `This automation ${given.refusal}`);
      }
      return [stepOf(one, given, await legacyIdOf(api, one.summary.key))];
    },
    observe: observeAutomation,
    async conclude(api, step, response) {
      return concludeRest(response, z.object({ id: z.string() }), {
        done: () => applied(step, given),
        refused: () => failed(restFailure(response, theAutomation)),
        settle: () => settle(api, step),
      });
    },
    settle,
  });
};

export const pauseAutomation = switching({
  verb: "pause",
  effect: "write",
  title: "Pause an automation",
  description:
    "Switches the schedule of an automation off, by a route that the provider does not document. A run that goes on is not stopped.",
  action: "pauseSchedule",
  from: scheduled,
  to: pausedSchedule,
  after: "PausedSchedule",
  done: "runs by its schedule no more.",
  refusal: "is not running by a schedule, so there is nothing to pause.",
  example: { automation: "nightly-import" },
});

export const scheduleAutomation = switching({
  verb: "schedule",
  effect: "code",
  title: "Schedule an automation",
  description:
    "Switches the paused schedule of an automation on again, by a route that the provider does not document. It then runs by itself.",
  action: "schedule",
  from: pausedSchedule,
  to: scheduled,
  after: "Scheduled",
  done: "runs by its schedule again.",
  refusal: "has no paused schedule to switch on.",
  example: { automation: "monthly-extract" },
});

function stepOf(one: Automation, given: Switch, legacyId: string): PreparedStep {
  const { name, id, status } = one.summary;
  return automationStep(one, {
    title: `${given.verb === "pause" ? "Pause" : "Schedule"} the automation ${quotedName(name)}`,
    effect: given.effect,
    request: restRequest("POST", legacyPath, {
      query: { action: given.action },
      body: { id: legacyId, scheduleObject: { id: one.scheduleId ?? "" } },
    }),
    runs: given.verb === "schedule",
    changes: [{ subject: name, subjectId: id, field: "State", before: status, after: given.after }],
    warnings: [
      undocumented,
      ...(given.verb === "schedule"
        ? [{ code: "code" as const, text: "From then on it runs by itself." }]
        : []),
    ],
  });
}

const legacySchema = z.object({
  totalResults: z.number().int().min(0),
  entry: z.array(z.object({ id: z.string(), key: z.string().nullish() })).default([]),
});
const legacyPage = { size: 50, most: 100 };

/** The undocumented route has ids of its own, which only its own list tells. */
async function legacyIdOf(api: ProviderApi, key: string): Promise<string> {
  for (let page = 0; page < legacyPage.most; page += 1) {
    const request = restRequest("GET", legacyPath, {
      // This family counts pages from 0 and calls that skipping.
      query: { $top: legacyPage.size, $skip: page },
    });
    const { entry, totalResults } = await readRest(api, request, legacySchema, theAutomation);
    const found = entry.find((one) => one.key?.toLowerCase() === key.toLowerCase());
    if (found) return found.id;
    if (entry.length === 0 || (page + 1) * legacyPage.size >= totalResults) break;
  }
  throw notFound(theAutomation);
}

function applied(step: StoredStep, { done }: Switch): Outcome {
  const { id } = automationOfStep(step);
  return { kind: "applied", summary: `The automation ${done}`, output: { id, instanceId: null } };
}

async function settled(api: ProviderApi, step: StoredStep, given: Switch): Promise<Outcome> {
  const { statusId } = await observeAutomation(api, step);
  if (statusId === given.to) return applied(step, given);
  if (statusId === given.from) return notHappened("The schedule is as it was before.");
  return { kind: "unknown", summary: "The automation's state does not tell about its schedule." };
}
