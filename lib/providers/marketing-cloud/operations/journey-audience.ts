import { z } from "zod";
import { findRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { isGuid } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  type Journey,
  journeyReadScopes,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const triggerSchema = z.object({
  name: z.string().catch(""),
  type: z.string().catch(""),
  metaData: z.object({ eventDefinitionId: z.string().optional() }).catch({}),
});

export type EntrySource = {
  name: string;
  type: string;
  /** The data extension that people enter from, and its rows now; null where that cannot be known. */
  audience: { name: string; rows: number } | null;
};

/** Who enters: people out of a data extension can be counted, people who come one by one cannot. */
export async function readEntrySource(
  api: ProviderApi,
  { definition }: Journey,
): Promise<EntrySource | null> {
  const trigger = triggerSchema.safeParse(definition.triggers[0]).data;
  if (!trigger) return null;
  const { name, type, metaData } = trigger;
  const id = metaData.eventDefinitionId;
  const isFromList = /audience/i.test(type) && id !== undefined && isGuid(id);
  return { name, type, audience: isFromList ? await countAudience(api, id) : null };
}

const eventSchema = z.object({ dataExtensionId: z.string().nullish() });
const countedSchema = z.object({ name: z.string(), rowCount: z.number().int().min(0) });

async function countAudience(api: ProviderApi, eventId: string): Promise<EntrySource["audience"]> {
  const asked = { what: "the journey's entry source", scopes: journeyReadScopes };
  try {
    const event = await findRest(
      api,
      restRequest("GET", pathOf`/interaction/v1/eventDefinitions/${eventId}`),
      eventSchema,
      asked,
    );
    const id = event?.dataExtensionId;
    if (!id || !isGuid(id)) return null;
    const found = await findRest(
      api,
      restRequest("GET", pathOf`/data/v1/customobjects/${id}`),
      countedSchema,
      asked,
    );
    return found && { name: found.name, rows: found.rowCount };
  } catch (error) {
    // Who may not read it publishes all the same: then the number is not known.
    if (error instanceof OperationFailedError) return null;
    throw error;
  }
}
