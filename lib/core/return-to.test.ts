import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RETURN_TO, parseReturnTo } from "#lib/core/return-to.ts";

const origin = "https://studio.example";
const pages = /^\/(integrations|agents|plans|activity|team|settings|docs)(\/|$)/;

function expectSafe(input: unknown) {
  const url = new URL(parseReturnTo(input), `${origin}/sign-in`);
  expect(url.origin).toBe(origin);
  expect(url.pathname).toMatch(pages);
  expect(`${url.pathname}${url.search}${url.hash}`).toBe(parseReturnTo(input));
}

test("our own paths are kept, with their query and anchor", () => {
  for (const path of [
    "/integrations",
    "/integrations/new?provider=salesforce&environment=sandbox",
    "/integrations/5d1a7f3e-3f0c-4a57-9d2e-0c8c6f2f9a11#timeline",
    "/docs/api",
  ]) {
    expect(parseReturnTo(path)).toBe(path);
  }
});

const hosts = [
  "evil.example",
  "evil.example:443",
  "studio.example@evil.example",
  "0x7f.1",
  "[::1]",
];
const openers = [
  "//",
  "///",
  "////",
  "/\\",
  "\\\\",
  "\\/",
  "/\t/",
  "/\n/",
  "/\r//",
  "\t//",
  " //",
  "/%2f",
  "/%5c",
  "/%09/",
  "https://",
  "https:",
  "https:/",
  "http:\\\\",
  "javascript:",
  "JaVaScRiPt:",
  "java\nscript:",
  "data:text/html,",
  "vbscript:",
  "file:///",
  "blob:https://",
  "//\u3002",
  "/.//",
  "/..//",
  "/./\\",
  "/integrations//",
  "/integrations/..//",
  "/integrations/../..//",
  "/integrations\\..\\",
  "/integrations@",
  "/integrations.",
  "/integrations/%2e%2e//",
  "/integrations;//",
  "\u2028//",
  "\uff0f\uff0f",
  "/integrations/?next=//",
  "/sign-in?returnTo=//",
  "/api/auth/signout?callbackUrl=//",
  "?//",
  "#//",
  "",
];

test("[OA-10] each known way out of the studio leads to Integrations", () => {
  for (const opener of openers) {
    for (const host of hosts) {
      const given = `${opener}${host}`;
      expectSafe(given);
      if (!given.startsWith("/integrations/?next=")) {
        expect(parseReturnTo(given)).toBe(DEFAULT_RETURN_TO);
      }
    }
  }
});

test("[OA-10] no text at all leaves the known paths", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...openers,
      ...hosts,
      "/integrations",
      "/agents/",
      "?",
      "#",
      "%",
      "@",
      ":",
      ".",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => expectSafe(pieces.join(""))),
    { numRuns: 20_000 },
  );
});

test("[OA-10] what is not a string, or is overlong, leads to Integrations", () => {
  for (const input of [undefined, null, 7, {}, ["/agents"], `/docs/${"a".repeat(600)}`]) {
    expect(parseReturnTo(input)).toBe(DEFAULT_RETURN_TO);
  }
});
