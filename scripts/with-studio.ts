import { existsSync } from "node:fs";
import { processEnv } from "#lib/core/env.ts";
import { openDeps, type StudioDeps } from "#lib/deps.ts";
import { urlOfAppRole } from "./app-role.mjs";
import { start } from "./postgres.mjs";

/**
 * Does `work` with the studio's own settings, keys and database, in the studio's role; beside a
 * running studio it joins the database of the data folder, else it starts and stops it.
 *
 * @throws {Error} there is no studio in the data folder, or its database is not up to date
 */
export async function withStudio<T>(work: (deps: StudioDeps) => Promise<T>): Promise<T> {
  const env = processEnv();
  const isEmbedded = env.databaseUrl === null;
  if (isEmbedded && !existsSync(env.dataDir)) {
    throw new Error(`there is no studio in ${env.dataDir}; STUDIO_DATA_DIR names another folder`);
  }
  const postgres = isEmbedded ? await start(env.dataDir) : null;
  try {
    process.env.DATABASE_URL = postgres?.appUrl ?? urlOfAppRole(env.databaseUrl?.reveal() ?? "");
    const deps = await openDeps();
    try {
      return await work(deps);
    } finally {
      await Promise.all([
        deps.changes.stop(),
        deps.volatile.close(),
        deps.hotPool.end(),
        deps.db.$disconnect(),
      ]);
    }
  } finally {
    await postgres?.stop();
  }
}
