import type { Definition, Message, Subscriber } from "./data-types.ts";
import { type RestCall, unitOf } from "./rest-route.ts";
import { recordSend } from "./sends.ts";
import { findSubscriber, saveContact } from "./subscribers.ts";

/** A message waits so long in the queue before it leaves, or is found to be unsendable. */
const queueSeconds = 3;

export type Recipient = {
  messageKey: string;
  contactKey: string;
  to: string;
  attributes: Readonly<Record<string, unknown>>;
};

export type MessageState = "queued" | "sent" | "not-sent";

export function stateOf(one: Message, nowMs: number): MessageState {
  if (one.dueAtMs === null || one.dueAtMs > nowMs) return "queued";
  return one.problem === null ? "sent" : "not-sent";
}

const maxAttributeLength = 4000;

/** Why a message will not leave although it was taken. */
function problemOf(
  { to, attributes }: Recipient,
  contact: Subscriber | undefined,
): Message["problem"] {
  const isBad = Object.values(attributes).some(
    (value) =>
      (typeof value === "object" && value !== null) || String(value).length > maxAttributeLength,
  );
  if (isBad) return { statusCode: 16, statusMessage: "InvalidAttributeValue" };
  if (/\.invalid$/i.test(to)) return { statusCode: 12, statusMessage: "InvalidEmailAddress" };
  if (contact?.status === "Unsubscribed" || contact?.status === "Held") {
    return { statusCode: 24, statusMessage: `Subscriber${contact.status}` };
  }
  return null;
}

/** Takes a message into the queue; one of its key must not be there. What will be sent is noted once. */
export function accept(call: RestCall, definition: Definition, recipient: Recipient): void {
  const unit = unitOf(call);
  const { clock } = call.core.context;
  const nowMs = clock.nowMs();
  const contact = findSubscriber(unit, recipient.contactKey);
  const problem = problemOf(recipient, contact);
  if (!contact && definition.subscriptions.autoAddSubscriber !== false) {
    saveContact(call, { key: recipient.contactKey, email: recipient.to });
  } else if (contact && definition.subscriptions.updateSubscriber === true) {
    saveContact(call, { key: recipient.contactKey, email: recipient.to });
  }
  const eventId = unit.messages.count() + 1;
  const message: Message = {
    messageKey: recipient.messageKey,
    mid: call.caller.token.mid,
    definitionKey: definition.key,
    contactKey: recipient.contactKey,
    to: recipient.to,
    acceptedAtMs: nowMs,
    dueAtMs: null,
    problem,
    compositeId: `${definition.id.toUpperCase()}.${call.caller.token.mid}.${eventId}.1.${eventId}`,
    eventId,
  };
  if (definition.status === "Active") release(call, definition, message);
  else unit.messages.put(message);
}

function release(call: RestCall, definition: Definition, message: Message): void {
  const dueAtMs = call.core.context.clock.nowMs() + queueSeconds * 1000;
  unitOf(call).messages.put({ ...message, dueAtMs });
  recordSend(call, {
    subscriberKey: message.contactKey,
    to: message.to,
    atMs: dueAtMs,
    definitionId: definition.id,
    messageKey: message.messageKey,
    isSent: message.problem === null,
  });
}

/** What waited for its definition to be switched on leaves now. */
export function releaseQueue(call: RestCall, definition: Definition): void {
  for (const message of unitOf(call).messages.all()) {
    const isWaiting = message.dueAtMs === null && message.definitionKey === definition.key;
    if (isWaiting) release(call, definition, message);
  }
}
