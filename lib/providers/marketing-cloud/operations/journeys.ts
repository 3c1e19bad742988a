import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  lineInput,
  pageInput,
  pageSizeInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  interactions,
  journeyArea,
  journeyInput,
  journeyReadScopes,
  journeySchema,
  journeySummarySchema,
  readJourney,
  versionInput,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { readOperation } from "#lib/providers/operation.ts";

const statuses = [
  "Draft",
  "Published",
  "ScheduledToPublish",
  "Paused",
  "Stopped",
  "Unpublished",
  "Deleted",
] as const;

export const listJourneys = readOperation({
  id: "marketing-cloud.journeys.list",
  provider: "marketing-cloud",
  area: journeyArea,
  title: "List journeys",
  description:
    "Journeys of the business unit with status, version and how many people are in them, last changed first.",
  scopes: journeyReadScopes,
  input: z.strictObject({
    search: lineInput(200, "Only those whose name or description holds this text.").optional(),
    status: z.enum(statuses).optional().describe("Only those in this state."),
    allVersions: z
      .boolean()
      .default(false)
      .describe("Every version, not only the newest of each journey."),
    page: pageInput,
    pageSize: pageSizeInput(50, 25),
  }),
  output: z.object({
    journeys: z.array(journeySummarySchema),
    page: z.number().int(),
    total: z.number().int(),
    hasMore: z.boolean(),
  }),
  example: { status: "Published" as const, allVersions: false, page: 1, pageSize: 25 },
  async run(api, { search, status, allVersions, page, pageSize }) {
    const request = restRequest("GET", interactions, {
      query: {
        $page: page,
        $pageSize: pageSize,
        status,
        nameOrDescription: search,
        mostRecentVersionOnly: allVersions ? "false" : undefined,
        $orderBy: "ModifiedDate DESC",
      },
    });
    const answer = await readRest(api, request, pageSchema, {
      what: "the list of journeys",
      scopes: journeyReadScopes,
    });
    return {
      journeys: answer.items.map(({ summary }) => summary),
      page,
      total: answer.count,
      hasMore: page * pageSize < answer.count,
    };
  },
  rowsOf: ({ journeys }) => journeys.length,
});

const pageSchema = z.object({
  count: z.number().int().min(0),
  // Absent where there is none.
  items: z.array(journeySchema).default([]),
});

export const getJourney = readOperation({
  id: "marketing-cloud.journeys.get",
  provider: "marketing-cloud",
  area: journeyArea,
  title: "Read a journey",
  description:
    "One version of a journey with its entry source, activities, goals and exits, in the provider's own form.",
  scopes: journeyReadScopes,
  input: z.strictObject({ journey: journeyInput, version: versionInput }),
  output: z.object({
    journey: journeySummarySchema,
    definition: z.object({
      entryMode: z.string(),
      triggers: z.array(z.record(z.string(), z.unknown())),
      activities: z.array(z.record(z.string(), z.unknown())),
      goals: z.array(z.record(z.string(), z.unknown())),
      exits: z.array(z.record(z.string(), z.unknown())),
      defaults: z.record(z.string(), z.unknown()),
      metaData: z.record(z.string(), z.unknown()),
    }),
  }),
  example: { journey: "welcome-series" },
  async run(api, { journey, version }) {
    const { summary, definition } = await readJourney(api, journey, version);
    return { journey: summary, definition };
  },
  rowsOf: () => 1,
});
