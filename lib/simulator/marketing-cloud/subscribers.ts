import type { Call } from "./core.ts";
import type { Subscriber } from "./data-types.ts";
import type { Shelves } from "./stock.ts";
import type { Authenticated } from "./tokens.ts";

export const findSubscriber = (unit: Shelves, key: string): Subscriber | undefined =>
  unit.subscribers.get(key.toLowerCase());

/** Contact ids of people added later; seeded ones are lower. */
const firstNewId = 500_000_000;

/** Adds a contact, or changes the one of this key: what is left out stays, attributes are merged. */
export function saveContact(
  call: Call & { caller: Authenticated },
  given: Partial<Pick<Subscriber, "email" | "status" | "attributes">> & { key: string },
): Subscriber {
  const { core, caller } = call;
  const unit = core.data.unit(caller.tenant, caller.token.mid);
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
