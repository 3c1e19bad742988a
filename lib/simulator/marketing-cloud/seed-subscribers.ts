import type { MailingList, Membership, Subscriber } from "./data-types.ts";
import type { UnitSeed } from "./unit-seed.ts";
export function seedSubscribers(_unit: UnitSeed): Subscriber[] {
  return [];
}
export function seedLists(_unit: UnitSeed): MailingList[] {
  return [];
}
export function seedMemberships(_unit: UnitSeed): Membership[] {
  return [];
}
