import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps } = await testStudio();
const agents = await listenForAgents(deps);

test("[WEB-10] what this surface does not know is a problem with the request's id", async () => {
  const answer = await agents.call("/api/broker/nothing-here");
  expect(answer.status).toBe(404);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.body).toMatchObject({ code: "input.not_found", status: 404 });
  expect(answer.headers["x-studio-request-id"]).toBe(answer.body.requestId);
});

test.each(["OPTIONS", "TRACE", "PROPFIND"])("[BRK-12] %s is refused", async (method) => {
  const answer = await agents.call("/api/broker/connections", { method });
  expect(answer.status).toBe(405);
  const cors = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
  expect(cors).toEqual([]);
});

test("[BRK-12] two hosts, or an address too long, are refused", async () => {
  const long = await agents.call(`/api/broker/${"x".repeat(16_000)}`);
  expect(long.status).toBe(414);
  const socket = connect(Number(new URL(agents.origin).port), "127.0.0.1");
  socket.end("GET /api/broker/x HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
});

test("[WEB-7] every answer forbids to run, frame, sniff or keep anything of it", async () => {
  const { headers } = await agents.call("/api/broker/nothing-here");
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  });
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
});
