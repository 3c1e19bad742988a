import { z } from "zod";
import { lineInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  allOf,
  equals,
  retrieveUpTo,
  type SoapFilter,
  soapNumber,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { readOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const scopes = ["tracking_events_read"] as const;
const common = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"] as const;

/** SOAP's object of each kind of event, and what it tells beside the rest. */
const kinds = {
  sent: { objectType: "SentEvent", more: [] },
  open: { objectType: "OpenEvent", more: [] },
  click: { objectType: "ClickEvent", more: ["URL"] },
  bounce: { objectType: "BounceEvent", more: ["BounceCategory", "SMTPCode"] },
  unsubscribe: { objectType: "UnsubEvent", more: [] },
  "not-sent": { objectType: "NotSentEvent", more: [] },
} as const;

const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/)
  .refine((text) => !Number.isNaN(Date.parse(text.slice(0, 10))), "There is no such day.");

const input = z.strictObject({
  kind: z
    .enum(["sent", "open", "click", "bounce", "unsubscribe", "not-sent"])
    .describe("What happened."),
  subscriberKey: lineInput(254, "Only to this person.").optional(),
  sendId: z.number().int().min(1).max(2_147_483_647).optional().describe("Only of this send."),
  since: moment.optional().describe("Not before this day or time, in the tenant's own time."),
  until: moment.optional().describe("Before this day or time, in the tenant's own time."),
  most: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe("Stop after so many; `next` then goes on from there."),
  next: lineInput(100, "`next` of the answer before, to go on from there.").optional(),
});

const eventSchema = z
  .object({
    SendID: soapNumber,
    SubscriberKey: soapText,
    EventDate: soapText,
    EventType: soapText,
    BatchID: soapNumber,
    URL: soapText,
    BounceCategory: soapText,
    SMTPCode: soapText,
  })
  .transform((event) => ({
    at: event.EventDate,
    type: event.EventType,
    subscriberKey: event.SubscriberKey,
    sendId: event.SendID,
    batchId: event.BatchID,
    url: event.URL,
    bounceCategory: event.BounceCategory,
    smtpCode: event.SMTPCode,
  }));

export const listTrackingEvents = readOperation({
  id: "marketing-cloud.tracking.events",
  provider: "marketing-cloud",
  area: "Tracking",
  title: "Read tracking events",
  description:
    "What became of mails: sent, opened, clicked, bounced, unsubscribed or not sent. Ask by person, send or time; times are the tenant's own.",
  scopes,
  input,
  output: z.object({
    events: z.array(
      z.object({
        at: z.string().nullable(),
        type: z.string().nullable(),
        subscriberKey: z.string().nullable(),
        sendId: z.number().nullable(),
        batchId: z.number().nullable(),
        url: z.string().nullable(),
        bounceCategory: z.string().nullable(),
        smtpCode: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  example: { kind: "click" as const, since: "2026-10-01", most: 500 },
  async run(api, { kind, subscriberKey, sendId, since, until, most, next }) {
    const { objectType, more } = kinds[kind];
    const filters: SoapFilter[] = [
      ...(subscriberKey === undefined ? [] : [equals("SubscriberKey", subscriberKey)]),
      ...(sendId === undefined ? [] : [equals("SendID", String(sendId))]),
      ...(since === undefined ? [] : [eventDate("greaterThanOrEqual", since)]),
      ...(until === undefined ? [] : [eventDate("lessThan", until)]),
    ];
    if (filters.length === 0) {
      throw new OperationFailedError(
        "operations.bad_query",
        "Ask by person, send or time: without any of them it would be everything there ever was.",
      );
    }
    const page = await retrieveUpTo(
      api,
      { objectType, properties: [...common, ...more], filter: allOf(filters), continues: next },
      eventSchema,
      { what: "tracking events", scopes },
      most,
    );
    return { events: page.items, next: page.next };
  },
  rowsOf: ({ events }) => events.length,
});

const eventDate = (operator: "greaterThanOrEqual" | "lessThan", at: string): SoapFilter => ({
  property: "EventDate",
  operator,
  values: [at.length === 10 ? `${at}T00:00:00` : at],
  isDate: true,
});
