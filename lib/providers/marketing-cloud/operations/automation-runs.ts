import { z } from "zod";
import {
  concludeRest,
  failed,
  restFailure,
  soapBodyOf,
  soapFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  type Automation,
  automationArea,
  automationInput,
  automationRunScopes,
  readAutomation,
  running,
  theAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schema.ts";
import {
  automationOfStep,
  automationOutput,
  automationStep,
  observeAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-steps.ts";
import {
  pathOf,
  restRequest,
  soapRequest,
} from "#lib/providers/marketing-cloud/operations/request.ts";
import { soapList, soapText } from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { el } from "#lib/providers/marketing-cloud/xml.ts";
import {
  type Outcome,
  type ProviderApi,
  type ProviderRequest,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const input = z.strictObject({ automation: automationInput });
const example = { automation: "nightly-import" };

const common = {
  provider: "marketing-cloud",
  effect: "code",
  area: automationArea,
  scopes: automationRunScopes,
  input,
  output: automationOutput,
  example,
  observe: observeAutomation,
  settle,
} as const;

export const runAutomationOnce = writeOperation({
  ...common,
  id: "marketing-cloud.automations.run-once",
  title: "Run an automation once",
  description:
    "Runs all steps of an automation now, whatever its schedule. A run cannot be taken back.",
  prepare: async (api, { automation }) => [
    runStep(await readAutomation(api, automation), "Run", (id) =>
      restRequest("POST", pathOf`/automation/v1/automations/${id}/actions/runallonce`),
    ),
  ],
  async conclude(api, step, response) {
    // What it answers is written down nowhere: any answer that is no refusal counts.
    return concludeRest(response, z.looseObject({ instanceId: z.string().nullish() }), {
      done: ({ instanceId }) => started(step, instanceId ?? null),
      refused: () => failed(restFailure(response, theAutomation)),
      settle: () => settle(api, step),
    });
  },
});

export const startAutomation = writeOperation({
  ...common,
  id: "marketing-cloud.automations.start",
  title: "Start an automation",
  description:
    "Starts an automation by the provider's documented way, SOAP. It runs all its steps; a run cannot be taken back.",
  prepare: async (api, { automation }) => [
    runStep(await readAutomation(api, automation), "Start", performRequest),
  ],
  async conclude(api, step, response) {
    const asked = theAutomation;
    const body = soapBodyOf(response);
    if (body.kind === "fault" && !body.isServers) return failed(soapFailure(body.words, asked));
    if (body.kind !== "message" || response.status !== 200) return settle(api, step);
    const parsed = performedSchema.safeParse(body.message);
    if (!parsed.success) return settle(api, step);
    const [result] = parsed.data.Results.flatMap(({ Result }) => Result);
    if (result?.StatusCode?.trim() === "OK") return started(step, null);
    return failed(soapFailure(result?.StatusMessage ?? "", asked));
  },
});

const performedSchema = z.object({
  Results: z
    .array(
      z.object({ Result: soapList(z.object({ StatusCode: soapText, StatusMessage: soapText })) }),
    )
    .default([]),
});

function performRequest(id: string): ProviderRequest {
  const definition = el("Definition", [el("ObjectID", id)], "Automation");
  return soapRequest(
    "Perform",
    el("PerformRequestMsg", [
      el("Options", []),
      el("Action", "start"),
      el("Definitions", [definition]),
    ]),
  );
}

function runStep(one: Automation, verb: string, request: (id: string) => ProviderRequest) {
  const { name, id } = one.summary;
  const count = one.steps.reduce((sum, { activities }) => sum + activities.length, 0);
  if (one.statusId === running) {
    throw new OperationFailedError("operations.conflict", "This automation is running already.");
  }
  if (count === 0) {
    throw new OperationFailedError(
      "operations.nothing_to_change",
      "This automation has no activities to run.",
    );
  }
  return automationStep(one, {
    title: `${verb} the automation ${quotedName(name)} with ${counted(count, "activity", "activities")}`,
    effect: "code",
    request: request(id),
    runs: true,
    warnings: [
      { code: "code", text: "It does whatever its activities were built to do." },
      { code: "cannot_be_undone", text: "What a run has done cannot be taken back." },
      { code: "no_preview", text: "Which rows it reads and writes is not known beforehand." },
    ],
  });
}

function started(step: StoredStep, instanceId: string | null): Outcome {
  const { id } = automationOfStep(step);
  return { kind: "applied", summary: "The automation has started.", output: { id, instanceId } };
}

/** Its schedule, or somebody else, may have started it as well: nothing says by whom it runs. */
async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const now = await observeAutomation(api, step);
  const before = z
    .object({ lastRunAt: z.string().nullable(), lastRunInstanceId: z.string().nullable() })
    .parse(step.observed);
  const hasRun =
    now.statusId === running ||
    now.lastRunAt !== before.lastRunAt ||
    now.lastRunInstanceId !== before.lastRunInstanceId;
  return {
    kind: "unknown",
    summary: hasRun
      ? "The automation runs, or has run since. Whether this step started it cannot be told."
      : "The automation shows no run since. It may still be about to start.",
  };
}
