import { recordEvent } from "#lib/audit/record-event.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { sealedColumns } from "#lib/jobs/sealed-columns.ts";
import { countRefreshesBefore } from "#lib/operator/rotation-repository.ts";
import { keysKeptMs } from "#lib/vault/cached-key-ring.ts";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { keysFileChangedAt, newVaultKey, rewriteVaultKeys } from "#lib/vault/keys-file.ts";
import {
  type RewrapProgress,
  type RewrapResult,
  rewrapColumns,
} from "#lib/vault/rewrap-columns.ts";
import { countKeyUse, type KeyUse, lockKeyRing } from "#lib/vault/sealed-repository.ts";

type Deps = Pick<StudioDeps, "db" | "clock" | "random" | "vault" | "settings">;

/** So long after the last change of the ring every process has taken it up, or refuses. */
const settledMs = 2 * keysKeptMs;

const idOf = (entry: string) => entry.slice(0, entry.indexOf(":")).trim();

/** Whether keys come from the data folder, where they can be changed, or from the operator's settings. */
export const keysAreInFile = ({ settings }: Pick<Deps, "settings">) => settings.vaultKeys === null;

export type KeysStatus = {
  activeKeyId: string;
  /** Every version of the ring, and those of stored values that are not in it. */
  versions: { keyId: string; isInRing: boolean; uses: KeyUse[]; rows: number }[];
  /** Values that name no version: they open under none. */
  unreadable: KeyUse[];
};

/** Which versions there are, and what is sealed under each. */
export async function keysStatus(deps: Pick<Deps, "db" | "vault">): Promise<KeysStatus> {
  const { activeKeyId, keyIds } = deps.vault.keyRing;
  const uses = await countKeyUse(deps.db, sealedColumns);
  const ids = new Set([...keyIds, ...uses.flatMap(({ keyId }) => keyId ?? [])]);
  const versions = [...ids].map((keyId) => {
    const own = uses.filter((use) => use.keyId === keyId);
    const rows = own.reduce((sum, use) => sum + use.rows, 0);
    return { keyId, isInRing: keyIds.includes(keyId), uses: own, rows };
  });
  return { activeKeyId, versions, unreadable: uses.filter(({ keyId }) => keyId === null) };
}

/** True while an earlier rotation has not moved everything that it can move. */
export async function isRotationUnfinished(deps: Pick<Deps, "db" | "vault">): Promise<boolean> {
  const { activeKeyId, versions } = await keysStatus(deps);
  return versions.some(
    ({ keyId, isInRing, rows }) => isInRing && rows > 0 && keyId !== activeKeyId,
  );
}

/**
 * Puts a new version in front of the keys file's ring; no version is lost. Running processes take it up
 * within seconds, and at once when they meet a value under it (VA-6).
 *
 * @returns the new version's id, or that of another rotation that was quicker
 * @throws {KeyConfigurationError} the keys are not in a file, or it cannot be written
 */
export async function addKeyVersion(deps: Deps): Promise<string> {
  requireFile(deps);
  const before = deps.vault.keyRing.activeKeyId;
  await recordKeyEvent(deps, "vault.key_added", "intent", {});
  return inTransaction(deps.db, async (tx) => {
    await lockKeyRing(tx);
    const entry = newVaultKey();
    let active = idOf(entry);
    rewriteVaultKeys(deps.settings.dataDir, (ring) => {
      if (idOf(ring) === before) return `${entry},${ring}`;
      active = idOf(ring);
      return ring;
    });
    // Read again now: this process seals and rewraps under it from here on.
    await deps.vault.keyRing.get(active);
    await recordEvent(tx, deps, {
      action: "vault.key_added",
      principal: null,
      result: "success",
      detail: { keyId: active, before },
    });
    return active;
  });
}

/**
 * Moves what is sealed under older versions to the active one, beside a running studio; begun again after
 * a kill it goes on. What it did is in the instance's own chain.
 */
export async function rewrapAll(
  deps: Deps,
  onBatch?: (progress: RewrapProgress) => void | Promise<void>,
): Promise<RewrapResult> {
  const result = await rewrapColumns(deps, sealedColumns, onBatch);
  if (result.rewrapped > 0) {
    const { activeKeyId: keyId } = deps.vault.keyRing;
    await recordKeyEvent(deps, "vault.rewrapped", "success", { keyId, ...result });
  }
  return result;
}

/**
 * Takes a version out of the keys file, only where nothing is sealed under it any more and every process
 * has long taken up the one in front of it.
 *
 * @throws {KeyConfigurationError} it is active, unknown, still in use, or the ring changed a moment ago
 */
export async function retireKeyVersion(deps: Deps, keyId: string): Promise<void> {
  requireFile(deps);
  await recordKeyEvent(deps, "vault.key_retired", "intent", { keyId });
  await inTransaction(deps.db, async (tx) => {
    await lockKeyRing(tx);
    const { keyRing } = deps.vault;
    if (keyId === keyRing.activeKeyId) throw refusal(`${keyId} is the active version`);
    if (!keyRing.keyIds.includes(keyId)) throw refusal(`there is no version ${keyId}`);
    const changedAt = keysFileChangedAt(deps.settings.dataDir).getTime();
    const ageMs = deps.clock.now().getTime() - changedAt;
    if (ageMs < settledMs) {
      const seconds = Math.ceil((settledMs - ageMs) / 1000);
      throw refusal(`the ring changed a moment ago; retire ${keyId} in ${seconds} seconds`);
    }
    // What such a refresh brings is sealed already, under the version of its beginning.
    if ((await countRefreshesBefore(tx, new Date(changedAt + settledMs))) > 0) {
      throw refusal(`a refresh that began under ${keyId} is not settled; try again later`);
    }
    const used = (await countKeyUse(deps.db, sealedColumns)).filter((use) => use.keyId === keyId);
    if (used.length > 0) {
      const places = used.map(({ table, column, rows }) => `${rows} in ${table}.${column}`);
      throw refusal(`${keyId} still seals ${places.join(", ")}`);
    }
    rewriteVaultKeys(deps.settings.dataDir, (ring) =>
      ring
        .split(",")
        .filter((entry) => idOf(entry) !== keyId)
        .join(","),
    );
    await recordEvent(tx, deps, {
      action: "vault.key_retired",
      principal: null,
      result: "success",
      detail: { keyId },
    });
  });
}

const refusal = (problem: string) => new KeyConfigurationError("keys", problem);

function requireFile(deps: Deps): void {
  if (!keysAreInFile(deps)) {
    throw new KeyConfigurationError("VAULT_KEYS", "is set, so the ring is yours to change there");
  }
}

const recordKeyEvent = (
  deps: Deps,
  action: "vault.key_added" | "vault.key_retired" | "vault.rewrapped",
  result: "intent" | "success",
  detail: Record<string, string | number>,
) =>
  inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, { action, principal: null, result, detail }),
  );
