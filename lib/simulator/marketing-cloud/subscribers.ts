import type { Call } from "./core.ts";
import type { Subscriber } from "./data-types.ts";
import { membershipKey, type Shelves } from "./stock.ts";
import type { Authenticated } from "./tokens.ts";

type Caller = Call & { caller: Authenticated };

/** Deletions of contacts are through after this time. */
export const deletionSeconds = 30;

/** The unit's shelves, with contacts gone whose deletion is through. */
export function settledUnit({ core, caller }: Caller): Shelves {
  const unit = core.data.unit(caller.tenant, caller.token.mid);
  const limitMs = core.context.clock.nowMs() - deletionSeconds * 1000;
  for (const operation of unit.contactOperations.all()) {
    if (operation.isDone || operation.startedAtMs > limitMs) continue;
    const gone = new Set(operation.keys.map((key) => key.toLowerCase()));
    for (const key of gone) unit.subscribers.remove(key);
    for (const membership of unit.memberships.all()) {
      if (gone.has(membership.subscriberKey.toLowerCase()))
        unit.memberships.remove(keyOf(membership));
    }
    unit.contactOperations.put({ ...operation, isDone: true });
  }
  return unit;
}

const keyOf = ({ listId, subscriberKey }: { listId: number; subscriberKey: string }) =>
  membershipKey(listId, subscriberKey);

export const findSubscriber = (unit: Shelves, key: string): Subscriber | undefined =>
  unit.subscribers.get(key.toLowerCase());

/** Contact ids of people added later; seeded ones are lower. */
const firstNewId = 500_000_000;

/** Adds a contact, or changes the one of this key: what is left out stays, attributes are merged. */
export function saveContact(
  call: Caller,
  given: Partial<Pick<Subscriber, "email" | "status" | "attributes">> & { key: string },
): Subscriber {
  const { core, caller } = call;
  const unit = settledUnit(call);
  const nowMs = core.context.clock.nowMs();
  const held = findSubscriber(unit, given.key);
  const status = given.status ?? held?.status ?? "Active";
  const attributes = { ...held?.attributes };
  for (const [set, values] of Object.entries(given.attributes ?? {})) {
    attributes[set] = { ...attributes[set], ...values };
  }
  const saved: Subscriber = {
    id: held?.id ?? firstNewId + unit.subscribers.count(),
    mid: caller.token.mid,
    key: held?.key ?? given.key,
    email: given.email === undefined ? (held?.email ?? null) : given.email,
    status,
    createdAtMs: held?.createdAtMs ?? nowMs,
    modifiedAtMs: nowMs,
    unsubscribedAtMs: status === "Unsubscribed" ? (held?.unsubscribedAtMs ?? nowMs) : null,
    attributes,
  };
  unit.subscribers.put(saved);
  return saved;
}

export const isEmailAddress = (text: string): boolean =>
  text.length <= 254 && /^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+$/.test(text);
