import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellBareRefusals } from "#lib/http/bare-refusals.ts";

const requestId = "11111111-2222-4333-8444-555555555555";
const server = createServer((req, res) => {
  tellBareRefusals(req, res, requestId);
  const { pathname, searchParams } = new URL(req.url ?? "", "http://studio.example");
  res.statusCode = Number(searchParams.get("status") ?? 405);
  const type = searchParams.get("type");
  if (type) res.setHeader("content-type", type);
  if (pathname.endsWith("/compressed")) {
    res.setHeader("content-encoding", "gzip");
    res.writeHead(res.statusCode);
  }
  if (type) res.write("<p>own ");
  res.end(type ? "words" : undefined);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

const ask = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);

test.each([
  [405, "http.method_not_allowed", "/api/things"],
  [405, "http.method_not_allowed", "/api/compressed"],
  [404, "input.not_found", "/api/things?status=404&type=text/html; charset=utf-8"],
  [404, "input.not_found", "/api/compressed?status=404&type=text/html"],
])("a bare %i below /api says what every refusal says: %s at %s", async (status, code, path) => {
  const answer = await ask(path, { method: "PUT" });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toMatchObject({
    ...{ type: "about:blank", status, code, requestId },
    remedy: expect.objectContaining({ do: expect.any(String) }),
  });
  const head = await ask(path, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([status, ""]);
});

test.each([
  ["a page's", "/pages", ""],
  ["a page's that is not there", "/pages?status=404&type=text/html", "<p>own words"],
  ["another status", "/api/things?status=204", ""],
  ["one of a route's own words", "/api/things?status=404&type=text/plain", "<p>own words"],
  ["a refusal with words", "/api/things?type=text/plain", "<p>own words"],
])("%s answer stays as it is", async (_what, path, body) => {
  const answer = await ask(path, { method: "PUT" });
  expect(answer.headers.get("content-type")).not.toBe("application/problem+json");
  expect(await answer.text()).toBe(body);
});
