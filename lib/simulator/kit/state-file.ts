import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Provider } from "#lib/simulator/kit/types.ts";

export type StateFile = {
  /** Something may have changed: it is written soon. */
  touch(): void;
  /** Writes now what has not been written. */
  flush(): void;
};

const settleMs = 100;

/** Whole or not at all: written aside, brought to disk, renamed. Only the owner may read it. */
function writeWhole(file: string, text: string): void {
  const aside = `${file}.${randomUUID()}`;
  const handle = openSync(aside, "w", 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(aside, file);
}

function load(file: string, providers: readonly Provider[]): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const states = JSON.parse(text) as Record<string, unknown>;
    for (const provider of providers) {
      if (states[provider.name] !== undefined) provider.importState(states[provider.name]);
    }
  } catch (error) {
    // The demo starts anew rather than not at all; people connect again.
    console.warn(`simulator: the state in ${file} cannot be read (${String(error)})`);
  }
}

/** Keeps the providers' state in a file, and begins with what is in it. */
export function keepState(file: string, providers: readonly Provider[]): StateFile {
  load(file, providers);
  const snapshot = () =>
    JSON.stringify(Object.fromEntries(providers.map((one) => [one.name, one.exportState()])));
  let written = snapshot();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const now = snapshot();
    if (now === written) return;
    writeWhole(file, now);
    written = now;
  };
  return {
    flush,
    touch: () => {
      timer ??= setTimeout(flush, settleMs).unref();
    },
  };
}
