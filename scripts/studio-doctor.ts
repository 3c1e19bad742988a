import { existsSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { systemClock } from "#lib/core/clock.ts";
import { type Env, loadEnv, SettingsError, settingNames } from "#lib/core/env.ts";
import { createLogger } from "#lib/core/log.ts";
import { createDatabase } from "#lib/db/client.ts";
import { ask } from "#lib/doctor/ask.ts";
import {
  type HostFinding,
  type InstallationFindings,
  judgeInstallation,
} from "#lib/doctor/installation-rules.ts";
import { reportText } from "#lib/doctor/report-text.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { systemLookup } from "#lib/egress/connector.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { isPublicAddress } from "#lib/egress/public-address.ts";
import { sealedColumns } from "#lib/jobs/sealed-columns.ts";
import { providerAddresses } from "#lib/providers/addresses.ts";
import type { Greeting } from "#lib/providers/checkup.ts";
import { isMarketingCloudHost } from "#lib/providers/marketing-cloud/hosts.ts";
import { checkupOf, providerOf } from "#lib/providers/registry.ts";
import { isSalesforceHost } from "#lib/providers/salesforce/hosts.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { keysFilePath } from "#lib/vault/keys-file.ts";
import { sealedKeyIdsIn } from "#lib/vault/sealed-repository.ts";
import { migrationNames } from "./deploy.mjs";
import { start } from "./postgres.mjs";

type Source = Readonly<Record<string, string | undefined>>;

const always = "login.salesforce.com";
const CONNECT_MS = 5_000;

/**
 * Looks at the machine of the studio: settings, database, keys, the way out and the clock. Changes
 * nothing, makes nothing.
 *
 * @param hosts - providers' hosts to look at beside the one that is always looked at
 * @returns 1 when a line fails, else 0
 */
export async function doctor(hosts: string[], source: Source = process.env): Promise<number> {
  const startedMs = systemClock.monotonicMs();
  const found = await examineInstallation(source, [...new Set([always, ...hosts])]);
  const report: DoctorReport = {
    title: "MeshMesh Studio: check of this installation",
    checkedAt: systemClock.now().toISOString(),
    durationMs: Math.round(systemClock.monotonicMs() - startedMs),
    subject: [{ name: "Node", value: process.version }],
    lines: judgeInstallation(found),
  };
  console.log(reportText(report));
  return report.lines.some(({ state }) => state === "fail") ? 1 : 0;
}

export async function examineInstallation(
  source: Source,
  hosts: readonly string[],
  lookup = systemLookup,
): Promise<InstallationFindings> {
  const env = readSettings(source);
  const settings: InstallationFindings["settings"] =
    typeof env === "string"
      ? { ok: false, problem: env }
      : { ok: true, names: settingNames.filter((name) => (source[name] ?? "") !== "") };
  const isRead = typeof env !== "string";
  const [stored, looked] = await Promise.all([
    isRead ? examineDatabase(env, source) : null,
    examineHosts(hosts, isRead ? env : null, lookup),
  ]);
  const reading = looked.find(({ asked }) => asked.kind === "answered" && asked.clock !== null);
  return {
    settings,
    studioUrl: isRead ? env.studioUrl : null,
    database: stored?.database ?? { kind: "unreachable", problem: "the settings cannot be read" },
    keys: stored?.keys ?? { kind: "not_looked" },
    hosts: looked,
    clock: reading?.asked.kind === "answered" ? reading.asked.clock : null,
  };
}

function readSettings(source: Source): Env | string {
  try {
    return loadEnv(source);
  } catch (error) {
    // Names the setting and the rule, never the value.
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}

type Stored = Pick<InstallationFindings, "database" | "keys">;

async function examineDatabase(env: Env, source: Source): Promise<Stored> {
  const isEmbedded = env.databaseUrl === null;
  if (isEmbedded && !existsSync(path.join(env.dataDir, "postgres"))) {
    return { database: { kind: "not_made" }, keys: { kind: "not_made" } };
  }
  const postgres = isEmbedded ? await start(env.dataDir) : null;
  const url = postgres?.url ?? env.databaseUrl?.reveal() ?? "";
  try {
    const database = await readMigrations(url);
    const isWhole = database.kind === "ready" && database.missing.length === 0;
    return { database, keys: isWhole ? await readKeys(env, source, url) : { kind: "not_looked" } };
  } finally {
    await postgres?.stop();
  }
}

async function readMigrations(url: string): Promise<InstallationFindings["database"]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      "select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null",
    );
    const done = rows.map(({ name }) => name);
    const ours = migrationNames(path.resolve("prisma/migrations"));
    return {
      kind: "ready",
      missing: ours.filter((name) => !done.includes(name)),
      foreign: done.filter((name) => !ours.includes(name)),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // 42P01: reachable, and nobody has set it up.
    if (code === "42P01") return { kind: "ready", missing: ["all"], foreign: [] };
    return { kind: "unreachable", problem: code ?? message };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function readKeys(
  env: Env,
  source: Source,
  url: string,
): Promise<InstallationFindings["keys"]> {
  const isSet = (source.VAULT_KEYS ?? "") !== "" || (source.SESSION_SECRET ?? "") !== "";
  // The loader makes what is missing; a check must not.
  if (!isSet && !existsSync(keysFilePath(env.dataDir))) return { kind: "not_made" };
  const db = createDatabase(url, { poolSize: 1 });
  try {
    const sealedKeyIds = await sealedKeyIdsIn(db, sealedColumns);
    const loaded = loadKeys({ env: source, dataDir: env.dataDir, sealedKeyIds });
    return { kind: "fit", source: loaded.source, sealedUnder: sealedKeyIds.length };
  } catch (error) {
    return { kind: "unfit", problem: error instanceof Error ? error.message : "unreadable" };
  } finally {
    await db.$disconnect();
  }
}

async function examineHosts(
  hosts: readonly string[],
  env: Env | null,
  lookup: typeof systemLookup,
): Promise<HostFinding[]> {
  const resolved = new Map<string, readonly string[]>();
  const egress = createEgress({
    async lookup(host) {
      const answers = await lookup(host);
      resolved.set(
        host,
        [...answers].map(({ address }) => address),
      );
      return answers;
    },
    ...(env?.egressConnectMap
      ? { connectMap: parseConnectMap(env.egressConnectMap, env.studioUrl) }
      : {}),
  });
  const deps = {
    egress,
    clock: systemClock,
    log: createLogger({ level: "silent" }),
    addresses: providerAddresses({ demoOrigin: null }),
  };
  try {
    return await Promise.all(
      hosts.map(async (host): Promise<HostFinding> => {
        const provider = isSalesforceHost(host)
          ? "salesforce"
          : isMarketingCloudHost(host)
            ? "marketing-cloud"
            : null;
        if (provider === null) {
          return { host, label: null, asked: { kind: "not_asked" }, addresses: [], refused: [] };
        }
        const door = checkupOf(provider).knockAtLogin(host);
        const asked = await ask<Greeting>(
          deps,
          { environment: "production", host: door.host, path: door.path },
          (answer) => door.read(answer, (url) => deps.addresses.hostOf("production", url)),
        );
        const addresses = resolved.get(host) ?? [];
        const refused = addresses.filter((address) => !isPublicAddress(address));
        return { host, label: providerOf(provider).label, asked, addresses, refused };
      }),
    );
  } finally {
    await egress.close();
  }
}
