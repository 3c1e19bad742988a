import { expect, test } from "vitest";
import { isDatabaseUnavailable } from "#lib/db/unavailable.ts";

const withCode = (code: string, message = "x") => Object.assign(new Error(message), { code });

test.each([
  ["a socket that is gone", Object.assign(withCode("ENOENT"), { syscall: "connect" })],
  ["a server that shuts down", withCode("57P01")],
  ["too many connections", withCode("53300")],
  ["Prisma's pool without a free connection", withCode("P2024")],
  ["the plain pool without one", new Error("timeout exceeded when trying to connect")],
  ["a connection that ended under a query", new Error("Connection terminated unexpectedly")],
  [
    "a client whose connection broke while nobody asked",
    new Error("Client has encountered a connection error and is not queryable"),
  ],
  ["a cause further down", new Error("begin failed", { cause: withCode("ECONNREFUSED") })],
])("%s: the database is away", (_what, error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

test.each([
  ["a value that is there already", withCode("23505")],
  ["a file that is gone", Object.assign(withCode("ENOENT"), { syscall: "open" })],
  ["a wrong statement", withCode("42601")],
  ["a fault of ours", new TypeError("undefined is not a function")],
  ["no error at all", "ECONNREFUSED"],
])("%s: the database answered", (_what, error) => {
  expect(isDatabaseUnavailable(error)).toBe(false);
});
