import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
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

let target = 0;
/** The suite sends no credential: this stands before the studio and adds one, and changes nothing else. */
const forwarder = createServer((req: IncomingMessage, res: ServerResponse) => {
  const sent = request({
    ...{ host: "127.0.0.1", port: target, path: req.url, method: req.method, agent: false },
    headers: { ...req.headers, authorization: `Bearer ${key}` },
  });
  sent.once("response", (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  sent.once("error", () => res.destroy());
  res.once("close", () => sent.destroy());
  req.pipe(sent);
});
await new Promise<void>((resolve) => forwarder.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(forwarder.address() as AddressInfo).port}`;
target = (await listenForMcp({ ...deps, studioUrl: origin })).port;
afterAll(() => {
  forwarder.closeAllConnections();
  forwarder.close();
});

type Ran = { code: number; output: string };
const bin = path.resolve("node_modules/@modelcontextprotocol/conformance/dist/index.js");
const results = await mkdtemp(path.join(os.tmpdir(), "mcp-conformance-"));
afterAll(() => rm(results, { recursive: true, force: true }));

function runSuite(version: string): Promise<Ran> {
  const args = [
    ...[bin, "server", "--url", `${origin}/api/mcp`, "--suite", "all", "--spec-version", version],
    ...["--expected-failures", `lib/mcp/conformance/not-applicable-${version}.yml`, "-o", results],
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 110_000, maxBuffer }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` }),
    );
  });
}
const maxBuffer = 50_000_000;

test.each(["2026-07-28", "2025-11-25"])(
  "[MCP-3] the official conformance suite passes at %s, but for what is listed as not applicable",
  async (version) => {
    const { code, output } = await runSuite(version);
    const summary = output.slice(output.indexOf("=== SUMMARY ==="));
    process.stdout.write(`MCP conformance at ${version}\n${summary}\n`);
    expect(code, summary).toBe(0);
    const passed = [...summary.matchAll(/^✓ ([\w-]+): (\d+) passed/gm)];
    expect(passed.length).toBeGreaterThanOrEqual(8);
  },
  120_000,
);
