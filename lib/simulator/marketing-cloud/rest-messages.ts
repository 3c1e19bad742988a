import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Definition, Message } from "./data-types.ts";
import { accept, type MessageState, type Recipient, stateOf } from "./messages.ts";
import {
  type Body,
  bodyOf,
  isObject,
  optionalObject,
  optionalText,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import { isoMs } from "./rest-journeys.ts";
import {
  notFound,
  numberOf,
  pageOf,
  type RestCall,
  type RestRoute,
  route,
  unitOf,
} from "./rest-route.ts";
import { isEmailAddress } from "./subscribers.ts";

const requestIdOf = ({ core }: RestCall) => core.context.random.uuid();
const maxKeyLength = 100;

function definitionOf(call: RestCall, body: Body): Definition {
  const key = requiredText(body, "definitionKey", maxKeyLength);
  const found = unitOf(call).definitions.get(key.toLowerCase());
  if (!found) throw notFound("Definition not found.");
  return found;
}

/** A recipient as the queue takes it, or the words with which the vendor turns it down. */
function recipientOf(
  call: RestCall,
  given: unknown,
  common: Body,
  fixedKey?: string,
): Recipient | string {
  const missing = (name: string) =>
    `MCMS_UTM_Validation_MissingRequiredField_${name}: Invalid subscriber`;
  if (!isObject(given)) return missing("recipient");
  const contactKey = textIn(given, "contactKey");
  if (!contactKey) return missing("contactKey");
  // Without an address of its own a contact is reached under its key.
  const to = textIn(given, "to") || contactKey;
  if (!isEmailAddress(to)) return missing("to");
  const messageKey =
    fixedKey ?? (textIn(given, "messageKey") || call.core.context.random.token(22));
  if (messageKey.length > maxKeyLength)
    return "MCMS_UTM_Validation_InvalidField_messageKey: too long";
  const own = valueIn(given, "attributes") ?? {};
  if (!isObject(own)) return "MCMS_UTM_Validation_InvalidField_attributes: Invalid subscriber";
  return { messageKey, contactKey, to, attributes: { ...common, ...own } };
}

function textIn(body: Body, name: string): string {
  const value = valueIn(body, name);
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** One message under a key that the client has chosen: a key is good once. */
function sendOne(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const messageKey = call.parameters.key ?? "";
  if (messageKey.length > maxKeyLength) {
    throw refuse(400, 10005, `messageKey is longer than ${maxKeyLength} characters.`);
  }
  const definition = definitionOf(call, body);
  if (!optionalObject(body, "recipient")) throw refuse(400, 10002, "recipient is required.");
  const common = optionalObject(body, "attributes") ?? {};
  const recipient = recipientOf(call, valueIn(body, "recipient"), common, messageKey);
  if (typeof recipient === "string") throw refuse(400, 109106, recipient);
  if (unitOf(call).messages.get(messageKey)) {
    throw refuse(409, 30004, `A message with the key ${messageKey} was already accepted.`);
  }
  accept(call, definition, recipient);
  return json(202, { requestId: requestIdOf(call), errorcode: 0, responses: [{ messageKey }] });
}

/** Many at once: each is taken or turned down by itself, and the answer is 202 in any case. */
function sendMany(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const definition = definitionOf(call, body);
  const given = valueIn(body, "recipients");
  if (!Array.isArray(given) || given.length === 0) {
    throw refuse(400, 10002, "recipients is required.");
  }
  const common = optionalObject(body, "attributes") ?? {};
  const unit = unitOf(call);
  const responses = given.map((one: unknown) => {
    const recipient = recipientOf(call, one, common);
    const askedKey = isObject(one) ? optionalText(one, "messageKey", 1000) : undefined;
    const refused = (messageKey: string | undefined, message: string) => ({
      messageKey: messageKey ?? call.core.context.random.token(22),
      errorcode: 109106,
      message,
    });
    if (typeof recipient === "string") return refused(askedKey, recipient);
    const { messageKey } = recipient;
    if (unit.messages.get(messageKey)) {
      return refused(messageKey, "MCMS_UTM_Validation_DuplicateMessageKey: already accepted");
    }
    accept(call, definition, recipient);
    return { messageKey };
  });
  const failed = responses.filter((one) => "errorcode" in one).length;
  return json(202, {
    requestId: requestIdOf(call),
    errorcode: failed > 0 ? 109001 : 0,
    ...(failed > 0
      ? {
          message: `MCMS_UTM_ResponsesHasErrors: ${failed} subscribers failed to queue out of ${responses.length}`,
        }
      : {}),
    responses,
  });
}

const words: Readonly<Record<MessageState, string>> = {
  queued: "TransactionalSendEvents.EmailQueued",
  sent: "TransactionalSendEvents.EmailSent",
  "not-sent": "TransactionalSendEvents.EmailNotSent",
};

function toStatus(one: Message, nowMs: number) {
  const state = stateOf(one, nowMs);
  const eventCategoryType = words[state];
  if (state === "queued") return { eventCategoryType, timestamp: isoMs(one.acceptedAtMs) };
  const { messageKey, contactKey, to } = one;
  return {
    eventCategoryType,
    timestamp: isoMs(one.dueAtMs ?? nowMs),
    compositeId: one.compositeId,
    info: { messageKey, contactKey, to, ...one.problem },
  };
}

function status(call: RestCall): SimulatorResponse {
  const found = unitOf(call).messages.get(call.parameters.key ?? "");
  if (!found) throw notFound("Message not found.");
  const nowMs = call.core.context.clock.nowMs();
  return json(200, { requestId: requestIdOf(call), ...toStatus(found, nowMs) });
}

function listNotSent(call: RestCall): SimulatorResponse {
  if (call.query.get("type")?.toLowerCase() !== "notsent") {
    throw refuse(400, 10005, "type must be notSent.");
  }
  const nowMs = call.core.context.clock.nowMs();
  const { pageSize } = pageOf(call);
  const after = call.query.has("lasteventid") ? numberOf(call, "lasteventid", 1, 1e9) : 0;
  const found = unitOf(call)
    .messages.all()
    .filter((one) => stateOf(one, nowMs) === "not-sent" && one.eventId > after);
  const messages = found.slice(0, pageSize);
  return json(200, {
    requestId: requestIdOf(call),
    lastEventId: messages.at(-1)?.eventId ?? after,
    count: messages.length,
    pageSize,
    messages: messages.map((one) => ({ eventId: one.eventId, ...toStatus(one, nowMs) })),
  });
}

const messages = "/messaging/v1/email/messages";

/** Transactional sends and what became of them (contract 11). */
export const messageRoutes: readonly RestRoute[] = [
  route("POST", messages, "email_send", sendMany),
  route("GET", messages, "email_read", listNotSent),
  route("POST", `${messages}/:key`, "email_send", sendOne),
  route("GET", `${messages}/:key`, "email_read", status),
];
