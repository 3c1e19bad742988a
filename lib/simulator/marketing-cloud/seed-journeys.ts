import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Journey, JourneyStatus, Loose } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { folderId, seedFolders } from "./seed-folders.ts";
import { otherScripts, stories, told, variants } from "./seed-stories.ts";
import { dayMs, portion, slug, type UnitSeed } from "./unit-seed.ts";

/** Journeys in all states and versions: about sixty of forty-odd names in a full unit. */
export function seedJourneys(unit: UnitSeed): Journey[] {
  const { random, tenant, size } = unit;
  const tales = [
    ...variants.flatMap((variant) =>
      stories[tenant.industry].map(([name, about]) => [told(name, variant), about] as const),
    ),
    ...otherScripts,
  ];
  const categoryId = folderId(seedFolders(unit), "journey");
  return portion(tales, size, 4).flatMap(([name, description], index) => {
    const versions = index % 3 === 0 ? random.int(1, 3) : 1;
    const id = random.uuid();
    return Array.from({ length: versions }, (_, at) =>
      seedVersion({ unit, categoryId, name, description, id, index, version: at + 1, versions }),
    );
  });
}

const lastStatuses: readonly JourneyStatus[] = [
  "Published",
  "Draft",
  "Published",
  "Stopped",
  "Draft",
  "Paused",
  "Unpublished",
  "Published",
  "ScheduledToPublish",
];

type Version = {
  unit: UnitSeed;
  categoryId: number;
  name: string;
  description: string;
  id: string;
  index: number;
  version: number;
  versions: number;
};

function seedVersion(given: Version): Journey {
  const { unit, name, index, version, versions } = given;
  const { random, mid } = unit;
  const isLast = version === versions;
  const status = isLast ? (lastStatuses[index % lastStatuses.length] ?? "Draft") : "Stopped";
  const isNew = status === "Draft" || status === "ScheduledToPublish";
  const isLive = status === "Published" || status === "Paused";
  // The first story was worked on last, so that it heads the list.
  const modifiedAtMs = seededUntilMs - (index === 0 && isLast ? 1 : random.int(2, 300)) * dayMs;
  const population = isLive ? random.int(40, 900) : 0;
  const cumulative = isNew ? 0 : population * random.int(4, 11) + random.int(0, 4000);
  const isQuick = index % 11 === 7;
  return {
    id: given.id,
    definitionId: random.uuid(),
    mid,
    key: slug(name),
    name,
    description: index % 13 === 12 ? null : given.description,
    version,
    status,
    definitionType: isQuick ? "Quicksend" : index % 11 === 9 ? "Transactional" : "Multistep",
    channel: isQuick ? "email" : "",
    entryMode: entryModes[index % entryModes.length] ?? "NotSet",
    categoryId: given.categoryId,
    createdAtMs: modifiedAtMs - random.int(1, 400) * dayMs,
    modifiedAtMs,
    publishedAtMs: isNew ? null : modifiedAtMs + random.int(1, 600) * 1000,
    tags: index % 4 === 0 ? ["lifecycle"] : index % 4 === 1 ? ["promotion", "2026"] : [],
    triggers: [trigger(random, name, index)],
    activities: seedActivities(random, name, index),
    settings: {},
    currentPopulation: population,
    cumulativePopulation: cumulative,
    metGoal: Math.floor(cumulative / random.int(3, 9)),
    pause: status === "Paused" ? { untilMs: Number.MAX_SAFE_INTEGER, guardrail: "Stop" } : null,
    publishProblem: name.startsWith("Spring catalogue")
      ? "The email specified for the job did not pass validation. An unverified from email address was detected."
      : null,
  };
}

const entryModes = ["MultipleEntries", "SingleEntryAcrossAllVersions", "OnceAndDone", "NotSet"];

/** One in four lets in the rows of a data extension, the others whom an event names. */
function trigger(random: SeededRandom, name: string, index: number): Loose {
  const isAudience = index % 4 === 2;
  return {
    id: random.uuid(),
    key: "TRIGGER",
    name: `${name} entry`,
    description: "",
    type: isAudience ? "EmailAudience" : "APIEvent",
    outcomes: [],
    arguments: {},
    configurationArguments: {},
    metaData: {
      eventDefinitionId: random.uuid(),
      eventDefinitionKey: `${isAudience ? "DEAudience" : "APIEvent"}-${random.uuid()}`,
      chainType: "None",
      configurationRequired: false,
      iconUrl: isAudience
        ? "/images/icon-data-extension.svg"
        : "/images/icon_journeyBuilder-event-api-blue.svg",
    },
  };
}

type Step = { type: string; name: string; settings: Loose };

/** Email, wait, email … with a fork in every fifth journey. */
function seedActivities(random: SeededRandom, name: string, index: number): Loose[] {
  const mails = 1 + (index % 3);
  const steps: Step[] = [];
  for (let part = 1; part <= mails; part++) {
    if (part > 1) {
      const waitDuration = random.int(1, 6);
      steps.push({
        type: "WAIT",
        name: `${waitDuration} days`,
        settings: { waitDuration, waitUnit: "DAYS" },
      });
    }
    if (part === 2 && index % 5 === 0) {
      steps.push({ type: "MULTICRITERIADECISION", name: "Opened before?", settings: {} });
    }
    steps.push({
      type: "EMAILV2",
      name: `${name} ${part}`,
      settings: {
        applicationExtensionKey: "jb-email-activity",
        triggeredSend: { emailSubject: `${name}: part ${part}`, isTrackingClicks: true },
      },
    });
  }
  const seen = new Map<string, number>();
  const keys = steps.map(({ type }) => {
    const count = (seen.get(type) ?? 0) + 1;
    seen.set(type, count);
    return `${type === "WAIT" ? "WAITBYDURATION" : type}-${count}`;
  });
  return steps.map(({ type, name: title, settings }, at) => ({
    id: random.uuid(),
    key: keys[at],
    name: title,
    description: "",
    type,
    outcomes: [
      {
        key: random.uuid(),
        ...(keys[at + 1] === undefined ? {} : { next: keys[at + 1] }),
        arguments: {},
        metaData: { invalid: false },
      },
    ],
    arguments: {},
    configurationArguments: settings,
    metaData: { isConfigured: true },
  }));
}
