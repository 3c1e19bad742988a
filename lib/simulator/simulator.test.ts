import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { text as readText } from "node:stream/consumers";
import { afterAll, describe, expect, test, vi } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { demoMarketingCloud } from "#lib/simulator/marketing-cloud/demo.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { challenge, verifier } from "#lib/simulator/salesforce/test-client.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "#lib/simulator/simulator.ts";

const studioUrl = "http://localhost:3000";
const demoCallback = `${studioUrl}/auth/salesforce-callback`;
const folder = mkdtempSync(path.join(os.tmpdir(), "simulator-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({
    seed: "s",
    studioUrl,
    tls: false,
    control: false,
    ...options,
  });
  afterAll(() => simulator.close());
  return simulator;
}

const versions = (simulator: Simulator) =>
  `${simulator.loopbackUrl}/${demoSalesforce.host}/services/data`;

const demoAuthorize = (base: string) =>
  `${base}/services/oauth2/authorize?${new URLSearchParams({
    response_type: "code",
    client_id: demoSalesforce.clientId,
    redirect_uri: demoCallback,
    code_challenge: challenge,
    state: "s",
  })}`;

const codeForm = (code: string) =>
  new URLSearchParams({
    grant_type: "authorization_code",
    code,
    client_id: demoSalesforce.clientId,
    redirect_uri: demoCallback,
    code_verifier: verifier,
  }).toString();

async function signIn(simulator: Simulator): Promise<string> {
  const url = demoAuthorize(`${simulator.loopbackUrl}/login.salesforce.com`);
  const back = await simulator.salesforce.approve(url, { username: demoSalesforce.users.maya });
  expect(back.startsWith(`${demoCallback}?`)).toBe(true);
  return new URL(back).searchParams.get("code") as string;
}

const tokenRequest = (simulator: Simulator, form: string) =>
  fetch(`${simulator.loopbackUrl}/login.salesforce.com/services/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });

function overTls(
  simulator: Simulator,
  host: string,
  pathAndQuery: string,
  form?: string,
  ca = simulator.caPem,
) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = https.request(
    {
      host: "127.0.0.1",
      port: simulator.tlsPort ?? 0,
      servername: host,
      ca,
      agent: false,
      path: pathAndQuery,
      method: form ? "POST" : "GET",
      headers: { host, ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}) },
    },
    (incoming) => {
      readText(incoming).then(
        (body) => resolve({ status: incoming.statusCode ?? 0, body }),
        reject,
      );
    },
  );
  request.once("error", reject);
  request.end(form);
  return promise;
}

describe("the two ways in", () => {
  test("on loopback every address in an answer leads back to loopback", async () => {
    const simulator = await start();
    const answer = await tokenRequest(simulator, codeForm(await signIn(simulator)));
    const body = (await answer.json()) as Record<string, string>;
    expect(body.instance_url).toBe(`${simulator.loopbackUrl}/${demoSalesforce.host}`);
    expect(body.id?.startsWith(`${simulator.loopbackUrl}/login.salesforce.com/id/00D`)).toBe(true);
  });

  test("under the true names over TLS the same flow answers with true names", async () => {
    const simulator = await start({ tls: true });
    const url = demoAuthorize("https://login.salesforce.com");
    const back = await simulator.salesforce.approve(url, { username: demoSalesforce.users.theo });
    const code = new URL(back).searchParams.get("code") as string;
    const answer = await overTls(
      simulator,
      "login.salesforce.com",
      "/services/oauth2/token",
      codeForm(code),
    );
    expect(JSON.parse(answer.body)).toMatchObject({
      instance_url: `https://${demoSalesforce.host}`,
      id: expect.stringMatching(/^https:\/\/login\.salesforce\.com\/id\/00D\w{15}\/005\w{15}$/),
    });
    expect((await overTls(simulator, demoSalesforce.sandboxHost, "/services/data")).status).toBe(
      200,
    );
    expect(simulator.connectMap()).toContain(`*.my.salesforce.com=127.0.0.1:${simulator.tlsPort}`);
    expect(simulator.salesforce.requestsTo("/services/oauth2/token")[0]?.via).toBe("tls");
  });

  test("the certificate is good for its names only, and only for who trusts its authority", async () => {
    const simulator = await start({ tls: true });
    await expect(overTls(simulator, "login.example.com", "/")).rejects.toThrow(/altnames/i);
    const other = await start({ tls: true });
    await expect(
      overTls(simulator, "login.salesforce.com", "/", undefined, other.caPem),
    ).rejects.toThrow();
  });

  test("a host and a path that were joined without a slash are told apart, for the CLI", async () => {
    const simulator = await start();
    const answer = await fetch(`${simulator.loopbackUrl}/${demoSalesforce.host}services/data`);
    expect(answer.status).toBe(200);
  });

  test("a request by another name, to an unknown host or without a host finds nothing", async () => {
    const simulator = await start();
    const status = async (url: string) => (await fetch(url)).status;
    expect(await status(`${simulator.loopbackUrl}/accounts.example.com/x`)).toBe(404);
    expect(await status(`${simulator.loopbackUrl}/`)).toBe(404);
    expect(await status(`${simulator.loopbackUrl}/nobody.my.salesforce.com/services/data`)).toBe(
      404,
    );
  });
});

describe("control", () => {
  test("with control off its paths are unknown like any other", async () => {
    const simulator = await start();
    for (const route of ["faults", "log", "clock", "reset"]) {
      const unknown = await fetch(`${simulator.loopbackUrl}/nothing/${route}`);
      const answer = await fetch(`${simulator.loopbackUrl}/__control/${route}`);
      expect([answer.status, await answer.text()]).toEqual([404, await unknown.text()]);
    }
    expect(
      (await fetch(`${simulator.loopbackUrl}/__control/reset`, { method: "POST" })).status,
    ).toBe(404);
  });

  test("with control on a test sets faults, moves the clock, reads the log and starts anew", async () => {
    const simulator = await start({ control: true });
    const ask = async (method: string, route: string, body?: unknown) =>
      (
        await fetch(`${simulator.loopbackUrl}/__control/${route}`, {
          method,
          ...(body ? { body: JSON.stringify(body) } : {}),
        })
      ).json();
    await ask("POST", "faults", {
      fault: "wire.answer",
      value: { status: 503, body: "no" },
      times: 1,
    });
    expect((await fetch(versions(simulator))).status).toBe(503);
    expect((await fetch(versions(simulator))).status).toBe(200);
    expect(await ask("POST", "faults", { fault: "wire.nothing" })).toMatchObject({
      error: "there is no such fault",
    });
    const before = simulator.clock.nowMs();
    await ask("POST", "clock", { advanceSeconds: 3600 });
    expect(simulator.clock.nowMs() - before).toBeGreaterThanOrEqual(3_600_000);
    expect(await ask("GET", "log")).toMatchObject([
      { status: 503 },
      { status: 200, path: "/services/data" },
    ]);
    await signIn(simulator);
    await ask("POST", "reset");
    expect(await ask("GET", "log")).toEqual([]);
    expect(simulator.salesforce.state().codes).toEqual([]);
  });
});

test("the demo tenant's person signs in many times at once, each in a family of its own", async () => {
  const simulator = await start({ control: true });
  const { authHost, clientId, users } = demoMarketingCloud;
  const answer = await fetch(`${simulator.loopbackUrl}/__control/sign-ins`, {
    method: "POST",
    body: JSON.stringify({ username: users.maya, count: 3 }),
  });
  const { refreshTokens } = (await answer.json()) as { refreshTokens: string[] };
  expect(new Set(refreshTokens).size).toBe(3);
  const refresh = async (refresh_token: string | undefined) =>
    (
      await fetch(`${simulator.loopbackUrl}/${authHost}/v2/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ grant_type: "refresh_token", client_id: clientId, refresh_token }),
      })
    ).status;
  const [one, other] = refreshTokens;
  expect([await refresh(one), await refresh(one), await refresh(other)]).toEqual([200, 400, 200]);
});

describe("the log", () => {
  test("keeps a request byte for byte: path, header spelling, body", async () => {
    const simulator = await start();
    const body = "a=%20+&a=ü";
    await fetch(`${simulator.loopbackUrl}/login.salesforce.com//services/oauth2//token?x=%2f`, {
      method: "POST",
      headers: { "X-Odd-Name": "Vällue".normalize("NFC").replace("ä", "a") },
      body,
    });
    const [request] = simulator.salesforce.requestsTo("/services/oauth2/token");
    expect(request).toMatchObject({
      host: "login.salesforce.com",
      path: "//services/oauth2//token?x=%2f",
      status: 400,
    });
    expect(request?.body.equals(Buffer.from(body))).toBe(true);
    expect(request && loggedHeader(request, "x-odd-name")).toBe("Vallue");
    expect(simulator.marketingCloud.requestsTo(/./)).toEqual([]);
  });
});

describe("the wire's faults", () => {
  test("late, dripping, too large, of another type, with other fields, cut in the middle", async () => {
    const simulator = await start();
    const url = versions(simulator);
    const { faults } = simulator;
    const plain = await (await fetch(url)).text();
    const once_ = { times: 1 };
    faults.set(wireFaults.slow, { ms: 60 }, once_);
    const begunMs = performance.now();
    await (await fetch(url)).text();
    expect(performance.now() - begunMs).toBeGreaterThan(50);
    faults.set(wireFaults.drip, { bytes: 200, everyMs: 1 }, once_);
    expect(await (await fetch(url)).text()).toBe(plain);
    faults.set(wireFaults.oversize, { bytes: 1_000_000 }, once_);
    expect((await (await fetch(url)).text()).length).toBe(plain.length + 1_000_000);
    faults.set(wireFaults.contentType, { contentType: "text/html" }, once_);
    expect((await fetch(url)).headers.get("content-type")).toBe("text/html");
    faults.set(wireFaults.cut, { stage: "mid-body" }, once_);
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
    faults.set(
      wireFaults.fields,
      { fields: { issuer: "https://x.example", jwks_uri: null } },
      { path: "/.well-known" },
    );
    const changed = await (
      await fetch(`${simulator.loopbackUrl}/login.salesforce.com/.well-known/openid-configuration`)
    ).json();
    expect(changed).toMatchObject({ issuer: "https://x.example" });
    expect(changed).not.toHaveProperty("jwks_uri");
    expect(await (await fetch(url)).text()).toBe(plain);
  });

  test("a fault meets only whom it is set for, as often as it is set", async () => {
    const simulator = await start();
    simulator.faults.set(
      wireFaults.answer,
      { status: 500, body: "" },
      { host: "test.salesforce.com", times: 2 },
    );
    const status = async (host: string) =>
      (await fetch(`${simulator.loopbackUrl}/${host}/services/data`)).status;
    expect(await status(demoSalesforce.host)).toBe(200);
    expect([
      await status("test.salesforce.com"),
      await status("test.salesforce.com"),
      await status("test.salesforce.com"),
    ]).toEqual([500, 500, 200]);
  });
});

describe("a companion in the same process", () => {
  const cut = { cut: "before-answer" } as const;

  test("sees each request through its stages, and how it ended", async () => {
    const seen: unknown[] = [];
    const simulator = await start({
      accompany: (request, callerPort) => ({
        beforeWork: async () => {
          seen.push(request.method, (callerPort ?? 0) > 0);
          return undefined;
        },
        afterWork: async (answer) => {
          seen.push(answer.status);
          return request.path.includes("lost") ? { ...answer, connection: cut } : answer;
        },
        ended: (isWhole) => seen.push(isWhole),
      }),
    });
    expect((await fetch(versions(simulator))).status).toBe(200);
    await vi.waitFor(() => expect(seen).toEqual(["GET", true, 200, true]));
    seen.length = 0;
    await expect(fetch(`${versions(simulator)}?lost`)).rejects.toThrow();
    await vi.waitFor(() => expect(seen).toEqual(["GET", true, 200, false]));
  });

  test("answers or cuts in the provider's place, and then nothing is done", async () => {
    const worked: string[] = [];
    const simulator = await start({
      accompany: ({ path }) => ({
        beforeWork: async () =>
          path.includes("cut") ? "cut" : { status: 503, headers: {}, body: "later" },
        afterWork: async (answer) => {
          worked.push(path);
          return answer;
        },
      }),
    });
    const instead = await fetch(versions(simulator));
    expect([instead.status, await instead.text()]).toEqual([503, "later"]);
    await expect(fetch(`${versions(simulator)}?cut`)).rejects.toThrow();
    expect(worked).toEqual([]);
  });
});

describe("repeatable and lasting", () => {
  test("the same seed gives the same codes, another seed others", async () => {
    const [one, two, other] = [await start(), await start(), await start({ seed: "t" })];
    const codes = [await signIn(one), await signIn(two), await signIn(other)];
    expect(codes[0]).toBe(codes[1]);
    expect(codes[2]).not.toBe(codes[0]);
  });

  test("a connection made before a restart is refreshed after it; the file is the owner's alone", async () => {
    const stateFile = path.join(folder, "state.json");
    const before = await start({ stateFile });
    const answer = await tokenRequest(before, codeForm(await signIn(before)));
    const { refresh_token } = (await answer.json()) as { refresh_token: string };
    await before.close();
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    const after = await start({ stateFile, seed: "after" });
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token,
      client_id: demoSalesforce.clientId,
    });
    expect((await tokenRequest(after, form.toString())).status).toBe(200);
  });
});

test("the demo runs as a process of its own and stops when told", async () => {
  const stateFile = path.join(folder, "demo.json");
  const caFile = path.join(folder, "ca.pem");
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "demo.ts")], {
    env: {
      ...process.env,
      DEMO_PORT: "0",
      STUDIO_URL: studioUrl,
      DEMO_STATE_FILE: stateFile,
      SIMULATOR_TLS_PORT: "0",
      SIMULATOR_CA_FILE: caFile,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const url = /http:\/\/localhost:\d+/.exec(line)?.[0];
  const page = await (await fetch(demoAuthorize(`${url}/login.salesforce.com`))).text();
  expect(page).toContain("Continue as Maya Lindqvist");
  expect(page).not.toMatch(/<script|https:\/\/(?!studio)/);
  expect((await fetch(`${url}/__control/log`)).status).toBe(404);
  expect(readFileSync(caFile, "utf8")).toContain("BEGIN CERTIFICATE");
  child.kill("SIGTERM");
  expect((await once(child, "exit"))[0]).toBe(0);
});
