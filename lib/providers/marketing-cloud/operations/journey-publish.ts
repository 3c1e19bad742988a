import { z } from "zod";
import {
  concludeRest,
  failed,
  isTaken,
  jsonOf,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { isGuid } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { readEntrySource } from "#lib/providers/marketing-cloud/operations/journey-audience.ts";
import {
  journeyOfStep,
  journeyOutput,
  journeyStep,
  observeJourney,
  peopleAtMost,
  peopleInWords,
  requireStatus,
} from "#lib/providers/marketing-cloud/operations/journey-changes.ts";
import {
  journeyArea,
  journeyInput,
  journeyRunScopes,
  readJourney,
  versionInput,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { plainCode } from "#lib/providers/operation-errors.ts";
import { countedRecipients } from "#lib/providers/vocabulary.ts";

export const publishJourney = writeOperation({
  id: "marketing-cloud.journeys.publish",
  provider: "marketing-cloud",
  effect: "send",
  area: journeyArea,
  title: "Publish a journey",
  description:
    "Switches a draft on: from then on people enter it and are written to. Waits until the provider has published it or says why not.",
  scopes: journeyRunScopes,
  input: z.strictObject({ journey: journeyInput, version: versionInput }),
  output: journeyOutput,
  example: { journey: "abandoned-cart" },
  async prepare(api, asked) {
    const journey = await readJourney(api, asked.journey, asked.version);
    requireStatus(journey, ["Draft"], "published");
    const { id, name, version } = journey.summary;
    const step = await journeyStep(api, journey, (entry) => {
      const audience = entry?.audience ?? null;
      return {
        title: `Publish ${quotedName(name)}, version ${version}, to ${peopleInWords(audience?.rows ?? null)}${audience ? " at most" : ""}`,
        effect: "send",
        after: "Published",
        observed: { source: audience?.name ?? null, people: audience?.rows ?? null },
        recipients: countedRecipients(audience?.rows ?? null),
        request: restRequest("POST", pathOf`/interaction/v1/interactions/publishAsync/${id}`, {
          query: { versionNumber: version },
        }),
        preview: {
          recipients: audience && { count: audience.rows, isAtMost: true, sample: [] },
          bodies: [
            {
              label: "Definition",
              kind: "json",
              before: null,
              after: JSON.stringify(journey.definition, null, 2),
            },
          ],
          warnings: [
            {
              code: "send",
              text: audience
                ? `Up to ${counted(audience.rows, "person", "people")} out of ${quotedName(audience.name)} may enter and be written to.`
                : "How many people it reaches is not known: they enter one by one, or their source cannot be counted.",
            },
            {
              code: "cannot_be_undone",
              text: "What it sends cannot be taken back. It can be paused or stopped.",
            },
          ],
        },
      };
    });
    return [step];
  },
  observe: (api, step) =>
    observeJourney(api, step, async (journey) => {
      const audience = (await readEntrySource(api, journey))?.audience ?? null;
      return {
        source: audience?.name ?? null,
        ...peopleAtMost(step, { people: audience?.rows ?? null }),
      };
    }),
  async conclude(api, step, response) {
    const asked = { what: "the journey", scopes: journeyRunScopes };
    return concludeRest(response, begunSchema, {
      done: ({ statusId }) => whenThrough(api, step, statusId),
      refused: () => failed(restFailure(response, asked)),
      settle: () => settle(api, step),
    });
  },
  settle,
});

const begunSchema = z.object({ statusId: z.string().refine(isGuid) });
const statusSchema = z.object({
  status: z.string(),
  errors: z.array(z.object({ errorCode: z.coerce.string().catch("") })).catch([]),
});

/** It takes seconds; after two minutes a person is told that it still goes on. */
const looks = { firstMs: 500, longestMs: 5_000, most: 30 };

async function whenThrough(api: ProviderApi, step: StoredStep, statusId: string): Promise<Outcome> {
  const request = restRequest(
    "GET",
    pathOf`/interaction/v1/interactions/publishStatus/${statusId}`,
  );
  let waitMs = looks.firstMs;
  for (let look = 0; look < looks.most; look += 1) {
    await api.wait(waitMs);
    waitMs = Math.min(waitMs * 2, looks.longestMs);
    const answer = await api.read(request);
    const state = statusSchema.safeParse(jsonOf(answer.body));
    // It goes on, whatever this look brought: only the provider's own word ends it.
    if (!isTaken(answer) || !state.success) continue;
    const { status, errors } = state.data;
    if (status === "PublishCompleted") return published(step);
    if (status === "Error") return refused(step, errors[0]?.errorCode ?? null);
    api.progress(look + 1, null);
  }
  return { kind: "unknown", summary: "Marketing Cloud is still publishing the journey." };
}

function published(step: StoredStep): Outcome {
  const { id, version } = journeyOfStep(step);
  return {
    kind: "applied",
    summary: `Version ${version} of the journey is published.`,
    output: { id, version },
  };
}

function refused(step: StoredStep, errorCode: string | null): Outcome {
  const { version } = journeyOfStep(step);
  const providerCode = plainCode(errorCode);
  return {
    kind: "failed",
    summary: `Marketing Cloud did not publish version ${version} of the journey: its check found a mistake. Validate the journey in Journey Builder to see where.`,
    code: "operations.refused_by_provider",
    output: providerCode === null ? {} : { providerCode },
  };
}

/** A draft that is still one may yet be on its way: publishing goes on in the background. */
async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const now = await observeJourney(api, step);
  if (now.status === "Published") return published(step);
  return {
    kind: "unknown",
    summary:
      now.status === "Draft"
        ? "The journey is still a draft, but its publishing may be under way."
        : "The journey is neither a draft nor published.",
  };
}
