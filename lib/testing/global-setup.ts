import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { deploy } from "#scripts/deploy.mjs";
import { deployQueue } from "#scripts/deploy-queue.mjs";
import { start } from "#scripts/postgres.mjs";
import { startRedis } from "#scripts/redis.mjs";

declare module "vitest" {
  interface ProvidedContext {
    pg: { host: string; user: string; database: string };
    redis: { url: string; dir: string };
  }
}

const THROW_AWAY = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/**
 * A PostgreSQL server for the run, with the migrated template `tpl` that each file copies, and a Redis
 * server that keeps nothing on disk.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  project.provide("redis", { url: redis.url, dir: redis.dir });
  const folder = await mkdtemp(path.join(os.tmpdir(), "studio-test-"));
  const server = await start(folder, { settings: THROW_AWAY });
  const admin = new pg.Client(server.config);
  await admin.connect();
  await admin.query("create database tpl");
  await admin.end();
  await deployQueue({ ...server.config, database: "tpl" });
  await deploy({ ...server.config, database: "tpl" }, { appMayLogin: true });
  project.provide("pg", server.config);
  return async () => {
    await Promise.all([server.stop(), redis.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
