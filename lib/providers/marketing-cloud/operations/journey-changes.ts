import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  failed,
  isNotFound,
  isOpen,
  isTaken,
  notHappened,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  type EntrySource,
  readEntrySource,
} from "#lib/providers/marketing-cloud/operations/journey-audience.ts";
import {
  type Journey,
  readJourney,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { counted, grouped } from "#lib/providers/marketing-cloud/operations/words.ts";
import type {
  Outcome,
  PreparedStep,
  ProviderApi,
  ProviderRequest,
  ProviderResponse,
  StoredStep,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview, type Preview } from "#lib/providers/preview.ts";

const contextSchema = z.object({ id: z.string(), version: z.number().int() });

/** What a step was prepared on; whoever edits or switches the journey meanwhile changes one of them. */
const observedJourney = ({ summary }: Journey) => ({
  status: summary.status,
  version: summary.version,
  modifiedAt: summary.modifiedAt,
});

const gone = { status: "gone", version: 0, modifiedAt: null };

type Counts = Readonly<Record<string, number | null>>;

/**
 * How many people a step was shown to reach, as it is looked at again: "at most" stays true while there are
 * fewer, and more of them are another plan (PLN-10).
 *
 * @param now - by their names in `observed`; null where nobody knows
 */
export function peopleAtMost(step: StoredStep, now: Counts): JsonObject {
  const shown = z.record(z.string(), z.unknown()).parse(step.observed);
  return Object.fromEntries(
    Object.entries(now).map(([name, count]) => {
      const most = shown[name];
      return [name, typeof most === "number" && count !== null && count <= most ? most : count];
    }),
  );
}

/**
 * A journey that is not there any more is in another state than any that a step is prepared on.
 *
 * @param more - what else is looked at of the journey as it is now
 */
export async function observeJourney(
  api: ProviderApi,
  step: StoredStep,
  more: (journey: Journey) => Promise<JsonObject> = async () => ({}),
) {
  const { id, version } = contextSchema.parse(step.context);
  try {
    const journey = await readJourney(api, id, version);
    return { ...observedJourney(journey), ...(await more(journey)) };
  } catch (error) {
    if (isNotFound(error)) return gone;
    throw error;
  }
}

/** @throws {OperationFailedError} it is in none of these states */
export function requireStatus(journey: Journey, allowed: readonly string[], verb: string): void {
  const { status, version } = journey.summary;
  if (allowed.includes(status)) return;
  throw new OperationFailedError(
    "operations.conflict",
    `Version ${version} of this journey cannot be ${verb}: it is ${statusWord(status)}, and has to be ${allowed.map(statusWord).join(" or ")}.`,
  );
}

const words: Readonly<Record<string, string>> = {
  Draft: "a draft",
  Published: "running",
  ScheduledToPublish: "waiting to be published",
  Unpublished: "taking nobody in any more",
  Paused: "paused",
  Stopped: "stopped",
};
const statusWord = (status: string): string =>
  (Object.hasOwn(words, status) ? words[status] : undefined) ?? "in another state";

type JourneyStep = {
  title: string;
  effect: PreparedStep["effect"];
  request: ProviderRequest;
  recipients?: number;
  preview: Partial<Preview>;
  after: string;
  /** What it was prepared on beside the journey's own state. */
  observed?: JsonObject;
};

/** What every step on a journey tells. */
export async function journeyStep(
  api: ProviderApi,
  journey: Journey,
  stepOf: (entry: EntrySource | null) => JourneyStep,
): Promise<PreparedStep> {
  const { summary } = journey;
  const entry = await readEntrySource(api, journey);
  const given = stepOf(entry);
  const own = given.preview;
  return {
    title: given.title,
    effect: given.effect,
    request: given.request,
    preview: {
      ...emptyPreview,
      changes: [
        {
          subject: summary.name,
          subjectId: summary.id,
          field: "Status",
          before: summary.status,
          after: given.after,
        },
      ],
      changesTotal: 1,
      ...own,
      facts: [
        { label: "Journey", value: summary.name },
        { label: "Key", value: summary.key },
        { label: "Version", value: String(summary.version) },
        ...(entry ? [{ label: "Entry source", value: entryWords(entry) }] : []),
        { label: "Activities", value: String(journey.definition.activities.length) },
        {
          label: "People in it now",
          value: summary.peopleInside === null ? "Not known" : grouped(summary.peopleInside),
        },
        ...(own.facts ?? []),
      ],
    },
    records: 1,
    recipients: given.recipients ?? 0,
    observed: { ...observedJourney(journey), ...given.observed },
    context: { id: summary.id, version: summary.version },
  };
}

const entryWords = ({ name, type, audience }: EntrySource): string =>
  `${name || type}${audience ? `: ${counted(audience.rows, "row")} of ${audience.name}` : ""}`;

/** "12 people"; who is not counted is still there. */
export const peopleInWords = (count: number | null): string =>
  count === null ? "people whose number is not known" : counted(count, "person", "people");

/** Taken, or refused; what leaves it open is settled by the journey's own state. */
export async function concludeSwitch(
  api: ProviderApi,
  step: StoredStep,
  response: ProviderResponse,
  meaning: SwitchMeaning,
): Promise<Outcome> {
  if (isOpen(response)) return settleSwitch(api, step, meaning);
  if (!isTaken(response)) {
    return failed(restFailure(response, { what: "the journey", scopes: meaning.scopes }));
  }
  return applied(step, meaning);
}

export type SwitchMeaning = {
  scopes: readonly string[];
  /** In which state the journey is when it has happened. */
  reached: readonly string[];
  done: string;
};

export async function settleSwitch(
  api: ProviderApi,
  step: StoredStep,
  meaning: SwitchMeaning,
): Promise<Outcome> {
  const now = await observeJourney(api, step);
  if (meaning.reached.includes(now.status)) return applied(step, meaning);
  const before = z.record(z.string(), z.unknown()).parse(step.observed);
  if (Object.entries(now).every(([name, value]) => before[name] === value)) {
    return notHappened("The journey is as it was before.");
  }
  return { kind: "unknown", summary: "The journey is in another state than before or wanted." };
}

function applied(step: StoredStep, { done }: SwitchMeaning): Outcome {
  const { id, version } = contextSchema.parse(step.context);
  return {
    kind: "applied",
    summary: `Version ${version} of the journey ${done}`,
    output: { id, version },
  };
}

export const journeyOutput = z.object({ id: z.string(), version: z.number().int() });

/** Which journey a stored step is about. */
export const journeyOfStep = (step: StoredStep) => contextSchema.parse(step.context);
