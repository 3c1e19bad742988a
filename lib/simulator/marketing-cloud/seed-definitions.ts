import type { Definition } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { stories } from "./seed-stories.ts";
import { dayMs, portion, slug, type UnitSeed } from "./unit-seed.ts";

const retail = [
  "Order confirmation",
  "Shipping notice",
  "Delivery today",
  "Return received",
  "Password reset",
  "Sign-in code",
  "Gift card",
  "Receipt",
  "Store pickup ready",
  "Warranty registered",
  "Waitlist spot",
  "Account closed",
];
const freight = [
  "Booking received",
  "Pickup scheduled",
  "Load delayed",
  "Proof of delivery ready",
  "Invoice",
  "Password reset",
  "Sign-in code",
  "Driver assigned",
  "Customs hold",
  "Claim opened",
  "Rate confirmation",
  "Account closed",
];

/** Definitions of transactional mails; the last two are switched off. */
export function seedDefinitions({ random, mid, tenant, size }: UnitSeed): Definition[] {
  const names = portion(tenant.industry === "retail" ? retail : freight, size, 2);
  const tales = stories[tenant.industry];
  return names.map((name, index) => {
    const createdAtMs = seededUntilMs - random.int(100, 800) * dayMs;
    const tale = tales[index % tales.length]?.[0] ?? "";
    return {
      id: random.uuid(),
      mid,
      key: slug(name),
      name,
      description: index === 5 ? "" : `Sent at once: ${name.toLowerCase()}`,
      status: index >= names.length - 2 && size === "full" ? "Inactive" : "Active",
      classification: "Default Transactional",
      content: { customerKey: `${slug(tale)}-1` },
      subscriptions: { list: "All Subscribers", autoAddSubscriber: true, updateSubscriber: true },
      options: { trackLinks: true, cc: [], bcc: [], createJourney: index % 6 === 0 },
      createdAtMs,
      modifiedAtMs: createdAtMs + random.int(0, 90) * dayMs,
    };
  });
}
