import { format } from "node:util";
import { afterEach, expect } from "vitest";

const unplanned: string[] = [];
const print = console.error;
console.error = (...args: unknown[]) => {
  unplanned.push(format(...args));
  print(...args);
};

// A test that plans one replaces console.error for its own time: `vi.spyOn(console, "error")`.
afterEach(() => {
  expect(unplanned.splice(0), "an unplanned console.error").toEqual([]);
});
