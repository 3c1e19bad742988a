import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { seedDefinitions } from "./seed-definitions.ts";
import { bulkRandom } from "./seed-random.ts";
import { subscriberCount, subscriberKeyAt } from "./seed-subscribers.ts";
import { dayMs, sizeOf, type UnitSize } from "./unit-seed.ts";
import type { Tenant } from "./world.ts";

export type TrackingKind = "Sent" | "Open" | "Click" | "Bounce" | "Unsub" | "NotSent";

export type TrackingEvent = {
  kind: TrackingKind;
  sendId: number;
  subscriberKey: string;
  atMs: number;
  batchId: number;
  /** The triggered send behind it; null for a send to a list. */
  definitionId: string | null;
  url: string | null;
  bounce: { category: string; smtpCode: string; eventType: string } | null;
};

/** Some twenty thousand events of the last thirty days, made day by day when first looked at. */
export type Tracking = {
  events(tenant: Tenant, mid: number, nowMs: number): readonly TrackingEvent[];
};

const windowDays = 30;

export function createTracking(seed: string): Tracking {
  const byUnit = new Map<number, Map<number, readonly TrackingEvent[]>>();
  return {
    events(tenant, mid, nowMs) {
      const days = byUnit.get(mid) ?? new Map<number, readonly TrackingEvent[]>();
      byUnit.set(mid, days);
      const last = Math.floor(nowMs / dayMs);
      const first = last - windowDays;
      for (const day of days.keys()) if (day < first || day > last) days.delete(day);
      const found: TrackingEvent[] = [];
      for (let day = first; day <= last; day++) {
        const known = days.get(day) ?? seedDay(seed, tenant, mid, day);
        days.set(day, known);
        for (const event of known) {
          if (event.atMs <= nowMs && event.atMs > nowMs - windowDays * dayMs) found.push(event);
        }
      }
      return found;
    },
  };
}

/** Lists are sent to once or twice a day; triggered sends trickle. */
const volumes: Readonly<Record<UnitSize, { list: number; triggered: number }>> = {
  full: { list: 320, triggered: 90 },
  small: { list: 12, triggered: 2 },
  empty: { list: 0, triggered: 0 },
};
const urls = [
  "https://www.shop.example/new",
  "https://www.shop.example/offers?utm_source=mail&utm_medium=email",
  "https://www.shop.example/stores",
  "https://www.shop.example/account/points",
  "https://www.shop.example/p/fjell-shell-jacket",
];
const bounces = [
  { category: "Hard bounce", smtpCode: "550", eventType: "HardBounce" },
  { category: "Soft bounce", smtpCode: "452", eventType: "SoftBounce" },
  { category: "Soft bounce", smtpCode: "421", eventType: "SoftBounce" },
  { category: "Block bounce", smtpCode: "554", eventType: "OtherBounce" },
];

function seedDay(seed: string, tenant: Tenant, mid: number, day: number): TrackingEvent[] {
  const size = sizeOf(tenant, mid);
  const { list, triggered } = volumes[size];
  if (list === 0) return [];
  const random = bulkRandom(`${seed}:${mid}:day:${day}`);
  const founded = seedDefinitions({
    seed,
    tenant,
    mid,
    size,
    random: bulkRandom(`${seed}:${mid}:definitions`),
  });
  const startMs = day * dayMs;
  const events: TrackingEvent[] = [];
  const one = (base: Base) => follow(random, base, startMs + dayMs - 1, events);
  const someone = () => subscriberKeyAt(tenant.industry, random.int(0, subscriberCount[size] - 1));
  const jobs = random.int(1, 2);
  for (let job = 0; job < jobs; job++) {
    const sentAtMs = startMs + random.int(6, 17) * 3_600_000;
    const count = Math.round((list / jobs) * (random.int(80, 120) / 100));
    for (let at = 0; at < count; at++) {
      one({
        sendId: 100_000 + (day % 100_000) * 2 + job,
        subscriberKey: someone(),
        atMs: sentAtMs + at * 350,
        batchId: 1,
        definitionId: null,
      });
    }
  }
  for (let at = 0; at < triggered; at++) {
    const index = random.int(0, founded.length - 1);
    one({
      sendId: 50_000 + index,
      subscriberKey: someone(),
      atMs: startMs + random.int(0, 86_399) * 1000,
      batchId: (day % 1000) * 1000 + at,
      definitionId: founded[index]?.id ?? null,
    });
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

type Base = Pick<TrackingEvent, "sendId" | "subscriberKey" | "atMs" | "batchId" | "definitionId">;

/** What becomes of one mail, within its day. */
function follow(random: SeededRandom, base: Base, endMs: number, events: TrackingEvent[]): void {
  const add = (
    kind: TrackingKind,
    atMs: number,
    more: Partial<Pick<TrackingEvent, "url" | "bounce">> = {},
  ) =>
    events.push({ url: null, bounce: null, ...base, kind, atMs: Math.min(atMs, endMs), ...more });
  if (random.int(1, 100) <= 3) {
    add("NotSent", base.atMs);
    return;
  }
  add("Sent", base.atMs);
  if (random.int(1, 1000) <= 25) {
    add("Bounce", base.atMs + random.int(2, 900) * 1000, { bounce: random.pick(bounces) });
    return;
  }
  if (random.int(1, 100) > (base.definitionId === null ? 38 : 55)) return;
  const openedAtMs = base.atMs + random.int(30, 20_000) * 1000;
  add("Open", openedAtMs);
  if (random.int(1, 100) <= 30) {
    add("Click", openedAtMs + random.int(3, 300) * 1000, { url: random.pick(urls) });
  }
  if (random.int(1, 100) <= 1) add("Unsub", openedAtMs + random.int(5, 120) * 1000);
}
