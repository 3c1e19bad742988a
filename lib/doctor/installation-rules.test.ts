import { expect, test } from "vitest";
import {
  type HostFinding,
  type InstallationFindings,
  judgeInstallation,
} from "#lib/doctor/installation-rules.ts";

const host: HostFinding = {
  host: "login.salesforce.com",
  label: "Salesforce",
  asked: { kind: "answered", facts: { kind: "itself" }, clock: null },
  addresses: ["93.184.215.14"],
  refused: [],
};
const well: InstallationFindings = {
  settings: { ok: true, names: ["STUDIO_URL"] },
  studioUrl: "https://studio.example",
  database: { kind: "ready", missing: [], foreign: [] },
  keys: { kind: "fit", source: "file", sealedUnder: 1 },
  hosts: [host],
  clock: { aheadMs: 0, uncertaintyMs: 500 },
};
const judged = (changes: Partial<InstallationFindings>) =>
  Object.fromEntries(judgeInstallation({ ...well, ...changes }).map((line) => [line.id, line]));

test("a studio that is well has nothing to fix", () => {
  expect(Object.values(judged({})).every(({ state }) => state === "pass")).toBe(true);
});

const unreachable = { kind: "unreachable", reason: "tenant_not_found" } as const;
const cases: [changes: Partial<InstallationFindings>, id: string, state: string, words: RegExp][] =
  [
    [{ settings: { ok: false, problem: "PORT must be a port" } }, "settings", "fail", /PORT/],
    [{ studioUrl: null }, "studio_url", "unknown", /cannot be read/],
    [{ studioUrl: "http://localhost:3000" }, "studio_url", "pass", /this machine alone/],
    [{ database: { kind: "not_made" } }, "database", "unknown", /none/],
    [{ database: { kind: "unreachable", problem: "ECONNREFUSED" } }, "database", "fail", /ECONN/],
    [{ database: { kind: "ready", missing: ["x"], foreign: [] } }, "database", "fail", /1 migr/],
    [{ database: { kind: "ready", missing: [], foreign: ["y"] } }, "database", "fail", /newer/],
    [{ keys: { kind: "unfit", problem: "VAULT_KEYS lacks key 2" } }, "keys", "fail", /VAULT_KEYS/],
    [{ keys: { kind: "not_made" } }, "keys", "unknown", /none/],
    [{ keys: { kind: "not_looked" } }, "keys", "unknown", /database/],
    [{ hosts: [{ ...host, label: null }] }, "host login.salesforce.com", "fail", /never calls/],
    [
      { hosts: [{ ...host, asked: unreachable, addresses: [] }] },
      "host login.salesforce.com",
      "fail",
      /does not resolve/,
    ],
    [
      { hosts: [{ ...host, asked: unreachable, addresses: ["10.0.0.7"], refused: ["10.0.0.7"] }] },
      "host login.salesforce.com",
      "fail",
      /10\.0\.0\.7 is not a public address/,
    ],
    [{ clock: { aheadMs: 3_600_000, uncertaintyMs: 1 } }, "clock", "fail", /behind/],
    [{ clock: null }, "clock", "unknown", /no answer/],
  ];
test.each(cases)("%o: %s is %s", (changes, id, state, words) => {
  expect(judged(changes)[id]).toMatchObject({ state, found: expect.stringMatching(words) });
});
