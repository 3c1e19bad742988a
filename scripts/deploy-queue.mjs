// Makes, or brings up to date, the tables of the queue (schema `pgboss`), as the database's owner. The
// studio itself runs with less: `app-role.mjs` grants it, so this comes before `deploy.mjs`.
import { PgBoss } from "pg-boss";

/**
 * Safe to run by several processes at once, and again on a schema that is up to date.
 *
 * @param config - what `new pg.Client()` takes
 */
export async function deployQueue(config) {
  const boss = new PgBoss({ ...config, max: 2, supervise: false, schedule: false });
  let failure = null;
  boss.on("error", (error) => (failure = error));
  await boss.start();
  await boss.stop({ graceful: false });
  if (failure) throw failure;
}
