import type { MailingList, Membership, Subscriber } from "./data-types.ts";
import { type SoapCall, soapDate } from "./soap-call.ts";
import type { SoapType } from "./soap-item.ts";
import { out } from "./soap-xml.ts";
import { findSubscriber, settledUnit } from "./subscribers.ts";

const scope = "list_and_subscribers_read";
const objectId = (kind: string, id: number) =>
  `0000${kind}-0000-4000-8000-${String(id).padStart(12, "0")}`;

const toSubscriber = (one: Subscriber) => ({
  "Client.ID": String(one.mid),
  CreatedDate: soapDate(one.createdAtMs),
  ModifiedDate: soapDate(one.modifiedAtMs),
  ID: String(one.id),
  ObjectID: null,
  EmailAddress: one.email,
  SubscriberKey: one.key,
  UnsubscribedDate: one.unsubscribedAtMs === null ? null : soapDate(one.unsubscribedAtMs),
  Status: one.status,
  EmailTypePreference: "HTML",
});

const toList = (one: MailingList) => ({
  "Client.ID": String(one.mid),
  CreatedDate: soapDate(one.createdAtMs),
  ModifiedDate: soapDate(one.modifiedAtMs),
  ID: String(one.id),
  ObjectID: objectId("7157", one.id),
  CustomerKey: one.key,
  ListName: one.name,
  Category: "0",
  Type: one.type,
  Description: one.description,
  ListClassification: "ExactTargetList",
});

const toMembership = (call: SoapCall, one: Membership) => ({
  "Client.ID": String(call.caller.token.mid),
  CreatedDate: soapDate(one.createdAtMs),
  ModifiedDate: soapDate(one.modifiedAtMs),
  ObjectID: null,
  ListID: String(one.listId),
  SubscriberKey: one.subscriberKey,
  Status: one.status,
});

/** Attributes of all sets: name and value, for those that have one. */
function attributesOf(call: SoapCall, key: string | null | undefined) {
  const found = findSubscriber(settledUnit(call), key ?? "");
  return Object.values(found?.attributes ?? {}).flatMap((set) =>
    Object.entries(set).map(([name, value]) =>
      out("Attributes", [out("Name", name), out("Value", value)]),
    ),
  );
}

/** Subscribers, lists and who is on them (contract 13). */
export const subscriberTypes: Readonly<Record<string, SoapType>> = {
  Subscriber: {
    scope,
    properties:
      "Client.ID CreatedDate ModifiedDate ID ObjectID EmailAddress Attributes SubscriberKey UnsubscribedDate Status EmailTypePreference".split(
        " ",
      ),
    items: (call) => settledUnit(call).subscribers.all().map(toSubscriber),
    repeated: { Attributes: (call, item) => attributesOf(call, item.SubscriberKey) },
  },
  List: {
    scope,
    properties:
      "Client.ID CreatedDate ModifiedDate ID ObjectID CustomerKey ListName Category Type Description ListClassification".split(
        " ",
      ),
    items: (call) => settledUnit(call).lists.all().map(toList),
  },
  ListSubscriber: {
    scope,
    properties: "Client.ID CreatedDate ModifiedDate ObjectID ListID SubscriberKey Status".split(
      " ",
    ),
    items: (call) =>
      settledUnit(call)
        .memberships.all()
        .map((one) => toMembership(call, one)),
  },
};
