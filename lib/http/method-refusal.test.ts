import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellMethodRefusals } from "#lib/http/method-refusal.ts";

const requestId = "11111111-2222-4333-8444-555555555555";
const server = createServer((req, res) => {
  tellMethodRefusals(req, res, requestId);
  const { pathname, searchParams } = new URL(req.url ?? "", "http://studio.example");
  res.statusCode = Number(searchParams.get("status") ?? 405);
  res.end(pathname.endsWith("/worded") ? "own words" : undefined);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

const ask = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);

test("a bare 405 below /api says what every refusal says", async () => {
  const answer = await ask("/api/things", { method: "PUT" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toMatchObject({
    ...{ type: "about:blank", title: "Method Not Allowed", status: 405, requestId },
    ...{ code: "http.method_not_allowed", remedy: { do: "fix-input" } },
  });
});

test.each([
  ["a page's", "/pages"],
  ["another status", "/api/things?status=204"],
  ["one with a body of its own", "/api/worded"],
])("%s answer stays as it is", async (_what, path) => {
  const answer = await ask(path, { method: "PUT" });
  expect(answer.headers.get("content-type")).toBeNull();
  expect(await answer.text()).toBe(path.endsWith("worded") ? "own words" : "");
});
