import { type SoapCall, soapDate, unitOf } from "./soap-call.ts";
import type { SoapItem, SoapType } from "./soap-item.ts";
import type { TrackingEvent, TrackingKind } from "./tracking.ts";

const common = [
  "Client.ID",
  "SendID",
  "SubscriberKey",
  "EventDate",
  "EventType",
  "TriggeredSendDefinitionObjectID",
  "BatchID",
];

/** Object type, kind of event, its EventType, and what it has besides the common properties. */
const kinds: readonly (readonly [string, TrackingKind, string, readonly string[]])[] = [
  ["SentEvent", "Sent", "Sent", []],
  ["OpenEvent", "Open", "Open", []],
  ["ClickEvent", "Click", "Click", ["URL"]],
  ["BounceEvent", "Bounce", "", ["BounceCategory", "SMTPCode"]],
  ["UnsubEvent", "Unsub", "Unsubscribe", []],
  ["NotSentEvent", "NotSent", "NotSent", []],
];

/** What was seeded, and what journeys and messages have sent, or could not, by now. */
function eventsOf(call: SoapCall, kind: TrackingKind): TrackingEvent[] {
  const { core, caller } = call;
  const nowMs = core.context.clock.nowMs();
  const seeded = core.tracking
    .events(caller.tenant, caller.token.mid, nowMs)
    .filter((event) => event.kind === kind);
  if (kind !== "Sent" && kind !== "NotSent") return seeded;
  const own = unitOf(call)
    .sends.all()
    .filter(({ atMs, isSent }) => atMs <= nowMs && isSent === (kind === "Sent"))
    .map(({ sendId, subscriberKey, atMs, batchId, definitionId }) => ({
      kind,
      sendId,
      subscriberKey,
      atMs,
      batchId,
      definitionId,
      url: null,
      bounce: null,
    }));
  return [...seeded, ...own];
}

const toItem = (mid: number, eventType: string, event: TrackingEvent): SoapItem => ({
  "Client.ID": String(mid),
  SendID: String(event.sendId),
  SubscriberKey: event.subscriberKey,
  EventDate: soapDate(event.atMs),
  EventType: event.bounce?.eventType ?? eventType,
  TriggeredSendDefinitionObjectID: event.definitionId,
  BatchID: String(event.batchId),
  URL: event.url,
  BounceCategory: event.bounce?.category ?? null,
  SMTPCode: event.bounce?.smtpCode ?? null,
});

/** The tracking events that SOAP retrieves (contract 12). */
export const trackingTypes: Readonly<Record<string, SoapType>> = Object.fromEntries(
  kinds.map(([objectType, kind, eventType, more]): [string, SoapType] => [
    objectType,
    {
      scope: "tracking_events_read",
      properties: [...common, ...more],
      items: (call) =>
        eventsOf(call, kind).map((event) => toItem(call.caller.token.mid, eventType, event)),
    },
  ]),
);
