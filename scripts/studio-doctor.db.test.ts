import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { judgeInstallation } from "#lib/doctor/installation-rules.ts";
import { testDatabase } from "#lib/testing/database.ts";
import { examineInstallation } from "./studio-doctor.ts";

const { ownerUrl: url } = await testDatabase();
const dataDir = mkdtempSync(path.join(tmpdir(), "doctor-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const key = () => randomBytes(32).toString("base64");
const settings = {
  DATABASE_URL: url,
  STUDIO_DATA_DIR: dataDir,
  VAULT_KEYS: `first:${key()}`,
  SESSION_SECRET: key(),
};
const nowhere = async () => {
  throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
};
const login = "login.salesforce.com";
const examine = async (source: Record<string, string>, hosts = [login], lookup = nowhere) => {
  const lines = judgeInstallation(await examineInstallation(source, hosts, lookup));
  return Object.fromEntries(lines.map((line) => [line.id, line]));
};

test("a migrated database and its keys are fit, and no value of a setting is told", async () => {
  const lines = await examine(settings);
  expect(lines.database?.state).toBe("pass");
  expect(lines.keys).toMatchObject({ state: "pass" });
  expect(lines.settings?.found).toContain("VAULT_KEYS");
  const told = JSON.stringify(lines);
  for (const secret of [settings.VAULT_KEYS, settings.SESSION_SECRET, url]) {
    expect(told).not.toContain(secret);
  }
});

test("[VA-4] a key that is unfit is named by its setting, its value is not told", async () => {
  const unfit = await examine({ ...settings, VAULT_KEYS: "first:AAAA" });
  expect(unfit.keys).toMatchObject({ state: "fail", found: expect.stringContaining("VAULT_KEYS") });
  expect(JSON.stringify(unfit)).not.toContain("AAAA");
});

test("settings that cannot be read, a database that is not there: told, and the rest stands", async () => {
  const unread = await examine({ ...settings, PORT: "ninety" });
  expect(unread.settings).toMatchObject({ state: "fail", found: expect.stringContaining("PORT") });
  expect(JSON.stringify(unread)).not.toContain("ninety");
  const away = await examine({ ...settings, DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none" });
  expect(away.database?.state).toBe("fail");
  expect(away.keys?.state).toBe("unknown");
});

test("a check of an empty data folder makes nothing there", async () => {
  const lines = await examine({ STUDIO_DATA_DIR: dataDir });
  expect([lines.database?.state, lines.keys?.state]).toEqual(["unknown", "unknown"]);
  expect(readdirSync(dataDir)).toEqual([]);
});

test("[NET-3] the operator sees what a host resolves to, and nothing is sent to a private address", async () => {
  const lines = await examine(settings, [login, "evil.example"], (async () => [
    { address: "10.0.0.7" },
  ]) as never);
  expect(lines[`host ${login}`]).toMatchObject({
    state: "fail",
    found: expect.stringContaining("10.0.0.7 is not a public address"),
  });
  expect(lines["host evil.example"]).toMatchObject({
    state: "fail",
    found: expect.stringContaining("never calls"),
  });
  const unresolved = await examine(settings);
  expect(unresolved[`host ${login}`]?.found).toContain("does not resolve");
});
