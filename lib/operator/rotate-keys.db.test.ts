import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findConnection } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { openForGrant, refreshTokenContext } from "#lib/grants/secrets.ts";
import { sealedColumns } from "#lib/jobs/sealed-columns.ts";
import {
  addKeyVersion,
  isRotationUnfinished,
  keysStatus,
  retireKeyVersion,
  rewrapAll,
} from "#lib/operator/rotate-keys.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { keysFilePath } from "#lib/vault/keys-file.ts";
import { rewrapColumns } from "#lib/vault/rewrap-columns.ts";
import { seal } from "#lib/vault/seal.ts";
import type { SealedColumn } from "#lib/vault/sealed-column.ts";

const studio = await testStudio();
const { given, database } = studio;
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "studio-rotate-"));
});
afterEach(async () => {
  await database.pool.query("delete from grants");
  rmSync(dataDir, { recursive: true, force: true });
});

/** A process of the studio whose keys are in the data folder. */
function processOfFolder() {
  const { keyRing } = loadKeys({ env: {}, dataDir });
  const settings = { ...studio.deps.settings, dataDir, vaultKeys: null };
  return { ...studio.deps, settings, vault: { ...studio.deps.vault, keyRing } };
}
type Deps = ReturnType<typeof processOfFolder>;

/** Grants of as many people, sealed as the process seals. */
async function sealedGrants(deps: Deps, count: number) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  const connection = await findConnection(deps.db, principal, connectionId);
  if (!connection) throw new Error("no connection");
  const at = deps.clock.now();
  const people = Array.from({ length: count }, () => randomUUID());
  await deps.db.user.createMany({
    data: people.map((id) => ({ id, email: `${id}@studio.example`, name: "P", createdAt: at })),
  });
  const grants = people.map((userId) => ({ id: randomUUID(), userId, connection }));
  const tokenOf = (grant: { id: string }) => `token-of-${grant.id}`;
  await deps.db.grant.createMany({
    data: await Promise.all(
      grants.map(async (grant) => ({
        id: grant.id,
        userId: grant.userId,
        teamId: principal.teamId,
        connectionId,
        state: "active" as const,
        refreshTokenSealed: await seal(
          deps.vault,
          new Secret(tokenOf(grant)),
          refreshTokenContext(grant),
        ),
        surface: "web" as const,
        scopes: [],
        missingScopes: [],
        providerUserId: grant.userId,
        username: "p@halden.example",
        connectedAt: at,
      })),
    ),
  });
  const open = async (process: Deps, principalOf: Principal, grant: (typeof grants)[number]) => {
    const row = await process.db.grant.findUniqueOrThrow({ where: { id: grant.id } });
    const opened = await openForGrant(
      process,
      principalOf,
      row.refreshTokenSealed ?? "",
      refreshTokenContext(grant),
      { purpose: "revoke", connectionId },
    );
    return opened.reveal() === tokenOf(grant);
  };
  return {
    principal,
    grants,
    opens: (process: Deps, grant: (typeof grants)[number]) => open(process, principal, grant),
  };
}

const rowsUnder = async (deps: Deps, keyId: string) =>
  (await keysStatus(deps)).versions.find((version) => version.keyId === keyId)?.rows;
const ringInFile = (): string[] =>
  JSON.parse(readFileSync(keysFilePath(dataDir), "utf8")).vaultKeys.split(",");
const eventsOf = async (prefix: string) =>
  (
    await database.pool.query(
      "select action, result from audit_events where team_id is null and action like $1 order by sequence",
      [`${prefix}%`],
    )
  ).rows.map(({ action, result }) => `${action} ${result}`);

test("[VA-6] every column of sealed values is known to the rotation", async () => {
  const { rows } = await database.pool.query(
    `select table_name, column_name from information_schema.columns
     where table_schema = 'public' and column_name like '%\\_sealed' order by 1, 2`,
  );
  const known = sealedColumns.map(({ table, column }) => `${table}.${column}`);
  expect(known.sort()).toEqual(rows.map((row) => `${row.table_name}.${row.column_name}`));
});

test("[VA-6] a new version stands in front, no older one is lost, and the file stays its owner's alone", async () => {
  const deps = processOfFolder();
  const [first] = ringInFile();
  const second = await addKeyVersion(deps);
  expect(deps.vault.keyRing.activeKeyId).toBe(second);
  expect(ringInFile()[1]).toBe(first);
  await addKeyVersion(deps);
  expect(ringInFile()).toHaveLength(3);
  expect(ringInFile()[2]).toBe(first);
  expect(statSync(keysFilePath(dataDir)).mode & 0o777).toBe(0o600);
});

test("[VA-6] of two who begin at once one adds a version, and both go on with it", async () => {
  const [one, other] = [processOfFolder(), processOfFolder()];
  const ids = await Promise.all([addKeyVersion(one), addKeyVersion(other)]);
  expect(ids[0]).toBe(ids[1]);
  expect(ringInFile()).toHaveLength(2);
});

test("[VA-6] killed in the middle and begun again, everything ends under the new version, and no token failed to open meanwhile", async () => {
  const deps = processOfFolder();
  const before = deps.vault.keyRing.activeKeyId;
  const { grants, opens } = await sealedGrants(deps, 450);
  const task = { do: "rotate-keys", dataDir } as const;
  const killed = startOtherProcess(studio.settingsOfAnother, { ...task, stopAfter: 2 });

  let isOver = false;
  const used = (async () => {
    let times = 0;
    for (; !isOver; times++) {
      const grant = grants[(times * 37) % grants.length];
      expect(grant && (await opens(deps, grant))).toBe(true);
    }
    return times;
  })();
  expect((await killed.told.next()).value).toEqual(["stopped", undefined]);
  await killed.kill();
  expect(await rowsUnder(deps, before)).toBeGreaterThan(0);
  expect(await isRotationUnfinished(deps)).toBe(true);
  const again = startOtherProcess(studio.settingsOfAnother, { ...task, stopAfter: null });
  expect(await again.ended).toBe(0);
  isOver = true;
  expect(await used).toBeGreaterThan(20);

  const fresh = processOfFolder();
  expect(ringInFile()).toHaveLength(2);
  expect(await rowsUnder(fresh, before)).toBe(0);
  expect(await rowsUnder(fresh, fresh.vault.keyRing.activeKeyId)).toBe(450);
  for (const grant of grants.slice(0, 50)) expect(await opens(fresh, grant)).toBe(true);
}, 60_000);

test("[VA-6] a token that is written while the rotation is at its row wins", async () => {
  const deps = processOfFolder();
  const { grants } = await sealedGrants(deps, 3);
  await addKeyVersion(deps);
  const [column] = sealedColumns.filter(({ table }) => table === "grants");
  const [grant] = grants;
  if (!column || !grant) throw new Error("no grant");
  const newer = await seal(deps.vault, new Secret("newer"), refreshTokenContext(grant));
  const raced: SealedColumn = {
    ...column,
    async page(db, of) {
      const rows = await column.page(db, of);
      await db.grant.updateMany({ where: { id: grant.id }, data: { refreshTokenSealed: newer } });
      return rows;
    },
  };
  expect(await rewrapColumns(deps, [raced])).toEqual({ rewrapped: 2, unreadable: 0, left: 0 });
  const row = await deps.db.grant.findUniqueOrThrow({ where: { id: grant.id } });
  expect(row.refreshTokenSealed).toBe(newer);
});

test("[VA-6] a row that somebody holds is not waited for; the next run moves it", async () => {
  const deps = processOfFolder();
  const before = deps.vault.keyRing.activeKeyId;
  const { grants } = await sealedGrants(deps, 2);
  await addKeyVersion(deps);
  const holder = await database.pool.connect();
  await holder.query("begin");
  await holder.query("select 1 from grants where id = $1 for update", [grants[0]?.id]);
  try {
    expect(await rewrapAll(deps)).toMatchObject({ rewrapped: 1, left: 1 });
  } finally {
    await holder.query("rollback");
    holder.release();
  }
  expect(await rewrapAll(deps)).toMatchObject({ rewrapped: 1, left: 0 });
  expect(await rowsUnder(deps, before)).toBe(0);
});

test("[VA-12] a value that does not open is counted and left as it is; all others move", async () => {
  const deps = processOfFolder();
  const { grants, opens } = await sealedGrants(deps, 5);
  const [spoilt, ...others] = grants;
  await database.pool.query(
    "update grants set refresh_token_sealed = left(refresh_token_sealed, -6) where id = $1",
    [spoilt?.id],
  );
  await addKeyVersion(deps);
  expect(await rewrapAll(deps)).toEqual({ rewrapped: 4, unreadable: 1, left: 0 });
  for (const grant of others) expect(await opens(deps, grant)).toBe(true);
});

test("[VA-6] a version is retired only at zero rows, and not a moment after the ring changed", async () => {
  const deps = processOfFolder();
  const before = deps.vault.keyRing.activeKeyId;
  const { grants } = await sealedGrants(deps, 3);
  const active = await addKeyVersion(deps);
  await expect(retireKeyVersion(deps, active)).rejects.toThrow("is the active version");
  await expect(retireKeyVersion(deps, "k0")).rejects.toThrow("no version k0");
  utimesSync(keysFilePath(dataDir), deps.clock.now(), deps.clock.now());
  await expect(retireKeyVersion(deps, before)).rejects.toThrow("a moment ago");
  deps.clock.advanceSeconds(121);
  await expect(retireKeyVersion(deps, before)).rejects.toThrow(
    "still seals 3 in grants.refresh_token_sealed",
  );
  expect(ringInFile()).toHaveLength(2);
  await rewrapAll(deps);
  const beganAt = new Date(deps.clock.now().getTime() - 60_000);
  const [grant] = grants;
  if (!grant) throw new Error("no grant");
  await deps.db.refresh.create({
    data: {
      grantId: grant.id,
      teamId: grant.connection.teamId,
      generation: 1,
      tokenVersion: 1,
      holder: 1,
      isRecovery: false,
      beganAt,
    },
  });
  await expect(retireKeyVersion(deps, before)).rejects.toThrow("is not settled");
  await deps.db.refresh.deleteMany({ where: { grantId: grant.id } });
  await retireKeyVersion(deps, before);
  expect(ringInFile().map((entry) => entry.split(":")[0])).toEqual([active]);
});

test("[AUD-1] a rotation leaves its steps in the instance's own chain", async () => {
  await database.pool.query("delete from grants");
  const seen = (await eventsOf("vault.")).length;
  const deps = processOfFolder();
  await sealedGrants(deps, 2);
  await addKeyVersion(deps);
  await rewrapAll(deps);
  await rewrapAll(deps);
  expect((await eventsOf("vault.")).slice(seen)).toEqual([
    "vault.key_added intent",
    "vault.key_added success",
    "vault.rewrapped success",
  ]);
});

test("keys in the settings are the operator's to change: nothing is added or retired", async () => {
  const deps = processOfFolder();
  const held = { ...deps, settings: { ...deps.settings, vaultKeys: new Secret("k1:…") } };
  await expect(addKeyVersion(held)).rejects.toMatchObject({ setting: "VAULT_KEYS" });
  await expect(retireKeyVersion(held, "k1")).rejects.toMatchObject({ setting: "VAULT_KEYS" });
});
