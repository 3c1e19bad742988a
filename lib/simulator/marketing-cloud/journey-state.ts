import type { Journey, JourneyJob, JourneyStatus, Loose, Send } from "./data-types.ts";
import { journeyKey, type Shelves } from "./stock.ts";

/** Publishing and validating are through after this time, or at the third look at their status. */
const jobSeconds = 4;
const pollsUntilDone = 3;

/** What the vendor would not publish: the words of its validation. */
function problemsOf(journey: Journey): Loose[] {
  const problem = (errorCode: string, errorDetail: string, additionalInfo: Loose = {}): Loose => ({
    errorDetail,
    errorCode,
    errorType: "Error",
    additionalInfo,
  });
  const problems: Loose[] = [];
  if (journey.triggers.length === 0) {
    problems.push(problem("121015", "The journey has no entry source."));
  }
  if (journey.activities.length === 0) {
    problems.push(problem("121016", "The journey has no activities."));
  }
  if (journey.publishProblem !== null) {
    const mail = journey.activities.find(isEmail);
    const where = { activityKey: mail?.key, activityId: mail?.id, activityType: mail?.type };
    problems.push(problem("121008", `Email Activity: ${journey.publishProblem}`, where));
  }
  return problems;
}

const isEmail = (activity: Loose): boolean =>
  typeof activity.type === "string" && activity.type.toUpperCase().startsWith("EMAIL");

const isDone = (job: JourneyJob, nowMs: number): boolean =>
  nowMs >= job.startedAtMs + jobSeconds * 1000 || job.polls >= pollsUntilDone;

/** Brings what time has decided up to date: jobs that are through, pauses that have ended. */
export function settleJourneys(unit: Shelves, nowMs: number): void {
  for (const job of unit.journeyJobs.all()) {
    if (job.errors === null && isDone(job, nowMs)) settle(unit, job, nowMs);
  }
  for (const journey of unit.journeys.all()) {
    if (journey.pause && journey.pause.untilMs <= nowMs) {
      const status = journey.pause.guardrail === "Stop" ? "Stopped" : "Published";
      unit.journeys.put({ ...journey, status, pause: null });
    }
  }
}

function settle(unit: Shelves, job: JourneyJob, nowMs: number): void {
  const journey = unit.journeys.get(journeyKey(job.journeyId, job.version));
  const errors: readonly Loose[] =
    journey === undefined || journey.status === "Deleted"
      ? [
          {
            errorDetail: "The journey was not found.",
            errorCode: "30003",
            errorType: "Error",
            additionalInfo: {},
          },
        ]
      : problemsOf(journey);
  unit.journeyJobs.put({ ...job, errors });
  if (job.kind !== "publish" || !journey || errors.length > 0) return;
  // Contacts of an older version finish it; nobody enters it any more.
  for (const other of unit.journeys.all()) {
    const isOlder = other.id === journey.id && other.version !== journey.version;
    if (isOlder && other.status === "Published")
      unit.journeys.put({ ...other, status: "Unpublished" });
  }
  unit.journeys.put({ ...journey, status: "Published", publishedAtMs: nowMs, modifiedAtMs: nowMs });
}

/** Whether a version is taking contacts in or has them inside. */
export const isLive = ({ status }: Journey): boolean =>
  status === "Published" || status === "Paused" || status === "ScheduledToPublish";

export const statusWords: readonly JourneyStatus[] = [
  "Draft",
  "Published",
  "ScheduledToPublish",
  "Paused",
  "Stopped",
  "Unpublished",
  "Deleted",
];

const waitMs: Readonly<Record<string, number>> = {
  MINUTES: 60_000,
  HOURS: 3_600_000,
  DAYS: 86_400_000,
  WEEKS: 7 * 86_400_000,
  MONTHS: 30 * 86_400_000,
};

/** When each mail of a journey leaves, counted from the entry: the waits before it added up. */
export function mailOffsetsMs(journey: Journey): number[] {
  const offsets: number[] = [];
  let atMs = 0;
  for (const activity of journey.activities) {
    if (isEmail(activity)) offsets.push(atMs);
    const settings = activity.configurationArguments as Loose | undefined;
    const unit = waitMs[String(settings?.waitUnit ?? "").toUpperCase()];
    if (unit !== undefined) atMs += unit * (Number(settings?.waitDuration) || 0);
  }
  return offsets;
}

/** Forgets the mails of a journey that have not left yet. */
export function cancelSends(unit: Shelves, journey: Journey, nowMs: number): void {
  const key = journeyKey(journey.id, journey.version);
  const isWaiting = (send: Send) => send.journey === key && send.atMs > nowMs;
  for (const send of unit.sends.all()) if (isWaiting(send)) unit.sends.remove(send.id);
}
