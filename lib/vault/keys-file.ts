import { randomBytes, randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
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
  // The id is random, so that a file made anew is never taken for the one that sealed the rows.
  const made: KeysFile = {
    version: 1,
    vaultKeys: `k${randomBytes(4).toString("hex")}:${randomBytes(keyBytes).toString("base64")}`,
    sessionSecret: randomBytes(keyBytes).toString("base64"),
  };
  const draft = path.join(directory, `.keys-${randomUUID()}`);
  try {
    const descriptor = openSync(draft, "wx", fileMode);
    try {
      writeSync(descriptor, `${JSON.stringify(made, null, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
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

function syncDirectory(directory: string): void {
  if (!hasModes) return;
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
