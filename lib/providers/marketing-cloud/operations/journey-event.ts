import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  concludeRest,
  failed,
  named,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  cellInput,
  cellText,
  lineInput,
  shown,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { journeyArea } from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { type Outcome, writeOperation } from "#lib/providers/operation.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

const scopes = ["journeys_read", "list_and_subscribers_read"] as const;

const contextSchema = z.object({ event: z.string() });
const takenSchema = z.object({ eventInstanceId: z.string() });

/** Nothing tells one entry from another, so what was not heard of stays unknown. */
export const fireJourneyEvent = writeOperation({
  id: "marketing-cloud.journeys.fire-event",
  provider: "marketing-cloud",
  effect: "send",
  area: journeyArea,
  title: "Let a contact into a journey",
  description:
    "Fires an entry event for one contact. Every running journey that listens to it lets the contact in and may write to them.",
  scopes,
  input: z.strictObject({
    event: lineInput(254, "Key of the event definition, as a journey's entry source names it."),
    contactKey: lineInput(254, "Contact key of the person."),
    data: z
      .record(lineInput(128, "Name of a field."), cellInput)
      .default({})
      .describe("What the event tells of the person, by field."),
  }),
  output: takenSchema,
  example: {
    event: "APIEvent-welcome",
    contactKey: "C000001",
    data: { EmailAddress: "ada@mail.example" },
  },
  async prepare(_api, { event, contactKey, data }) {
    const fields = Object.entries(data);
    return [
      {
        title: `Let ${quotedName(contactKey)} into the journeys of ${quotedName(event)}`,
        effect: "send",
        request: restRequest("POST", "/interaction/v1/events", {
          body: {
            ContactKey: contactKey,
            EventDefinitionKey: event,
            Data: Object.fromEntries(fields) as JsonObject,
          },
        }),
        preview: {
          ...emptyPreview,
          recipients: { count: 1, isAtMost: true, sample: [contactKey] },
          rows: {
            columns: ["Field", "Value"],
            sample: fields.slice(0, 50).map(([name, cell]) => [name, shown(cellText(cell))]),
            total: fields.length,
          },
          facts: [
            { label: "Contact", value: contactKey },
            { label: "Event", value: event },
          ],
          warnings: [
            { code: "send", text: "The journeys that listen to this event may write to them." },
            { code: "cannot_be_undone", text: "What a journey has sent cannot be taken back." },
            {
              code: "no_preview",
              text: "Marketing Cloud does not tell beforehand which journeys let this contact in.",
            },
          ],
        },
        records: 1,
        recipients: 1,
        observed: null,
        context: { event },
      },
    ];
  },
  observe: async () => null,
  async conclude(_api, step, response) {
    const { event } = contextSchema.parse(step.context);
    return concludeRest(response, takenSchema, {
      done: ({ eventInstanceId }) => ({
        kind: "applied",
        summary: "The event was taken.",
        output: { eventInstanceId },
      }),
      refused: () => failed(restFailure(response, { what: named("the event", event), scopes })),
      settle: () => unheard,
    });
  },
  settle: async () => unheard,
});

const unheard: Outcome = {
  kind: "unknown",
  summary:
    "Whether the event was taken cannot be read back. Look for the contact in the journey's history.",
};
