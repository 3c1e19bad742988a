import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "#scripts/step.mjs";

type Snippet = readonly [file: string, code: string];

const refused: Record<string, readonly Snippet[]> = {
  "an import points up": [
    ["lib/core/a.ts", 'import "#lib/db/client.ts";'],
    ["lib/egress/a.ts", 'import "#lib/oauth/x.ts";'],
    ["lib/volatile/a.ts", 'import "#lib/grants/access-tokens.ts";'],
    ["lib/limits/a.ts", 'import "#lib/broker/issue-lease.ts";'],
    ["lib/oauth/a.ts", 'import "#lib/providers/registry.ts";'],
    ["lib/providers/salesforce/a.ts", 'import "#lib/policy/decide.ts";'],
    ["lib/providers/a.ts", 'import "#lib/grants/schema.ts";'],
    ["lib/vault/a.ts", 'import "#lib/providers/registry.ts";'],
    ["lib/audit/a.ts", 'import "#lib/vault/seal.ts";'],
    ["lib/auth/a.ts", 'import "#lib/http/route.ts";'],
    ["lib/team/a.ts", 'import "#lib/connections/schema.ts";'],
    ["lib/connections/a.ts", 'import "#lib/grants/schema.ts";'],
    ["lib/grants/a.ts", 'import "#lib/broker/issue-lease.ts";'],
    ["lib/grants/b.ts", 'import "#lib/deps.ts";'],
    ["lib/grants/c.ts", 'const x = await import("#lib/http/route.ts"); x;'],
    ["lib/grants/d.ts", 'import "../vault/seal.ts";'],
    ["lib/grants/e.ts", 'import "#components/ui/button.tsx";'],
    ["app/a/page.tsx", 'import "#lib/vault/seal.ts";'],
    ["app/b/page.tsx", 'import "#lib/egress/egress.ts";'],
  ],
  "the browser reaches past schemas and pure rules": [
    ["components/a.tsx", 'import "#lib/connections/repository.ts";'],
    ["components/b.tsx", 'import "#lib/deps.ts";'],
  ],
  "the studio knows its simulator or its tests, or the simulator the studio": [
    ["app/c/page.tsx", 'import "#lib/simulator/demo.ts";'],
    ["lib/deps.ts", 'import "#lib/testing/database.ts";'],
    ["lib/grants/f.ts", 'import "#lib/simulator/demo.ts";'],
    ["components/c.tsx", 'import "#lib/simulator/demo.ts";'],
    ["lib/simulator/a.ts", 'import "#lib/providers/salesforce/hosts.ts";'],
  ],
  "[TEN-1] Prisma outside of lib/db and the repositories": [
    ["lib/grants/g.ts", 'import "#prisma/generated/client.ts";'],
    ["app/d/page.tsx", 'import "#prisma/generated/client.ts";'],
    ["app/e/page.tsx", 'import "#lib/db/client.ts";'],
    ["components/d.tsx", 'import "#prisma/generated/enums.ts";'],
  ],
  "[VA-11] a secret is opened by a file that has no business with it": [
    ["lib/grants/h.ts", 'import { openSecret } from "#lib/vault/open.ts"; openSecret;'],
    ["lib/connections/b.ts", 'import "#lib/vault/open.ts";'],
    ["lib/grants/repository.ts", 'import "#lib/vault/open.ts";'],
    ["app/f/page.tsx", 'import "#lib/vault/open.ts";'],
  ],
  "[NET-1] a call goes out beside lib/egress": [
    ["lib/grants/i.ts", 'await fetch("https://x.example");'],
    ["lib/grants/j.ts", 'await globalThis.fetch("https://x.example");'],
    ["lib/grants/k.ts", "const { fetch: call } = globalThis; call;"],
    ["lib/oauth/b.ts", 'import { request } from "undici"; request;'],
    ["lib/grants/m.ts", 'import { createClient } from "redis"; createClient;'],
    ["lib/volatile/b.ts", 'await fetch("https://x.example");'],
    ["lib/http/a.ts", 'import { request } from "node:https"; request;'],
    ["lib/http/b.ts", 'import * as http from "node:http"; http;'],
    ["app/g/route.ts", 'import net from "node:net"; net;'],
    ["app/h/route.ts", 'const undici = await import("undici"); undici;'],
  ],
  "the environment is read beside lib/core/env.ts": [
    ["lib/grants/l.ts", "process.env.VAULT_KEYS;"],
    ["app/i/page.tsx", "process.env.VAULT_KEYS;"],
  ],
};

const allowed: readonly Snippet[] = [
  ["lib/core/env.ts", "process.env.PORT;"],
  ["lib/db/client.ts", 'import "#prisma/generated/client.ts"; import "#lib/core/secret.ts";'],
  ["lib/egress/egress.ts", 'import { request } from "undici"; request;'],
  ["lib/volatile/c.ts", 'import { createClient } from "redis"; createClient;'],
  ["lib/vault/seal.ts", 'import "#lib/audit/record-event.ts"; import "#lib/core/secret.ts";'],
  ["lib/policy/decide.ts", 'import "#lib/providers/registry.ts";'],
  ["lib/providers/registry.ts", 'import "#lib/providers/salesforce/hosts.ts";'],
  ["lib/providers/salesforce/hosts.ts", 'import "#lib/oauth/x.ts"; import "../registry.ts";'],
  ["lib/grants/flow-repository.ts", 'import "#prisma/generated/client.ts";'],
  ["lib/grants/secrets.ts", 'import "#lib/vault/open.ts";'],
  ["lib/broker/a.ts", 'import "#lib/grants/x.ts"; import "#lib/policy/decide.ts";'],
  [
    "lib/http/route.ts",
    'import type { IncomingMessage } from "node:http"; export type A = IncomingMessage;',
  ],
  ["lib/jobs/a.ts", 'import "#lib/deps.ts"; import "#lib/grants/x.ts";'],
  [
    "app/j/page.tsx",
    'import "#lib/grants/x.ts"; import "#components/a.tsx"; import "#lib/deps.ts";',
  ],
  ["components/e.tsx", 'import "#lib/connections/schema.ts"; await fetch("/api/connections");'],
  ["lib/simulator/demo.ts", 'import "#lib/core/clock.ts"; import http from "node:http"; http;'],
  ["lib/grants/a.test.ts", 'import "#lib/simulator/demo.ts"; await fetch("http://localhost");'],
  ["e2e/a.spec.ts", 'import "#lib/testing/database.ts"; process.env.PORT;'],
];

const folder = mkdtempSync(path.join(os.tmpdir(), "studio-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const complainedOf = lint([...Object.values(refused).flat(), ...allowed]);

test.each(Object.entries(refused))("%s: lint stops it", (_what, snippets) => {
  const passed = snippets.filter(([file]) => !complainedOf(file));
  expect(passed).toEqual([]);
});

test("lint lets through what the house allows", () => {
  const stopped = allowed.filter(([file]) => complainedOf(file));
  expect(stopped).toEqual([]);
});

/** Puts the files into a tree of their own under our two configurations and lints it once. */
function lint(snippets: readonly Snippet[]): (file: string) => boolean {
  for (const config of ["biome.json", ".oxlintrc.json"]) {
    copyFileSync(path.join(root, config), path.join(folder, config));
  }
  for (const [file, code] of snippets) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${code}\n`, { flag: "wx" });
  }
  const lines = [
    ...run("biome", ["lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=github"]),
    ...run("oxlint", ["--format=unix"]),
  ].filter((line) => /noRestrictedImports|noProcessEnv|no-restricted-/.test(line));
  return (file) => lines.some((line) => line.includes(file));
}

function run(tool: string, args: readonly string[]): string[] {
  const bin = path.join(root, "node_modules/.bin", tool);
  return spawnSync(bin, [...args, "."], { cwd: folder, encoding: "utf8" }).stdout.split("\n");
}
