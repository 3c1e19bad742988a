import { fromPrisma, type Job, PgBoss } from "pg-boss";
import { z } from "zod";
import type { StudioDeps } from "#lib/deps.ts";
import { plansToApply, revocations, type Schedule, schedules } from "#lib/jobs/schedules.ts";

const connections = 3;
const pollSeconds = 2;
const batch = 20;
const jobLimitSeconds = 10 * 60;
const keptSeconds = 24 * 60 * 60;
/** Whoever queued a revocation tries it at once; the job is for where they could not. */
const headStartSeconds = 5;

const jobSchema = z.object({ id: z.uuid() });

export type Jobs = {
  /** Takes no more work and ends what is held, within the time given. */
  stop(graceMs: number): Promise<void>;
};

/**
 * Starts the queue in this process and hands it to those who queue. Several processes on one database
 * share the work: a job goes to one of them.
 *
 * @param databaseUrl - of a role that may use the schema `pgboss`, which the deployment made
 * @throws {Error} the schema is missing or of another version: the studio must not start
 */
export async function startJobs(deps: StudioDeps, databaseUrl: string): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: "studio-jobs",
    max: connections,
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
  });
  boss.on("error", (error) => deps.log.warn("the queue failed", { error }));
  const stopping = new AbortController();
  try {
    await boss.start();
    for (const schedule of schedules) await serve(deps, boss, schedule, stopping.signal);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  deps.revocationQueue = {
    async deliver(tx, id) {
      await boss.send(
        revocations.name,
        { id },
        { db: fromPrisma(tx), startAfter: headStartSeconds },
      );
    },
  };
  deps.planQueue = {
    async deliver(tx, id) {
      await boss.send(plansToApply.name, { id }, { db: fromPrisma(tx) });
    },
  };
  return {
    async stop(graceMs) {
      stopping.abort();
      await boss.stop({ graceful: true, timeout: graceMs });
    },
  };
}

async function serve(
  deps: StudioDeps,
  boss: PgBoss,
  schedule: Schedule,
  signal: AbortSignal,
): Promise<void> {
  const { name, cron } = schedule;
  await boss.createQueue(name, {
    retryLimit: 0,
    expireInSeconds: jobLimitSeconds,
    deleteAfterSeconds: keptSeconds,
  });
  await boss.schedule(name, cron, null, { tz: "UTC" });
  await boss.work(name, { batchSize: batch, pollingIntervalSeconds: pollSeconds }, async (jobs) => {
    try {
      await runEach(deps, schedule, jobs, signal);
      deps.metrics.count("studio_jobs_total", { outcome: "done" });
    } catch (error) {
      deps.metrics.count("studio_jobs_total", { outcome: "failed" });
      deps.log.error("a job failed", { reason: name, error });
      throw error;
    }
  });
  // What came due while nobody ran.
  await boss.send(name, null);
}

/** Each named thing once, and all that is due once, however many jobs ask for it. */
async function runEach(
  deps: StudioDeps,
  schedule: Schedule,
  jobs: Job<unknown>[],
  signal: AbortSignal,
): Promise<void> {
  const ids = jobs.map(({ data }) => jobSchema.safeParse(data).data?.id ?? null);
  for (const id of new Set(ids)) {
    if (!signal.aborted) await schedule.run(deps, id, signal);
  }
}
