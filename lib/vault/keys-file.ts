import { randomBytes, randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { keyBytes } from "#lib/vault/sealed-format.ts";

const directoryMode = 0o700;
const fileMode = 0o600;
const othersMask = 0o077;
const hasModes = process.platform !== "win32";

/** Named as a setting in refusals. */
export const keysFileSetting = "keys/keys.json in the data folder";

const keysFileSchema = z.strictObject({
  version: z.literal(1),
  /** Written as the setting `VAULT_KEYS` is. */
  vaultKeys: z.string().min(1),
  sessionSecret: z.string().min(1),
});
export type KeysFile = z.infer<typeof keysFileSchema>;

const refuse = (problem: string) => new KeyConfigurationError(keysFileSetting, problem);

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code;

export function keysFilePath(dataDir: string): string {
  return path.join(dataDir, "keys", "keys.json");
}

/**
 * Reads the keys file of a data folder.
 *
 * @returns undefined where there is none
 * @throws {KeyConfigurationError} readable by others, a symbolic link, or not of the known form
 */
export function findKeysFile(dataDir: string): KeysFile | undefined {
  const file = keysFilePath(dataDir);
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw refuse(`cannot be read (${errorCode(error) ?? "unknown"})`);
  }
  try {
    const isOpenToOthers = (mode: number) => hasModes && (mode & othersMask) !== 0;
    if (isOpenToOthers(fstatSync(descriptor).mode)) {
      throw refuse("is open to other users of this machine; set its mode to 0600");
    }
    if (isOpenToOthers(statSync(path.dirname(file)).mode)) {
      throw refuse("lies in a folder open to other users of this machine; set its mode to 0700");
    }
    return parseKeysFile(readFileSync(descriptor, "utf8"));
  } finally {
    closeSync(descriptor);
  }
}

function parseKeysFile(text: string): KeysFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text in its message, so its error is not kept as the cause.
    throw refuse("is damaged; put back the copy from your backup");
  }
  const parsed = keysFileSchema.safeParse(content);
  if (!parsed.success) throw refuse("is not of the form this version knows");
  return parsed.data;
}

/**
 * Makes new keys and writes them, whole or not at all, without ever replacing a file: of two
 * starters one writes and both go on with what it wrote.
 */
export function createKeysFile(dataDir: string): KeysFile {
  const file = keysFilePath(dataDir);
  const directory = path.dirname(file);
  mkdirSync(directory, { recursive: true, mode: directoryMode });
  if (hasModes) chmodSync(directory, directoryMode);
  const made: KeysFile = {
    version: 1,
    vaultKeys: newVaultKey(),
    sessionSecret: randomBytes(keyBytes).toString("base64"),
  };
  const draft = path.join(directory, `.keys-${randomUUID()}`);
  try {
    writeDraft(draft, made);
    linkSync(draft, file);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") {
      throw refuse(`cannot be written (${errorCode(error) ?? "unknown"})`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(directory);
  const stored = findKeysFile(dataDir);
  if (stored === undefined) throw refuse("is gone again just after it was written");
  return stored;
}

/** A new version as it stands in the ring; its id is random, so that one file's is never another's. */
export const newVaultKey = () =>
  `k${randomBytes(4).toString("hex")}:${randomBytes(keyBytes).toString("base64")}`;

/**
 * Puts a changed ring in the file's place, whole or not at all, for the same owner and him alone: whoever
 * reads finds the one or the other. Two at once must be kept apart by the caller.
 *
 * @param change - gives the new ring from the one that is there
 * @throws {KeyConfigurationError} there is no file, or it cannot be written; it is then as it was
 */
export function rewriteVaultKeys(dataDir: string, change: (vaultKeys: string) => string): void {
  const held = findKeysFile(dataDir);
  if (held === undefined) throw refuse("is not there");
  const file = keysFilePath(dataDir);
  const directory = path.dirname(file);
  const draft = path.join(directory, `.keys-${randomUUID()}`);
  try {
    writeDraft(draft, { ...held, vaultKeys: change(held.vaultKeys) }, statSync(file));
    renameSync(draft, file);
  } catch (error) {
    if (error instanceof KeyConfigurationError) throw error;
    throw refuse(`cannot be written (${errorCode(error) ?? "unknown"})`);
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(directory);
}

function writeDraft(draft: string, content: KeysFile, owner?: { uid: number; gid: number }): void {
  const descriptor = openSync(draft, "wx", fileMode);
  try {
    // The operator may be another user than the studio, which must still be able to read it.
    if (owner && hasModes) fchownSync(descriptor, owner.uid, owner.gid);
    writeSync(descriptor, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncDirectory(directory: string): void {
  if (!hasModes) return;
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** When the ring was last changed. */
export const keysFileChangedAt = (dataDir: string): Date => statSync(keysFilePath(dataDir)).mtime;
