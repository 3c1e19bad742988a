import { z } from "zod";
import { readEntrySource } from "#lib/providers/marketing-cloud/operations/journey-audience.ts";
import {
  concludeSwitch,
  journeyOutput,
  journeyStep,
  observeJourney,
  peopleAtMost,
  peopleInWords,
  requireStatus,
  type SwitchMeaning,
  settleSwitch,
} from "#lib/providers/marketing-cloud/operations/journey-changes.ts";
import {
  type Journey,
  journeyArea,
  journeyDeleteScopes,
  journeyInput,
  journeyRunScopes,
  readJourney,
  versionInput,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { type PreparedStep, type ProviderApi, writeOperation } from "#lib/providers/operation.ts";
import { countedRecipients } from "#lib/providers/vocabulary.ts";

const input = z.strictObject({ journey: journeyInput, version: versionInput });

/** A write that is one call and leaves the journey in a state that tells whether it happened. */
const switching = <Input extends { journey: string; version?: number | undefined }>(given: {
  verb: string;
  effect: PreparedStep["effect"];
  title: string;
  description: string;
  input: z.ZodType<Input>;
  example: Input;
  meaning: SwitchMeaning;
  /** People are written to again: not more of them than were shown. */
  reachesPeople?: boolean;
  step(api: ProviderApi, journey: Journey, input: Input): Promise<PreparedStep>;
}) =>
  writeOperation({
    id: `marketing-cloud.journeys.${given.verb}`,
    provider: "marketing-cloud",
    effect: given.effect,
    area: journeyArea,
    title: given.title,
    description: given.description,
    scopes: given.meaning.scopes,
    input: given.input,
    output: journeyOutput,
    example: given.example,
    async prepare(api, asked) {
      const journey = await readJourney(api, asked.journey, asked.version);
      return [await given.step(api, journey, asked)];
    },
    observe: (api, step) =>
      observeJourney(api, step, async (journey) =>
        given.reachesPeople ? peopleAtMost(step, await whoGoesOn(api, journey)) : {},
      ),
    conclude: (api, step, response) => concludeSwitch(api, step, response, given.meaning),
    settle: (api, step) => settleSwitch(api, step, given.meaning),
  });

/** Those who wait in it, and those whom its entry source may let in besides. */
async function whoGoesOn(api: ProviderApi, journey: Journey) {
  const entry = await readEntrySource(api, journey);
  return { people: journey.summary.peopleInside, entering: entry?.audience?.rows ?? null };
}

const longestPauseDays = 14;

export const pauseJourney = switching({
  verb: "pause",
  effect: "write",
  title: "Pause a journey",
  description:
    "People in the journey stay where they are, and nobody is written to, until it is resumed or the pause ends by itself.",
  input: input.extend({
    days: z
      .number()
      .int()
      .min(1)
      .max(longestPauseDays)
      .default(longestPauseDays)
      .describe("After how many days the pause ends by itself, at most 14."),
    extendWaits: z
      .boolean()
      .default(true)
      .describe("Whether waits that end meanwhile are made longer by the pause."),
  }),
  example: { journey: "welcome-series", days: 7, extendWaits: true },
  meaning: {
    scopes: journeyRunScopes,
    reached: ["Paused"],
    done: "is paused.",
  },
  async step(api, journey, { days, extendWaits }) {
    requireStatus(journey, ["Published"], "paused");
    const { id, version, name } = journey.summary;
    return journeyStep(api, journey, () => ({
      title: `Pause ${quotedName(name)}, version ${version}, for ${counted(days, "day")} at most`,
      effect: "write",
      after: "Paused",
      request: restRequest("POST", pathOf`/interaction/v1/interactions/pause/${id}`, {
        query: { versionNumber: version },
        // What comes after the days is not left to a default that the vendor states in two ways.
        body: { ExtendWaitEndDates: extendWaits, PausedDays: days, GuardrailAction: "Resume" },
      }),
      preview: {
        facts: [
          { label: "Ends by itself", value: `After ${counted(days, "day")}: then it runs again` },
          { label: "Waits are made longer", value: extendWaits ? "Yes" : "No" },
        ],
      },
    }));
  },
});

export const resumeJourney = switching({
  verb: "resume",
  effect: "send",
  title: "Resume a journey",
  description: "A paused journey goes on: people in it are written to again, and new ones enter.",
  input,
  example: { journey: "post-purchase-care" },
  meaning: {
    scopes: journeyRunScopes,
    reached: ["Published"],
    done: "runs again.",
  },
  reachesPeople: true,
  async step(api, journey) {
    requireStatus(journey, ["Paused"], "resumed");
    const { id, version, name, peopleInside } = journey.summary;
    return journeyStep(api, journey, (entry) => {
      const entering = entry?.audience?.rows ?? null;
      const most = peopleInside === null || entering === null ? null : peopleInside + entering;
      return {
        title: `Resume ${quotedName(name)}, version ${version}, with ${peopleInWords(peopleInside)} in it`,
        effect: "send",
        after: "Published",
        observed: { people: peopleInside, entering },
        recipients: countedRecipients(most),
        request: restRequest("POST", pathOf`/interaction/v1/interactions/resume/${id}`, {
          query: { versionNumber: version },
        }),
        preview: {
          recipients: most === null ? null : { count: most, isAtMost: true, sample: [] },
          warnings: [
            {
              code: "send",
              text: `It goes on for ${peopleInWords(peopleInside)} who wait in it, and they may be written to. ${entering === null ? "How many people enter from then on is not known." : `Up to ${peopleInWords(entering)} may enter from then on.`}`,
            },
          ],
        },
      };
    });
  },
});

export const stopJourney = switching({
  verb: "stop",
  effect: "destructive",
  title: "Stop a journey",
  description:
    "Takes everybody out of one version of a journey, at once and for good. It cannot be started again.",
  input,
  example: { journey: "welcome-series" },
  meaning: {
    scopes: journeyRunScopes,
    reached: ["Stopped"],
    done: "is stopped.",
  },
  async step(api, journey) {
    requireStatus(journey, ["Published", "Paused"], "stopped");
    const { id, version, name, peopleInside } = journey.summary;
    return journeyStep(api, journey, () => ({
      title: `Stop ${quotedName(name)}, version ${version}, with ${peopleInWords(peopleInside)} in it`,
      effect: "destructive",
      after: "Stopped",
      request: restRequest("POST", pathOf`/interaction/v1/interactions/stop/${id}`, {
        query: { versionNumber: version },
      }),
      preview: {
        warnings: [
          {
            code: "cannot_be_undone",
            text: `Everybody in it leaves at once: ${peopleInWords(peopleInside)}. A stopped version never runs again.`,
          },
        ],
      },
    }));
  },
});

export const deleteJourney = switching({
  verb: "delete",
  effect: "destructive",
  title: "Delete a journey",
  description:
    "Removes one version of a journey. One that runs or is paused has to be stopped first.",
  input,
  example: { journey: "win-back" },
  meaning: {
    scopes: journeyDeleteScopes,
    reached: ["Deleted", "gone"],
    done: "is deleted.",
  },
  async step(api, journey) {
    requireStatus(journey, ["Draft", "Stopped", "Unpublished"], "deleted");
    const { id, version, name } = journey.summary;
    return journeyStep(api, journey, () => ({
      title: `Delete ${quotedName(name)}, version ${version}`,
      effect: "destructive",
      after: "Deleted",
      request: restRequest("DELETE", pathOf`/interaction/v1/interactions/${id}`, {
        query: { versionNumber: version },
      }),
      preview: {
        bodies: [
          {
            label: "Definition",
            kind: "json",
            before: JSON.stringify(journey.definition, null, 2),
            after: null,
          },
        ],
        warnings: [
          { code: "delete", text: "This version of the journey is removed." },
          { code: "cannot_be_undone", text: "Marketing Cloud has no way to bring it back." },
        ],
      },
    }));
  },
});
