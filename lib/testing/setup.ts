import { format } from "node:util";
import { afterEach, expect } from "vitest";

// Files that share a process share what stands behind console.error: it is put there once.
const shared = globalThis as { unplannedErrors?: string[] };
if (shared.unplannedErrors === undefined) {
  const unplanned: string[] = [];
  const print = console.error;
  console.error = (...args: unknown[]) => {
    unplanned.push(format(...args));
    print(...args);
  };
  shared.unplannedErrors = unplanned;
}

// A test that plans one replaces console.error for its own time: `vi.spyOn(console, "error")`.
afterEach(() => {
  expect(shared.unplannedErrors?.splice(0), "an unplanned console.error").toEqual([]);
});
