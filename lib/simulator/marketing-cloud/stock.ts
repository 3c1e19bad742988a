import type {
  Asset,
  AsyncRequest,
  Automation,
  ContactOperation,
  Definition,
  Folder,
  Journey,
  JourneyEntry,
  JourneyJob,
  MailingList,
  Membership,
  Message,
  Query,
  Send,
  Subscriber,
} from "./data-types.ts";
import { seedAssets } from "./seed-assets.ts";
import { seedAutomations, seedQueries } from "./seed-automations.ts";
import { seedDefinitions } from "./seed-definitions.ts";
import { seedFolders } from "./seed-folders.ts";
import { seedJourneys } from "./seed-journeys.ts";
import { bulkRandom } from "./seed-random.ts";
import { seedLists, seedMemberships, seedSubscribers } from "./seed-subscribers.ts";
import { type Changes, createShelf, type Shelf } from "./shelf.ts";
import type { UnitSeed } from "./unit-seed.ts";

/** What a business unit holds besides its data extensions. */
type Stock = {
  folders: Folder;
  journeys: Journey;
  journeyJobs: JourneyJob;
  journeyEntries: JourneyEntry;
  automations: Automation;
  queries: Query;
  assets: Asset;
  definitions: Definition;
  messages: Message;
  sends: Send;
  subscribers: Subscriber;
  lists: MailingList;
  memberships: Membership;
  contactOperations: ContactOperation;
  asyncRequests: AsyncRequest;
};
export type StockName = keyof Stock;
export type Shelves = { readonly [Name in StockName]: Shelf<Stock[Name]> };

/** `seed` gives what is there at first; without it a shelf begins empty. */
type Plan<T> = { keyOf(one: T): string; seed?(unit: UnitSeed): readonly T[] };
const byId = (one: { id: string | number }) => String(one.id);
export const journeyKey = (id: string, version: number) => `${id}:${version}`;
export const membershipKey = (listId: number, key: string) => `${listId}:${key.toLowerCase()}`;

const plans: { readonly [Name in StockName]: Plan<Stock[Name]> } = {
  folders: { keyOf: byId, seed: seedFolders },
  journeys: { keyOf: (one) => journeyKey(one.id, one.version), seed: seedJourneys },
  journeyJobs: { keyOf: byId },
  journeyEntries: { keyOf: byId },
  automations: { keyOf: byId, seed: seedAutomations },
  queries: { keyOf: byId, seed: seedQueries },
  assets: { keyOf: byId, seed: seedAssets },
  definitions: { keyOf: (one) => one.key.toLowerCase(), seed: seedDefinitions },
  messages: { keyOf: (one) => one.messageKey },
  sends: { keyOf: byId },
  subscribers: { keyOf: (one) => one.key.toLowerCase(), seed: seedSubscribers },
  lists: { keyOf: byId, seed: seedLists },
  memberships: {
    keyOf: (one) => membershipKey(one.listId, one.subscriberKey),
    seed: seedMemberships,
  },
  contactOperations: { keyOf: byId },
  asyncRequests: { keyOf: byId },
};

/** The changes of one business unit, by shelf; each value is a `Changes` of what the shelf holds. */
export type UnitChanges = Map<StockName, Changes<unknown>>;

export function createShelves(unit: Omit<UnitSeed, "random">, all: UnitChanges): Shelves {
  const shelf = <Name extends StockName>(name: Name) => {
    const { keyOf, seed: found } = plans[name];
    const changes = (all.get(name) ?? new Map()) as Changes<Stock[Name]>;
    all.set(name, changes);
    const random = () => bulkRandom(`${unit.seed}:${unit.mid}:${name}`);
    return createShelf(keyOf, () => found?.({ ...unit, random: random() }) ?? [], changes);
  };
  const names = Object.keys(plans) as StockName[];
  return Object.fromEntries(names.map((name) => [name, shelf(name)])) as unknown as Shelves;
}
