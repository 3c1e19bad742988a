import type { MailingList, Membership, Subscriber, SubscriberStatus } from "./data-types.ts";
import { person, seededUntilMs } from "./seed-columns.ts";
import { plansFor } from "./seed-data-extensions.ts";
import { bulkRandom } from "./seed-random.ts";
import { seedRows } from "./seed-rows.ts";
import { dayMs, portion, type UnitSeed, type UnitSize } from "./unit-seed.ts";
import type { Tenant } from "./world.ts";

export const subscriberCount: Readonly<Record<UnitSize, number>> = {
  full: 3000,
  small: 60,
  empty: 0,
};
const customers = {
  retail: { key: "Customers", prefix: "C", count: 1840 },
  freight: { key: "Shippers", prefix: "S", count: 820 },
} as const;

/** The key of a founded subscriber: customers first, by their number, then who signed up without buying. */
export function subscriberKeyAt(industry: Tenant["industry"], index: number): string {
  const { prefix, count } = customers[industry];
  const [letter, number] = index < count ? [prefix, index + 1] : ["N", index - count + 1];
  return `${letter}${String(number).padStart(6, "0")}`;
}

const odd = [
  [
    'quoted "key" & <tag>',
    "odd.key@mail.example",
    { "First Name": "O'Brien", "Last Name": "Müller-Ōta" },
  ],
  ["山田太郎", "taro.yamada@mail.example", { "First Name": "太郎", "Last Name": "山田" }],
  ["c-rtl-1", "layla@mail.example", { "First Name": "ليلى", "Last Name": "\u200fحداد" }],
  ["no-address", null, { "First Name": null, "Last Name": null }],
  [
    "long@mail.example",
    "long@mail.example",
    {
      "First Name": "Maximiliana-Theodora Alexandra Konstantina Wilhelmine",
      "Last Name": "von und zu Hohenlohe",
    },
  ],
] as const;

/** Contacts and subscribers: the customers of the data extension, and some who only signed up. */
export function seedSubscribers(unit: UnitSeed): Subscriber[] {
  const { random, tenant, mid, size, seed } = unit;
  const { industry } = tenant;
  const plan = plansFor(industry, size).find(({ key }) => key === customers[industry].key);
  const rows = plan ? seedRows(seed, mid, plan) : [];
  const firstId = (mid % 100_000) * 4000 + 1;
  const made = (index: number, key: string, email: string | null, names: Names): Subscriber => {
    const status = email === null ? "Active" : statusAt(random.int(1, 100));
    const createdAtMs = seededUntilMs - random.int(30, 1500) * dayMs;
    const changedAtMs = createdAtMs + random.int(0, 29) * dayMs;
    return {
      id: firstId + index,
      mid,
      key,
      email,
      status,
      createdAtMs,
      modifiedAtMs: changedAtMs,
      unsubscribedAtMs: status === "Unsubscribed" ? changedAtMs : null,
      attributes: { "Email Demographics": names },
    };
  };
  const regular = Array.from({ length: subscriberCount[size] }, (_, index) => {
    const who = person(random, index + 10_000);
    const row = rows[index];
    const names = {
      "First Name": row?.FirstName ?? who.first,
      "Last Name": row?.LastName ?? who.last,
    };
    const email = row?.EmailAddress ?? who.email;
    return made(index, subscriberKeyAt(industry, index), email, names);
  });
  const strange = portion(odd, size, 0).map(([key, email, names], index) =>
    made(3500 + index, key, email, names),
  );
  return [...regular, ...strange];
}

type Names = Readonly<Record<string, string | null>>;

function statusAt(percent: number): SubscriberStatus {
  if (percent <= 90) return "Active";
  if (percent <= 96) return "Unsubscribed";
  return percent <= 98 ? "Bounced" : "Held";
}

const lists = [
  ["All Subscribers", "Everybody, whatever they get"],
  ["Newsletter", "Every Tuesday"],
  ["Offers", "Sales and vouchers"],
  ["Product news", "New in the range"],
  ["Store events", "Openings and evenings"],
  ["Test group", "Colleagues; every send goes here first"],
  ["Partner news <co-branded>", "With partners & suppliers"],
  ["お知らせ", "日本のお客様"],
] as const;
const listIdOf = (mid: number, index: number) => (mid % 100_000) * 20 + index + 1;

export const seedLists = ({ mid, size, random }: UnitSeed): MailingList[] =>
  portion(lists, size, 2).map(([name, description], index) => ({
    id: listIdOf(mid, index),
    mid,
    key: index === 0 ? "All Subscribers" : `list-${index}`,
    name,
    description,
    type: index < 5 ? "Public" : "Private",
    createdAtMs: seededUntilMs - random.int(900, 1500) * dayMs,
    modifiedAtMs: seededUntilMs - random.int(1, 800) * dayMs,
  }));

/** Everybody is on the first list; on the others one in three or so. */
export function seedMemberships({ seed, mid, tenant, size, random }: UnitSeed): Membership[] {
  const count = portion(lists, size, 2).length;
  // The same stream as the subscribers' own shelf, so that statuses agree.
  const own = bulkRandom(`${seed}:${mid}:subscribers`);
  return seedSubscribers({ seed, mid, tenant, size, random: own }).flatMap((one) =>
    Array.from({ length: count }, (_, index) => index)
      .filter(
        (index) => index === 0 || (index < 5 ? random.int(1, 3) === 1 : random.int(1, 60) === 1),
      )
      .map((index) => ({
        listId: listIdOf(mid, index),
        subscriberKey: one.key,
        status: one.status,
        createdAtMs: one.createdAtMs,
        modifiedAtMs: one.modifiedAtMs,
      })),
  );
}
