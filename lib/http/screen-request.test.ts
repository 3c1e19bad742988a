import fc from "fast-check";
import { expect, test } from "vitest";
import { screenRequest } from "#lib/http/screen-request.ts";

const status = (method: string, url: string, headers = {}) =>
  screenRequest({ method, url, headers })?.status ?? null;

test.each([
  "/",
  "/integrations?q=a%20b",
  "/invite/AZaz09-_",
  "/auth/sfmc-callback?code=%FF&state=x",
])("%s passes", (url) => {
  expect(status("GET", url)).toBeNull();
});

test.each([
  "http://elsewhere.example/",
  "https://localhost:3000/integrations",
  "*",
  "",
  "integrations",
  "/%",
  "/%zz",
  "/%ff",
  "/a\\b",
  "/a%00b",
  "/a%0d%0aset-cookie:x",
  "/a#b",
  "/ü",
])("[WEB-10] the address %j is refused", (url) => {
  expect(status("GET", url)).toBe(400);
});

test.each(["TRACE", "CONNECT", "PROPFIND", "get", ""])(
  "[BRK-12] the method %j is refused",
  (method) => {
    expect(status(method, "/")).toBe(405);
  },
);

test("[WEB-10] a body is refused when it is too long or does not say its length", () => {
  expect(status("POST", "/api/x", { "content-length": "1048576" })).toBeNull();
  expect(status("POST", "/api/x", { "content-length": "1048577" })).toBe(413);
  expect(status("POST", "/api/x", { "content-length": "many" })).toBe(413);
  expect(status("POST", "/api/x", { "transfer-encoding": "chunked" })).toBe(411);
  expect(status("GET", `/${"a".repeat(9_000)}`)).toBe(414);
});

test("[WEB-10] a request that names two hosts is refused (RFC 9112 §3.2)", () => {
  const sent = (...rawHeaders: string[]) =>
    screenRequest({ method: "GET", url: "/", headers: {}, rawHeaders })?.status ?? null;
  expect(sent("Host", "localhost:3000", "X-Seen", "host", "Accept", "Host")).toBeNull();
  expect(sent("Host", "localhost:3000", "hOST", "evil.example")).toBe(400);
});

test("[WEB-10] whatever the address, the judgement is an answer and its path decodes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const url = `/${text}`;
      const refusal = screenRequest({ method: "GET", url, headers: {} });
      if (refusal === null) expect(() => decodeURIComponent(url.split("?")[0] ?? "")).not.toThrow();
      else expect(refusal.status).toBe(400);
    }),
    { numRuns: 10_000 },
  );
});
