import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  automationArea,
  automationDetailsSchema,
  automationInput,
  automationPageSchema,
  automationReadScopes,
  automationSummarySchema,
  readAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schema.ts";
import {
  lineInput,
  pageInput,
  pageSizeInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { quoted, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { readOperation } from "#lib/providers/operation.ts";

export const listAutomations = readOperation({
  id: "marketing-cloud.automations.list",
  provider: "marketing-cloud",
  area: automationArea,
  title: "List automations",
  description: "Automations of the business unit with their state and last run.",
  scopes: automationReadScopes,
  input: z.strictObject({
    name: lineInput(200, "Only the one of exactly this name.").optional(),
    page: pageInput,
    pageSize: pageSizeInput(200, 50),
  }),
  output: z.object({
    automations: z.array(automationSummarySchema),
    page: z.number().int(),
    total: z.number().int(),
    hasMore: z.boolean(),
  }),
  example: { page: 1, pageSize: 50 },
  async run(api, { name, page, pageSize }) {
    const request = restRequest("GET", "/automation/v1/automations", {
      query: {
        $page: page,
        $pageSize: pageSize,
        $filter: name === undefined ? undefined : `name eq ${quoted(name)}`,
        $orderBy: "name asc",
      },
    });
    const { items, count } = await readRest(api, request, automationPageSchema, {
      what: "the list of automations",
      scopes: automationReadScopes,
    });
    return {
      automations: items.map(({ summary }) => summary),
      page,
      total: count,
      hasMore: page * pageSize < count,
    };
  },
  rowsOf: ({ automations }) => automations.length,
});

export const getAutomation = readOperation({
  id: "marketing-cloud.automations.get",
  provider: "marketing-cloud",
  area: automationArea,
  title: "Read an automation",
  description: "State, schedule and steps of one automation, with what each activity does.",
  scopes: automationReadScopes,
  input: z.strictObject({ automation: automationInput }),
  output: automationDetailsSchema,
  example: { automation: "nightly-import" },
  async run(api, { automation }) {
    const { summary, schedule, steps } = await readAutomation(api, automation);
    return { automation: summary, schedule, steps };
  },
  rowsOf: () => 1,
});
