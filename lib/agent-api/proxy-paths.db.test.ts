import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const agents = await listenForAgents(deps);
const instance = "haldenoutdoor.my.salesforce.com";
const random = seededRandom("paths");
const owner = await given.person();
const id = await given.connection(owner, givenDefinitions.halden);
await studio.connect(owner, id, "dana.kowalczyk@halden.example");
const { key } = await givenAgent(deps, owner, { connections: [id] });

/** Ways in which a path could be read in two ways, or lead elsewhere. */
const oddParts = [
  ...["..", ".", "%2e%2e", "%2E.", "..;", "..%2f", "%2f", "%5c", "\\", "//", "///", "/./", "/../"],
  ...["https://evil.example/", "//evil.example/", "@evil.example", ":443", "evil.example:443"],
  ...["%00", "%0d%0a", "%0aHost:%20evil.example", "%09", "%25", "%252e%252e", "%c0%ae", "%ff", "%"],
  ...["?", "%3f", "#", "%23", ";", ";jsessionid=1", "&", "=", "%u002e", "%E2%80%AE", "%ef%bc%8e"],
  ...["*", "~", "|", "{x}", "[0]", "é", "SOBJECTS", "Services", "v64.0", "query", "limits", "a b"],
];
const plainParts = [
  ...["services", "data", "v64.0", "sobjects", "Account", "describe", "limits", "query", "tooling"],
];
const pick = <T>(list: readonly T[]) => list[random.int(0, list.length - 1)] as T;

function oddPath(): string {
  const isNearlyPlain = random.int(0, 2) > 0;
  const start = isNearlyPlain ? "/services/data/v64.0/" : "/";
  const parts = Array.from({ length: random.int(1, 5) }, () =>
    random.int(0, 2) === 0 ? pick(oddParts) : pick(plainParts),
  );
  const path = start + parts.join(pick(["/", "/", "/", "//", ""]));
  return random.int(0, 3) === 0 ? `${path}?${pick(oddParts)}=${pick(oddParts)}` : path;
}

const pool = new Agent({ keepAlive: true, maxSockets: 8 });
const { port } = new URL(agents.origin);

/** The raw request line, which no client would send; null where Node refuses to write it. */
function send(path: string, headers: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    try {
      const sent = request(
        { host: "127.0.0.1", port, path, agent: pool, headers: [...headers] },
        (answer) => answer.resume().on("end", () => resolve(answer.statusCode ?? 0)),
      );
      sent.on("error", reject).end();
    } catch {
      resolve(null);
    }
  });
}

/** Eight at a time. */
async function each(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let at = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (at < count) await work(at++);
    }),
  );
}

/** All that reached a provider but the studio's own refreshes; every call here is a GET. */
const proxied = () =>
  simulator.log
    .all()
    .filter(({ method, path }) => !(method === "POST" && path === "/services/oauth2/token"));

const authorized = ["host", "studio", "authorization", `Bearer ${key}`];

/** Nothing may be changed but doubled slashes, the letters of escapes and a query of nothing. */
const normalised = (path: string) =>
  path
    .replace(/^[^?]*/, (front) => front.replaceAll(/\/{2,}/g, "/"))
    .replaceAll(/%[0-9a-f]{2}/gi, (sign) => sign.toUpperCase())
    .replace(/\?$/, "");

test("[BRK-4] of 10,000 odd paths none leaves the tenant, and what leaves is what was judged", async () => {
  let passed = 0;
  let sent = 0;
  for (let round = 0; round < 20; round++) {
    simulator.log.clear();
    deps.clock.advanceSeconds(61); // for the limit of calls a minute
    const asked = new Set<string>();
    await each(500, async () => {
      const path = oddPath();
      asked.add(normalised(path));
      const status = await send(`/api/broker/proxy/${id}/rest${path}`, authorized);
      if (status !== null) sent++;
    });
    for (const { host, path, method } of proxied()) {
      passed++;
      expect(host).toBe(instance);
      expect(method).toBe("GET");
      expect(path).toMatch(/^\/[!-~]*$/);
      const [bare = ""] = path.split("?");
      expect(bare).not.toMatch(/\/\/|\\|;|%(?:2f|5c|2e|25|3b|3f|23|0|1|7f)|\/\.+(?:\/|$)/i);
      expect(asked.has(normalised(path)), path).toBe(true);
    }
  }
  expect(sent).toBeGreaterThan(9_000);
  // Reads among them do pass: the property is not that all is refused.
  expect(passed).toBeGreaterThan(100);
}, 120_000);

test("[BRK-5] of 2,000 calls with odd headers only the allowed ones go on, and ours win", async () => {
  const names = [
    ...["host", "cookie", "x-forwarded-host", "x-forwarded-for", "forwarded", "via", "connection"],
    ...["x-http-method-override", "x-original-url", "x-rewrite-url", "proxy-authorization", "te"],
    ...["origin", "referer", "x-real-ip", "transfer-encoding", "expect", "upgrade", "range"],
    ...[
      "accept",
      "if-none-match",
      "sforce-query-options",
      "x-sfdc-session",
      "sid",
      "x-studio-code",
    ],
    ...["authorization", "x-user-agent", "user-agent", "accept-encoding", "content-length"],
  ];
  const allowed = new Set([
    ...["host", "connection", "user-agent", "accept-encoding", "authorization"],
    ...["accept", "if-none-match", "sforce-query-options"],
  ]);
  simulator.log.clear();
  for (let round = 0; round < 4; round++) {
    deps.clock.advanceSeconds(61);
    await each(500, async () => {
      const extra = Array.from({ length: random.int(1, 4) }, () => [
        pick(
          names.filter(
            (name) =>
              !["transfer-encoding", "content-length", "authorization", "host"].includes(name),
          ),
        ),
        pick(["x", "evil.example", "a, b", "DELETE", "1"]),
      ]).flat();
      await send(`/api/broker/proxy/${id}/rest/services/data/v64.0/limits`, [
        ...authorized,
        ...extra,
      ]).catch(() => null);
    });
  }
  const calls = proxied();
  expect(calls.length).toBeGreaterThan(500);
  for (const call of calls) {
    expect([call.method, call.host, call.path]).toEqual([
      "GET",
      instance,
      "/services/data/v64.0/limits",
    ]);
    const sent = call.rawHeaders
      .filter((_name, at) => at % 2 === 0)
      .map((name) => name.toLowerCase());
    expect(sent.filter((name) => !allowed.has(name))).toEqual([]);
    expect(new Set(sent).size).toBe(sent.length);
    expect(loggedHeader(call, "authorization")).toMatch(/^Bearer 00D/);
    expect(loggedHeader(call, "user-agent")).toBe("meshmesh-studio");
  }
}, 60_000);

test("[BRK-5] control characters and a method override are refused before anything is sent", async () => {
  simulator.log.clear();
  for (const header of ["x-http-method-override", "X-HTTP-Method", "x-method-override"]) {
    const status = await send(`/api/broker/proxy/${id}/rest/services/data/v64.0/limits`, [
      ...authorized,
      header,
      "DELETE",
    ]);
    expect(status).toBe(400);
  }
  expect(simulator.log.all()).toEqual([]);
});
