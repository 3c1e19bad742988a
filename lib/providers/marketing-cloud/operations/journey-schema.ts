import { z } from "zod";
import { type Asked, named, readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { isGuid, lineInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const journeyReadScopes = ["journeys_read"] as const;
export const journeyWriteScopes = ["journeys_read", "journeys_write"] as const;
export const journeyRunScopes = ["journeys_read", "journeys_execute"] as const;
export const journeyDeleteScopes = ["journeys_read", "journeys_delete"] as const;

export const journeyArea = "Journeys";

export const journeyInput = lineInput(200, "Id or key of the journey.");
export const versionInput = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .optional()
  .describe("Which version; the newest where it is left out.");

const parts = z.array(z.record(z.string(), z.unknown())).catch([]);
/** Null where it is not told: nobody is another number. */
const people = z.number().int().min(0).nullable().catch(null);

/** Their journey, under our names. */
export const journeySchema = z
  .object({
    id: z.string().min(1),
    key: z.string(),
    name: z.string(),
    description: z.string().nullish(),
    version: z.number().int(),
    status: z.string(),
    definitionType: z.string().nullish(),
    entryMode: z.string().nullish(),
    createdDate: z.string().nullish(),
    modifiedDate: z.string().nullish(),
    lastPublishedDate: z.string().nullish(),
    stats: z.object({ currentPopulation: people, cumulativePopulation: people }).nullish(),
    triggers: parts,
    activities: parts,
    goals: parts,
    exits: parts,
    defaults: z.record(z.string(), z.unknown()).catch({}),
    metaData: z.record(z.string(), z.unknown()).catch({}),
  })
  .transform((one) => ({
    summary: {
      id: one.id,
      key: one.key,
      name: one.name,
      description: one.description || null,
      version: one.version,
      status: one.status,
      definitionType: one.definitionType ?? null,
      entryMode: one.entryMode ?? null,
      createdAt: one.createdDate ?? null,
      modifiedAt: one.modifiedDate ?? null,
      publishedAt: publishedAt(one.lastPublishedDate),
      peopleInside: one.stats?.currentPopulation ?? null,
      peopleEver: one.stats?.cumulativePopulation ?? null,
    },
    definition: {
      entryMode: one.entryMode ?? "NotSet",
      triggers: one.triggers,
      activities: one.activities,
      goals: one.goals,
      exits: one.exits,
      defaults: one.defaults,
      metaData: one.metaData,
    },
  }));
export type Journey = z.infer<typeof journeySchema>;

/** The year 1 stands for never. */
const publishedAt = (date: string | null | undefined): string | null =>
  !date || date.startsWith("0001-") ? null : date;

export const journeySummarySchema = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  version: z.number().int(),
  status: z.string(),
  definitionType: z.string().nullable(),
  entryMode: z.string().nullable(),
  createdAt: z.string().nullable(),
  modifiedAt: z.string().nullable(),
  publishedAt: z.string().nullable(),
  peopleInside: z.number().int().nullable(),
  peopleEver: z.number().int().nullable(),
});

export const askedOfJourney = (
  journey: string,
  scopes: readonly string[] = journeyReadScopes,
): Asked => ({ what: named("the journey", journey), scopes });

export const interactions = "/interaction/v1/interactions";

/**
 * A journey by id or key, one version of it.
 *
 * @throws {OperationFailedError} no such journey, or none that this person may see
 */
export async function readJourney(
  api: ProviderApi,
  journey: string,
  version?: number,
): Promise<Journey> {
  const path = isGuid(journey)
    ? pathOf`/interaction/v1/interactions/${journey}`
    : pathOf`/interaction/v1/interactions/key:${journey}`;
  const request = restRequest("GET", path, {
    query: { versionNumber: version, extras: "all" },
  });
  return readRest(api, request, journeySchema, askedOfJourney(journey));
}
