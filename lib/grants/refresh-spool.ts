import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";

const date = z.iso.datetime().transform((value) => new Date(value));

const entrySchema = z.strictObject({
  format: z.literal(1),
  grantId: z.uuid(),
  fence: z.string().regex(/^\d{1,19}$/),
  generation: z.number().int().positive(),
  tokenVersion: z.number().int().positive(),
  teamId: z.uuid(),
  connectionId: z.uuid(),
  userId: z.uuid(),
  isRecovery: z.boolean(),
  /** For the grant's own place, and for no other (VA-2). */
  sealed: z.string().startsWith("v1.").max(20_000),
  lastRefreshedAt: date,
  idleDeadline: date.nullable(),
  refreshDueAt: date.nullable(),
});

/** A refresh token that came and may not be stored yet. Never an access token. */
export type SpooledToken = Omit<z.infer<typeof entrySchema>, "format">;

/**
 * Sealed results of refreshes on this machine's disk, for the time between the provider's answer and
 * the commit: a process that is killed in between, or whose database is gone, loses nothing (RF-5).
 */
export type RefreshSpool = {
  /**
   * Before this returns the entry survives the process; with `durably` the machine too.
   *
   * @throws {Error} the folder cannot be written
   */
  save(entry: SpooledToken, options?: { durably: boolean }): void;
  remove(entry: Pick<SpooledToken, "grantId" | "fence">): void;
  /**
   * What is there, of one grant or of all; what is no entry is left out.
   *
   * @throws {Error} the folder cannot be read: nobody knows what is there
   */
  list(grantId?: string): SpooledToken[];
};

const folderMode = 0o700;
const fileMode = 0o600;
const ending = ".token.json";

/** @param folder - made when it is first written to */
export function createRefreshSpool(folder: string): RefreshSpool {
  const fileOf = ({ grantId, fence }: Pick<SpooledToken, "grantId" | "fence">) =>
    path.join(folder, `${grantId}.${fence}${ending}`);
  let isMade = false;

  function make(): void {
    if (!isMade) mkdirSync(folder, { recursive: true, mode: folderMode });
    isMade = true;
  }

  return {
    save(entry, { durably } = { durably: false }) {
      make();
      const file = fileOf(entry);
      const fresh = `${file}.new`;
      try {
        write(fresh, JSON.stringify({ format: 1, ...entry }), durably);
        renameSync(fresh, file);
      } catch (error) {
        rmSync(fresh, { force: true });
        throw error;
      }
      if (durably) syncFolder(folder);
    },
    remove(entry) {
      rmSync(fileOf(entry), { force: true });
    },
    list(grantId) {
      return names(folder)
        .filter((name) => name.endsWith(ending) && (!grantId || name.startsWith(`${grantId}.`)))
        .flatMap((name) => read(path.join(folder, name)) ?? []);
    },
  };
}

/** All of it or an error: a full disk takes a part without one. */
function write(file: string, text: string, durably: boolean): void {
  const opened = openSync(file, "w", fileMode);
  try {
    writeFileSync(opened, text);
    if (durably) fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function read(file: string): SpooledToken | null {
  try {
    const { format: _format, ...entry } = entrySchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return entry;
  } catch {
    return null;
  }
}
