import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Automation, AutomationActivity, Loose, Query } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { folderId, seedFolders } from "./seed-folders.ts";
import { dayMs, portion, slug, type UnitSeed } from "./unit-seed.ts";

type Act = readonly [name: string, objectTypeId: number];
type Plan = readonly [name: string, description: string | null, statusId: number, acts: Act[]];

const steps = {
  fetch: ["Fetch file", 53],
  import: ["Import customers", 43],
  audience: ["Fill winback audience", 300],
  extract: ["Tracking extract", 73],
  newsletter: ["Newsletter", 42],
  script: ["Tidy preferences", 423],
  wait: ["Wait ten minutes", 467],
  verify: ["Verify row count", 1000],
  filter: ["Filter lapsed", 303],
  fire: ["Fire entry event", 749],
} as const satisfies Record<string, Act>;

const named: readonly Plan[] = [
  ["Nightly import", "Files from the SFTP drop", 6, [steps.fetch, steps.import]],
  ["Winback refresh", "Runs the audience query", 6, [steps.audience]],
  ["Monthly extract", "Tracking extract for the warehouse", 4, [steps.extract]],
  ["Newsletter send", "Tuesday newsletter", 2, [steps.newsletter]],
  ["Consent sync", "Preferences to the warehouse and back", 6, [steps.extract, steps.script]],
  ["Broken import", "The file has had no header since spring", -1, [steps.import]],
  ["Half built", null, 1, []],
  ["Missing target", "Its data extension is gone", 0, [steps.audience]],
  ["File drop: returns", "Waits for returns_*.csv", 7, [steps.import, steps.verify]],
  ["File drop: stock", "Waits for stock_*.csv; switched off", 8, [steps.import]],
  ["Year end clean-up", "Stopped after the last run", 5, [steps.script, steps.wait, steps.filter]],
  ["夜間バッチ", "毎晩の会員データ取込", 6, [steps.fetch, steps.import]],
  ["تحديث الجمهور", "استعلام يومي", 2, [steps.audience, steps.fire]],
];
const subjects = ["Loyalty", "Orders", "Stores", "Catalogue", "Suppression", "Surveys", "Weather"];
const jobs: readonly (readonly [string, number, Act[]])[] = [
  ["daily load", 6, [steps.fetch, steps.import, steps.verify]],
  ["audience build", 2, [steps.audience, steps.filter]],
  ["weekly extract", 4, [steps.extract]],
];

/** Automations in all states, about thirty-five in a full unit. */
export function seedAutomations(unit: UnitSeed): Automation[] {
  const { random, mid, size } = unit;
  const categoryId = folderId(seedFolders(unit), "automations");
  const built = subjects.flatMap((subject) =>
    jobs.map(
      ([job, statusId, acts]): Plan => [
        `${subject} ${job}`,
        `${subject}: ${job}`,
        statusId,
        [...acts],
      ],
    ),
  );
  return portion([...named, ...built], size, 4).map(([name, description, statusId, acts]) => {
    const createdAtMs = seededUntilMs - random.int(200, 900) * dayMs;
    const hasRun = statusId !== 1 && statusId !== 0;
    const isTriggered = statusId === 7 || statusId === 8;
    return {
      id: random.uuid(),
      legacyId: random.token(34),
      mid,
      key: slug(name),
      name,
      description,
      typeId: isTriggered ? 2 : 1,
      statusId,
      categoryId,
      createdAtMs,
      modifiedAtMs: seededUntilMs - random.int(1, 199) * dayMs,
      lastRunAtMs: hasRun ? seededUntilMs - random.int(0, 5) * dayMs : null,
      lastRunInstanceId: hasRun ? random.uuid() : null,
      runUntilMs: 0,
      schedule: statusId === 6 || statusId === 4 ? schedule(random, statusId, createdAtMs) : null,
      steps: acts.map(([title, objectTypeId]) => ({
        name: "",
        activities: [activity(random, title, objectTypeId)],
      })),
    };
  });
}

const activity = (
  random: SeededRandom,
  name: string,
  objectTypeId: number,
): AutomationActivity => ({
  name,
  objectTypeId,
  activityObjectId: random.uuid(),
});

function schedule(random: SeededRandom, statusId: number, fromMs: number): Loose {
  const hour = String(random.int(1, 6)).padStart(2, "0");
  return {
    id: random.uuid(),
    typeId: 3,
    startDate: new Date(fromMs).toISOString().slice(0, 19),
    endDate: "2079-06-06T00:00:00",
    scheduledTime: `0001-01-01T${hour}:00:00`,
    rangeTypeId: 1,
    occurrences: 0,
    pattern: "<Pattern><PatternType>0</PatternType><DayInterval>1</DayInterval></Pattern>",
    icalRecur: "FREQ=DAILY;UNTIL=20790607T050000;INTERVAL=1",
    timezoneName: "Central Standard Time",
    scheduleStatus: statusId === 6 ? "scheduled" : "paused",
    timezoneId: 12,
  };
}

/** SQL queries that fill data extensions. */
export function seedQueries({ random, mid, tenant, size }: UnitSeed): Query[] {
  const source = tenant.industry === "retail" ? "Customers" : "Shippers";
  const texts = [
    [
      "Fill winback audience",
      `SELECT c.EmailAddress FROM ${source} c WHERE c.EmailAddress IS NOT NULL`,
      "Winback_Audience",
    ],
    [
      "Openers of thirty days",
      "SELECT o.SubscriberKey FROM _Open o\nWHERE o.EventDate > DATEADD(day, -30, GETDATE())\n  AND o.IsUnique = 1",
      "Engaged_30_Days",
    ],
    [
      "Hard bounces to suppress",
      "SELECT b.SubscriberKey, b.SMTPCode FROM _Bounce b WHERE b.BounceCategory = 'Hard bounce'",
      "Suppressed_Addresses",
    ],
  ] as const;
  return portion(texts, size, 1).map(([name, text, targetKey]) => ({
    id: random.uuid(),
    mid,
    key: slug(name),
    name,
    text,
    targetKey,
    runUntilMs: 0,
  }));
}
