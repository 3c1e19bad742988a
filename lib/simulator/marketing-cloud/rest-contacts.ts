import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { contactSchema, findAttribute } from "./contact-schema.ts";
import type { Subscriber } from "./data-types.ts";
import {
  type Body,
  bodyOf,
  optionalList,
  optionalNumber,
  optionalText,
  optionalTexts,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import { isoMs } from "./rest-journeys.ts";
import { notFound, type RestCall, type RestRoute, route } from "./rest-route.ts";
import {
  deletionSeconds,
  findSubscriber,
  isEmailAddress,
  saveContact,
  settledUnit,
} from "./subscribers.ts";

const envelope = ({ core }: RestCall) => ({
  requestServiceMessageID: core.context.random.uuid(),
  hasErrors: false,
  resultMessages: [],
  serviceMessageID: core.context.random.uuid(),
});

type Attributes = Record<string, Record<string, string | null>>;

function attributesOf(body: Body): Attributes {
  const found: Attributes = {};
  for (const set of optionalList(body, "attributeSets") ?? []) {
    const setName = requiredText(set, "name", 100);
    for (const item of optionalList(set, "items") ?? []) {
      for (const pair of optionalList(item, "values") ?? []) {
        const name = requiredText(pair, "name", 100);
        const attribute = findAttribute(setName, name);
        if (!attribute) throw refuse(400, 10005, `There is no attribute ${setName}.${name}.`);
        const given = valueIn(pair, "value");
        const value = given === null || given === undefined ? null : String(given);
        if ((value?.length ?? 0) > attribute.maxLength) {
          throw refuse(400, 10005, `${name} is longer than ${attribute.maxLength} characters.`);
        }
        found[attribute.set] = { ...found[attribute.set], [attribute.name]: value };
      }
    }
  }
  return found;
}

const save =
  (isUpdate: boolean) =>
  (call: RestCall): SimulatorResponse => {
    const body = bodyOf(call);
    const key = requiredText(body, "contactKey", 254);
    const held = findSubscriber(settledUnit(call), key);
    if (isUpdate && !held) throw notFound("Contact not found.");
    const { "Email Addresses": addresses, ...attributes } = attributesOf(body);
    const email = addresses?.["Email Address"];
    if (typeof email === "string" && !isEmailAddress(email)) {
      throw refuse(400, 10005, "Email Address is not an email address.");
    }
    const { "Email Address": _, ...other } = addresses ?? {};
    const saved = saveContact(call, {
      key,
      ...(email === undefined ? {} : { email }),
      attributes:
        Object.keys(other).length > 0 ? { ...attributes, "Email Addresses": other } : attributes,
    });
    return json(200, {
      operationStatus: "OK",
      rowsAffetcted: 1,
      contactKey: saved.key,
      contactId: saved.id,
      contactTypeID: 0,
      isNewContactKey: held === undefined,
      ...envelope(call),
    });
  };

const maxAddresses = 1000;
function searchAddresses(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const addresses = optionalTexts(body, "ChannelAddressList");
  if (!addresses || addresses.length === 0) {
    throw refuse(400, 10002, "ChannelAddressList is required.");
  }
  const most = optionalNumber(body, "MaximumCount") ?? maxAddresses;
  if (!Number.isInteger(most) || most < 1) {
    throw refuse(400, 10005, "MaximumCount must be a positive number.");
  }
  const wanted = new Set(addresses.map((address) => address.trim().toLowerCase()));
  const byAddress = new Map<string, Subscriber[]>();
  for (const one of settledUnit(call).subscribers.all()) {
    const address = one.email?.toLowerCase();
    if (address === undefined || !wanted.has(address)) continue;
    byAddress.set(address, [...(byAddress.get(address) ?? []), one]);
  }
  const { hasErrors: _, ...rest } = envelope(call);
  return json(200, {
    channelAddressResponseEntities: addresses.map((channelAddress) => ({
      contactKeyDetails: (byAddress.get(channelAddress.trim().toLowerCase()) ?? [])
        .slice(0, most)
        .map((one) => ({ contactKey: one.key, createDate: isoMs(one.createdAtMs) })),
      channelAddress,
    })),
    ...rest,
  });
}

const maxDeleted = 500;
function startDeletion(call: RestCall): SimulatorResponse {
  if (call.query.get("type")?.toLowerCase() !== "keys") {
    throw refuse(400, 10005, "type must be keys.");
  }
  const body = bodyOf(call);
  const keys = optionalTexts(body, "values");
  if (!keys || keys.length === 0) throw refuse(400, 10002, "values is required.");
  if (keys.length > maxDeleted) throw refuse(400, 10005, `values holds more than ${maxDeleted}.`);
  const kind = optionalText(body, "DeleteOperationType") ?? "ContactAndAttributes";
  if (kind !== "ContactAndAttributes") {
    throw refuse(400, 10005, `DeleteOperationType has no value ${kind}.`);
  }
  const { contactOperations } = settledUnit(call);
  const id = 700_000_001 + contactOperations.count();
  contactOperations.put({
    id,
    startedAtMs: call.core.context.clock.nowMs(),
    keys,
    isDone: false,
  });
  return json(200, { operationInitiated: true, operationID: id, ...envelope(call) });
}

function deletionStatus(call: RestCall): SimulatorResponse {
  const found = settledUnit(call).contactOperations.get(call.query.get("operationid") ?? "");
  if (!found) throw notFound("Operation not found.");
  return json(200, {
    operation: {
      operationID: found.id,
      status: found.isDone ? "Completed" : "Processing",
      requestedTime: isoMs(found.startedAtMs),
      ...(found.isDone ? { endTime: isoMs(found.startedAtMs + deletionSeconds * 1000) } : {}),
      entityCount: found.keys.length,
    },
    ...envelope(call),
  });
}

function schema(call: RestCall): SimulatorResponse {
  const items = Object.entries(contactSchema).map(([name, attributes]) => ({
    name,
    attributes: attributes.map((one, index) => ({ ...one, displayOrder: index + 1 })),
  }));
  return json(200, { attributeSetDefinitions: items, count: items.length, ...envelope(call) });
}

const contacts = "/contacts/v1/contacts";
const read = "list_and_subscribers_read";
const write = "list_and_subscribers_write";

/** Contacts (contract 12). */
export const contactRoutes: readonly RestRoute[] = [
  route("POST", contacts, write, save(false)),
  route("PATCH", contacts, write, save(true)),
  route("POST", "/contacts/v1/addresses/email/search", "audiences_read", searchAddresses),
  route("POST", `${contacts}/actions/delete`, write, startDeletion),
  route("GET", `${contacts}/actions/delete/status`, read, deletionStatus),
  route("GET", "/contacts/v1/schema", read, schema),
];
