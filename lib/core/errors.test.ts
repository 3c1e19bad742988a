import { globSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { isStudioError, NotFoundError } from "#lib/core/errors.ts";

test("a failure of another copy of this module is known all the same", async () => {
  vi.resetModules();
  const other = await import("#lib/core/errors.ts");
  expect(other.NotFoundError).not.toBe(NotFoundError);
  const error = new other.NotFoundError();
  expect(error instanceof NotFoundError).toBe(false);
  expect(isStudioError(error)).toBe(true);
});

test("what lacks a part of a failure, or is no error, is none", () => {
  expect(isStudioError(new Error("plain"))).toBe(false);
  expect(isStudioError({ ...new NotFoundError() })).toBe(false);
  expect(isStudioError(Object.assign(new Error("half"), { code: "a.b", status: 409 }))).toBe(false);
  expect(isStudioError(null)).toBe(false);
});

test("nobody asks a failure for its class where the process's dependencies may have made it", () => {
  const files = globSync(["{app,lib}/**/*.{ts,tsx}"]).filter((file) => !file.includes(".test."));
  const asking = files.filter((file) =>
    /instanceof StudioError\b/.test(readFileSync(file, "utf8")),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(asking).toEqual([]);
});
