import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { start } from "#scripts/postgres.mjs";
import { root } from "#scripts/step.mjs";

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function dataFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "studio-pg-test-"));
  folders.push(folder);
  return folder;
}

/** Another process that uses the folder's server until it is told to stop. */
async function otherUser(folder: string) {
  const code = `
    import { start } from ${JSON.stringify(path.join(root, "scripts/postgres.mjs"))};
    const server = await start(process.argv[1], { settings: { fsync: "off" } });
    process.on("message", async () => { await server.stop(); process.exit(); });
    process.send({ pid: server.pid, joined: server.joined });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.push(child);
  const [server] = (await once(child, "message")) as [{ pid: number; joined: boolean }];
  return {
    ...server,
    async stop() {
      child.send("stop");
      await once(child, "exit");
    },
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function answers(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

test("a second process joins the folder's server, and the first one's end leaves it running", async () => {
  const folder = dataFolder();
  const first = await otherUser(folder);
  const second = await start(folder);
  expect(first.joined).toBe(false);
  expect(second).toMatchObject({ joined: true, pid: first.pid });
  await first.stop();
  expect(await answers(second.config)).toBe(true);
  await second.stop();
  expect(await answers(second.config)).toBe(false);
});

test("a starter that was killed leaves a server that the next process takes over and stops", async () => {
  const folder = dataFolder();
  const first = await otherUser(folder);
  await first.kill();
  const second = await start(folder);
  expect(second).toMatchObject({ joined: true, pid: first.pid });
  await second.stop();
  expect(await answers(second.config)).toBe(false);
});

test("a server that was killed is started anew with all that had been stored", async () => {
  const folder = dataFolder();
  const first = await start(folder);
  const client = new pg.Client(first.config);
  client.on("error", () => {});
  await client.connect();
  await client.query("create table kept as select 42 as answer");
  const cut = new Promise((resolve) => client.once("end", resolve));
  process.kill(first.pid, "SIGKILL");
  await cut;
  const again = await start(folder);
  expect(again.joined).toBe(false);
  const reader = new pg.Client(again.config);
  await reader.connect();
  expect((await reader.query("select answer from kept")).rows).toEqual([{ answer: 42 }]);
  await reader.end();
  await again.stop();
});

test("processes that start at once share one server", async () => {
  const folder = dataFolder();
  const users = await Promise.all([otherUser(folder), otherUser(folder), otherUser(folder)]);
  expect(new Set(users.map((user) => user.pid)).size).toBe(1);
  expect(users.filter((user) => !user.joined)).toHaveLength(1);
  for (const user of users) await user.stop();
});

test("a folder made by a newer PostgreSQL is refused with a sentence that says what to do", async () => {
  const folder = dataFolder();
  const server = await start(folder);
  await server.stop();
  const file = path.join(folder, "postgres/cluster/PG_VERSION");
  expect(readFileSync(file, "utf8").trim()).toBe("18");
  writeFileSync(file, "19\n");
  await expect(start(folder)).rejects.toThrow(
    /made by PostgreSQL 19.*start the version of the studio that made it/,
  );
});
