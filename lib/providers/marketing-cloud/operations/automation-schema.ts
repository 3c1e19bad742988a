import { createHash } from "node:crypto";
import { z } from "zod";
import {
  type Asked,
  named,
  notFound,
  readRest,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { isGuid, lineInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { pathOf, quoted, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const automationArea = "Automations";
export const automationReadScopes = ["automations_read"] as const;
export const automationRunScopes = ["automations_read", "automations_execute"] as const;

export const automationInput = lineInput(200, "Id or key of the automation.");

/** @see contract of Marketing Cloud, section 9 */
const statusNames = {
  "-1": "Error",
  "0": "BuildingError",
  "1": "Building",
  "2": "Ready",
  "3": "Running",
  "4": "PausedSchedule",
  "5": "Stopped",
  "6": "Scheduled",
  "7": "AwaitingTrigger",
  "8": "InactiveTrigger",
} as const;
export const running = 3;
export const pausedSchedule = 4;
export const scheduled = 6;

const activityKinds: Readonly<Record<number, string>> = {
  42: "email send",
  43: "import",
  45: "group refresh",
  53: "file transfer",
  73: "data extract",
  84: "report",
  300: "query",
  303: "filter",
  423: "script",
  425: "data factory",
  467: "wait",
  725: "SMS",
  736: "push",
  749: "entry event",
  952: "journey entry",
  1000: "verification",
};
/**
 * They cannot write to anybody. All else counts as what may: mails and messages, what lets people into
 * journeys, scripts, which may send whatever they were written to, and kinds that are not known.
 */
const quietKinds: ReadonlySet<number> = new Set([43, 45, 53, 73, 84, 300, 303, 425, 467, 1000]);

const activitySchema = z.object({ name: z.string().catch(""), objectTypeId: z.number().int() });
const rawSchema = z.object({
  id: z.string().min(1),
  key: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  statusId: z.number().int(),
  type: z.string().nullish(),
  categoryId: z.number().int().nullish(),
  lastRunTime: z.string().nullish(),
  lastRunInstanceId: z.string().nullish(),
  schedule: z
    .object({
      id: z.string().nullish(),
      icalRecur: z.string().nullish(),
      startDate: z.string().nullish(),
      endDate: z.string().nullish(),
      timezoneName: z.string().nullish(),
      scheduleStatus: z.string().nullish(),
    })
    .nullish(),
  steps: z
    .array(z.object({ name: z.string().nullish(), activities: z.array(activitySchema).catch([]) }))
    .catch([]),
});

export const automationSummarySchema = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.string(),
  startedBy: z.string().nullable(),
  folderId: z.number().int().nullable(),
  lastRunAt: z.string().nullable(),
});

export const automationDetailsSchema = z.object({
  automation: automationSummarySchema,
  schedule: z
    .object({
      repeats: z.string().nullable(),
      startsAt: z.string().nullable(),
      endsAt: z.string().nullable(),
      timeZone: z.string().nullable(),
      status: z.string().nullable(),
    })
    .nullable(),
  steps: z.array(
    z.object({
      name: z.string().nullable(),
      activities: z.array(
        z.object({ name: z.string(), kind: z.string(), reachesPeople: z.boolean() }),
      ),
    }),
  ),
});

/** Their automation, under our names; what steps are drawn and judged by is beside it. */
const automationSchema = rawSchema.transform((one) => ({
  summary: {
    id: one.id,
    key: one.key,
    name: one.name,
    description: one.description || null,
    status: statusNames[String(one.statusId) as keyof typeof statusNames] ?? String(one.statusId),
    startedBy: one.type ?? null,
    folderId: one.categoryId ?? null,
    lastRunAt: one.lastRunTime ?? null,
  },
  schedule: one.schedule
    ? {
        repeats: one.schedule.icalRecur ?? null,
        startsAt: one.schedule.startDate ?? null,
        endsAt: one.schedule.endDate ?? null,
        timeZone: one.schedule.timezoneName ?? null,
        status: one.schedule.scheduleStatus ?? null,
      }
    : null,
  steps: one.steps.map((step) => ({
    name: step.name || null,
    activities: step.activities.map(({ name, objectTypeId }) => ({
      name,
      kind: activityKinds[objectTypeId] ?? `activity ${objectTypeId}`,
      reachesPeople: !quietKinds.has(objectTypeId),
    })),
  })),
  statusId: one.statusId,
  lastRunInstanceId: one.lastRunInstanceId ?? null,
  scheduleId: one.schedule?.id ?? null,
}));
export type Automation = z.infer<typeof automationSchema>;

const askedOfAutomation = (
  automation: string,
  scopes: readonly string[] = automationReadScopes,
): Asked => ({ what: named("the automation", automation), scopes });

/** Where only the provider's own name of it is at hand. */
export const theAutomation: Asked = { what: "the automation", scopes: automationRunScopes };

export const automationPageSchema = z.object({
  count: z.number().int().min(0),
  items: z.array(automationSchema).default([]),
});

/**
 * An automation with its steps, by id or key.
 *
 * @throws {OperationFailedError} no such automation, or none that this person may see
 */
export async function readAutomation(api: ProviderApi, automation: string): Promise<Automation> {
  const asked = askedOfAutomation(automation);
  const id = isGuid(automation) ? automation : await idOfKey(api, automation);
  const request = restRequest("GET", pathOf`/automation/v1/automations/${id}`);
  return readRest(api, request, automationSchema, asked);
}

/** Only the list finds one by its key. */
async function idOfKey(api: ProviderApi, key: string): Promise<string> {
  const asked = askedOfAutomation(key);
  const request = restRequest("GET", "/automation/v1/automations", {
    query: { $page: 1, $pageSize: 10, $filter: `key eq ${quoted(key)}` },
  });
  const { items } = await readRest(api, request, automationPageSchema, asked);
  const found = items.find(({ summary }) => summary.key.toLowerCase() === key.toLowerCase());
  if (!found) throw notFound(asked);
  return found.summary.id;
}

/** What a step was prepared on: its state, its last run, and what it would do. */
export const observedAutomation = (one: Automation) => ({
  statusId: one.statusId,
  lastRunAt: one.summary.lastRunAt,
  lastRunInstanceId: one.lastRunInstanceId,
  does: createHash("sha256")
    .update(JSON.stringify([one.steps, one.schedule, one.scheduleId]))
    .digest("hex"),
});
