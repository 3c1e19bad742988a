import { expect, test } from "vitest";
import { clientAddress, trustOnlyOurHeaders } from "#lib/http/client-address.ts";
import { TEAM_HEADER } from "#lib/team/team-header.ts";

test("without a proxy the forwarded address is a claim and is not believed", () => {
  const headers = { "x-forwarded-for": "203.0.113.9" };
  expect(clientAddress("http://localhost:3000", headers, "::ffff:127.0.0.1")).toBe("127.0.0.1");
});

test("behind an https origin the address is the one the proxy saw, not the one claimed to it", () => {
  const headers = { "x-forwarded-for": "203.0.113.9, 198.51.100.4" };
  expect(clientAddress("https://studio.example.com", headers, "10.0.0.2")).toBe("198.51.100.4");
});

test("an address that is none cannot forge a line", () => {
  const headers = { "x-forwarded-for": "1.2.3.4\r\nx: y" };
  expect(clientAddress("https://studio.example.com", headers, "10.0.0.2")).toBe("unknown");
});

test("[OA-6] forged host, protocol and request id are replaced", () => {
  const headers: Record<string, string> = {
    host: "evil.example",
    forwarded: "host=evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "gopher",
    "x-forwarded-port": "1",
    "x-middleware-subrequest": "middleware",
    "x-studio-client-address": "6.6.6.6",
    "x-studio-request-id": "forged",
    accept: "text/html",
  };
  trustOnlyOurHeaders(headers, {
    studioUrl: "https://studio.example.com",
    requestId: "r1",
    socketAddress: "10.0.0.2",
  });
  expect(headers).toEqual({
    host: "studio.example.com",
    "x-forwarded-host": "studio.example.com",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "10.0.0.2",
    "x-studio-client-address": "10.0.0.2",
    "x-studio-request-id": "r1",
    accept: "text/html",
  });
});

test("[WEB-3] the team that a page was made for comes through to the routes", () => {
  const headers = { [TEAM_HEADER]: "a team's id" };
  const seen = { studioUrl: "https://studio.example.com", requestId: "r1", socketAddress: "::1" };
  trustOnlyOurHeaders(headers, seen);
  expect(headers).toMatchObject({ [TEAM_HEADER]: "a team's id" });
});
