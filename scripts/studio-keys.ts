import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { StudioDeps } from "#lib/deps.ts";
import {
  addKeyVersion,
  isRotationUnfinished,
  keysAreInFile,
  keysStatus,
  retireKeyVersion,
  rewrapAll,
} from "#lib/operator/rotate-keys.ts";
import { keysFreshMs } from "#lib/vault/cached-key-ring.ts";
import { withStudio } from "./with-studio.ts";

/** Longer than a process uses a ring without reading it again, and than a transaction lasts. */
const takenUpMs = keysFreshMs + 16_000;

/** What is sealed under which version of the vault's key. */
export async function keysStatusVerb(args: string[]): Promise<number> {
  parseArgs({ args, options: {} });
  return withStudio(async (deps) => {
    const { activeKeyId, versions, unreadable } = await keysStatus(deps);
    console.log(`keys are in ${keysAreInFile(deps) ? "the data folder" : "VAULT_KEYS"}`);
    for (const { keyId, isInRing, uses, rows } of versions) {
      const state = keyId === activeKeyId ? "active" : isInRing ? "older" : "MISSING";
      console.log(`${keyId}  ${state}  ${rows} sealed values`);
      for (const use of uses) console.log(`    ${use.rows}  ${use.table}.${use.column}`);
    }
    for (const use of unreadable) {
      console.log(`${use.rows} values of ${use.table}.${use.column} name no version`);
    }
    return versions.some(({ isInRing }) => !isInRing) ? 1 : 0;
  });
}

/** Begins or goes on with a rotation, or retires a version that nothing needs any more. */
export async function keysRotateVerb(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { new: { type: "boolean" }, retire: { type: "string" } },
  });
  return withStudio(async (deps) => {
    const { retire } = values;
    if (retire === undefined) return rotate(deps, values.new ?? false);
    await retireKeyVersion(deps, retire);
    console.log(
      `${retire} is retired: nothing is sealed under it, and the keys file lacks it now.`,
    );
    return 0;
  });
}

async function rotate(deps: StudioDeps, isNew: boolean): Promise<number> {
  const isUnfinished = await isRotationUnfinished(deps);
  const isFile = keysAreInFile(deps);
  const isAdded = isFile && (isNew || !isUnfinished);
  if (isAdded) {
    const keyId = await addKeyVersion(deps);
    console.log(
      `${keyId} is active from now on; running studios of this folder take it up by themselves.`,
    );
  } else if (!isUnfinished) {
    console.log(settingsHelp(deps.vault.keyRing.activeKeyId));
    return 0;
  } else {
    console.log(`going on with the move to ${deps.vault.keyRing.activeKeyId}`);
  }
  let { left, unreadable } = await rewrap(deps);
  if (isAdded) {
    console.log("waiting until every studio of this folder has taken it up");
    await pause(takenUpMs);
    ({ left, unreadable } = await rewrap(deps));
  }
  if (unreadable > 0) {
    console.log(`${unreadable} values do not open and stay as they are; all others are unharmed`);
  }
  if (left > 0) console.log(`${left} values were in use all the time: run it again`);
  else if (isFile) console.log("done; `keys status` shows what an older version still seals");
  return left > 0 ? 1 : 0;
}

async function rewrap(deps: StudioDeps) {
  const result = await rewrapAll(deps, ({ table, column, rewrapped, unreadable }) => {
    console.log(`  ${table}.${column}: ${rewrapped} moved so far, ${unreadable} unreadable`);
  });
  console.log(`${result.rewrapped} values moved to ${deps.vault.keyRing.activeKeyId}`);
  return result;
}

/** What to do where the operator holds the keys. */
const settingsHelp = (activeKeyId: string) =>
  [
    `All values are under ${activeKeyId}, the first of VAULT_KEYS. To rotate:`,
    '1. On every instance put a new entry behind the first: VAULT_KEYS="$VAULT_KEYS,NEW_ID:NEW_KEY",',
    "   NEW_KEY from `openssl rand -base64 32`; restart one instance after the other.",
    "2. On every instance move it to the front; restart one instance after the other.",
    "3. Run `keys rotate` again, with the same settings: it moves what is stored.",
    "4. When `keys status` shows 0 sealed values under the old one, take it out.",
  ].join("\n");
