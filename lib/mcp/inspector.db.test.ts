import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const person = await given.person();
const connectionId = await given.connection(person, givenDefinitions.haldenUnit);
await studio.connect(person, connectionId, "d.kowalczyk@halden");
const { key } = await givenAgent(deps, person, { connections: [connectionId] });
const mcp = await listenForMcp(deps);

const home = await mkdtemp(path.join(os.tmpdir(), "mcp-inspector-"));
afterAll(() => rm(home, { recursive: true, force: true }));
const bin = path.resolve(
  "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
);

/** The official inspector on its command line, as somebody without a browser uses it. */
function inspect(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  const all = [bin, "--cli", mcp.url.href, "--header", `Authorization: Bearer ${key}`, ...args];
  const options = { timeout: 50_000, maxBuffer: 50_000_000, env: { ...process.env, HOME: home } };
  return new Promise((resolve) => {
    execFile(process.execPath, all, options, (error, out, told) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, told }),
    );
  });
}

test("the official inspector lists the tools, and finds nothing in a schema that some client cannot take", async () => {
  const { code, out, told } = await inspect("--method", "tools/list", "--strict");
  expect(code, told).toBe(0);
  const { tools } = JSON.parse(out) as { tools: { name: string }[] };
  const listed = await (await mcp.connect(key)).listTools();
  expect(tools.map(({ name }) => name)).toEqual(listed.tools.map(({ name }) => name));
  expect(tools.length).toBeGreaterThan(10);
}, 60_000);

test("the official inspector calls a tool and reads a resource", async () => {
  const called = await inspect(
    ...["--method", "tools/call", "--tool-name", "marketing_cloud_data_extensions_list"],
    ...["--tool-arg", `connectionId=${connectionId}`, "most=2"],
  );
  expect(called.code, called.told).toBe(0);
  expect(JSON.parse(called.out)).toMatchObject({
    structuredContent: { status: "done", rows: 2, connectionId },
  });
  const read = await inspect("--method", "resources/read", "--uri", "studio://connections");
  expect(read.out).toContain(connectionId);
}, 60_000);
