import { contactSchema, findAttribute } from "./contact-schema.ts";
import type { MailingList, Membership, Subscriber, SubscriberStatus } from "./data-types.ts";
import { type SoapCall, StatusProblem } from "./soap-call.ts";
import type { Done, SoapWriter, WriteVerb } from "./soap-writer.ts";
import { child, childrenOf, textOf, type XmlNode } from "./soap-xml.ts";
import { membershipKey } from "./stock.ts";
import { findSubscriber, isEmailAddress, saveContact, settledUnit } from "./subscribers.ts";

const scope = "list_and_subscribers_write";
const statuses: readonly SubscriberStatus[] = [
  "Active",
  "Bounced",
  "Held",
  "Unsubscribed",
  "Deleted",
];

function statusOf(object: XmlNode): SubscriberStatus | undefined {
  const given = textOf(object, "Status");
  if (!given) return undefined;
  const found = statuses.find((status) => status.toLowerCase() === given.toLowerCase());
  if (!found) throw new StatusProblem(`The Status ${given} is not valid.`, 12000);
  return found;
}

function attributesOf(object: XmlNode): Subscriber["attributes"] {
  const found: Record<string, Record<string, string | null>> = {};
  for (const node of childrenOf(object, "Attributes")) {
    const name = textOf(node, "Name") ?? "";
    const attribute = Object.keys(contactSchema)
      .map((set) => findAttribute(set, name))
      .find((one) => one !== undefined);
    if (!attribute) throw new StatusProblem(`The attribute ${name} is not defined.`, 12004);
    const value = child(node, "Value");
    found[attribute.set] = {
      ...found[attribute.set],
      [attribute.name]: value === undefined || value.isNil ? null : value.text,
    };
  }
  return found;
}

/** Finds the one that is to be written and says whether the verb fits. */
function checkVerb(verb: WriteVerb, isThere: boolean, isUpsert: boolean, what: string): void {
  if (verb === "Create" && isThere && !isUpsert) {
    throw new StatusProblem(`The ${what} already exists.`, 12014);
  }
  if (verb !== "Create" && !isThere && !(verb === "Update" && isUpsert)) {
    throw new StatusProblem(`The ${what} does not exist.`, 12002);
  }
}

function writeSubscriber(
  call: SoapCall,
  verb: WriteVerb,
  object: XmlNode,
  isUpsert: boolean,
): Done {
  const unit = settledUnit(call);
  const email = textOf(object, "EmailAddress");
  const key = textOf(object, "SubscriberKey") || email;
  if (!key) throw new StatusProblem("SubscriberKey or EmailAddress is required.", 12001);
  const held = findSubscriber(unit, key);
  checkVerb(verb, held !== undefined, isUpsert, "subscriber");
  if (verb === "Delete") {
    unit.subscribers.remove(key.toLowerCase());
    for (const one of unit.memberships.all()) {
      const isTheirs = one.subscriberKey.toLowerCase() === key.toLowerCase();
      if (isTheirs) unit.memberships.remove(membershipKey(one.listId, one.subscriberKey));
    }
    return { message: "Subscriber deleted" };
  }
  if (email !== undefined && !isEmailAddress(email)) {
    throw new StatusProblem("The EmailAddress is not valid.", 12002);
  }
  if (!held && !email) throw new StatusProblem("The EmailAddress is required.", 12001);
  const status = statusOf(object);
  const attributes = attributesOf(object);
  const lists = childrenOf(object, "Lists").map((node) => ({
    node,
    list: listOf(call, node, "ID"),
  }));
  const saved = saveContact(call, {
    key,
    ...(email === undefined ? {} : { email }),
    ...(status === undefined ? {} : { status }),
    attributes,
  });
  for (const { node, list } of lists) subscribe(call, saved.key, list, node);
  return { message: held ? "Updated Subscriber." : "Created Subscriber.", newId: saved.id };
}

function listOf(call: SoapCall, node: XmlNode, idName: string): MailingList {
  const found = settledUnit(call).lists.get(textOf(node, idName) ?? "");
  if (!found)
    throw new StatusProblem(`The list ${textOf(node, idName) ?? ""} does not exist.`, 13002);
  return found;
}

/** Puts somebody on a list, or off it with the Action `delete`. */
function subscribe(call: SoapCall, key: string, list: MailingList, node: XmlNode): void {
  const { memberships } = settledUnit(call);
  const at = membershipKey(list.id, key);
  if (textOf(node, "Action")?.toLowerCase() === "delete") {
    memberships.remove(at);
    return;
  }
  const nowMs = call.core.context.clock.nowMs();
  const held = memberships.get(at);
  const made: Membership = {
    listId: list.id,
    subscriberKey: key,
    status: statusOf(node) ?? held?.status ?? "Active",
    createdAtMs: held?.createdAtMs ?? nowMs,
    modifiedAtMs: nowMs,
  };
  memberships.put(made);
}

function writeMembership(
  call: SoapCall,
  verb: WriteVerb,
  object: XmlNode,
  isUpsert: boolean,
): Done {
  const unit = settledUnit(call);
  const list = listOf(call, object, "ListID");
  const key = textOf(object, "SubscriberKey") ?? "";
  const subscriber = findSubscriber(unit, key);
  if (!subscriber) throw new StatusProblem("The subscriber does not exist.", 12002);
  const at = membershipKey(list.id, key);
  checkVerb(verb, unit.memberships.get(at) !== undefined, isUpsert, "list subscriber");
  if (verb === "Delete") unit.memberships.remove(at);
  else subscribe(call, subscriber.key, list, object);
  return { message: `${verb}d ListSubscriber.` };
}

function writeList(call: SoapCall, verb: WriteVerb, object: XmlNode, isUpsert: boolean): Done {
  const unit = settledUnit(call);
  const { clock, random } = call.core.context;
  const [id, key] = [textOf(object, "ID"), textOf(object, "CustomerKey")];
  const all = unit.lists.all();
  const held = id
    ? unit.lists.get(id)
    : all.find((one) => key !== undefined && one.key.toLowerCase() === key.toLowerCase());
  checkVerb(verb, held !== undefined, isUpsert, "list");
  if (verb === "Delete") {
    const gone = held as MailingList;
    unit.lists.remove(String(gone.id));
    for (const one of unit.memberships.all()) {
      if (one.listId === gone.id)
        unit.memberships.remove(membershipKey(gone.id, one.subscriberKey));
    }
    return { message: "List deleted" };
  }
  const name = textOf(object, "ListName") || held?.name;
  if (!name) throw new StatusProblem("The ListName is required.", 13001);
  const isTaken = all.some(
    (one) => one.id !== held?.id && one.name.toLowerCase() === name.toLowerCase(),
  );
  if (isTaken) throw new StatusProblem("The ListName is already in use.", 13003);
  const nowMs = clock.nowMs();
  const made: MailingList = {
    id: held?.id ?? Math.max(0, ...all.map((one) => one.id)) + 1,
    mid: call.caller.token.mid,
    key: held?.key ?? (key || random.uuid()),
    name,
    description: textOf(object, "Description") ?? held?.description ?? "",
    type: textOf(object, "Type")?.toLowerCase() === "public" ? "Public" : (held?.type ?? "Private"),
    createdAtMs: held?.createdAtMs ?? nowMs,
    modifiedAtMs: nowMs,
  };
  unit.lists.put(made);
  return { message: held ? "Updated List." : "Created List.", newId: made.id };
}

export const subscriberWriters: Readonly<Record<string, SoapWriter>> = {
  Subscriber: { scope, write: writeSubscriber },
  ListSubscriber: { scope, write: writeMembership },
  List: { scope, write: writeList },
};
