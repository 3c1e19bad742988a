import { expect, test } from "vitest";
import {
  budgetPresets,
  budgetWords,
  connectionNames,
  longestKey,
  mayWriteNow,
  networkName,
  newNetworks,
  pauseWords,
  whatStops,
} from "#components/agents/agent-words.ts";
import { snippetsFor } from "#components/agents/snippets.ts";
import type { AgentJson, AgentKeyJson } from "#lib/agents/schema.ts";

const key = (state: AgentKeyJson["state"], expiresAt: string | null = null): AgentKeyJson => ({
  id: crypto.randomUUID(),
  name: "Key",
  prefix: "mmk_abcdef",
  state,
  createdAt: "2026-03-01T00:00:00.000Z",
  expiresAt,
  lastUsedAt: null,
  revokedAt: null,
  networks: [],
});
const connection = (name: string, directWritesUntil: string | null = null) => ({
  connectionId: crypto.randomUUID(),
  name,
  provider: "salesforce" as const,
  environment: "production" as const,
  directWritesUntil,
  grantState: "active" as const,
});
const agent = (change: Partial<AgentJson> = {}): AgentJson => ({
  id: crypto.randomUUID(),
  name: "Nightly report",
  mode: "plan",
  pausedAt: null,
  pausedReason: null,
  asksForConnections: true,
  pausesOnNewNetwork: true,
  callsPerDay: null,
  rowsPerDay: null,
  sendsPerDay: null,
  owner: { id: crypto.randomUUID(), name: "Mo" },
  isMine: true,
  connections: [connection("Halden")],
  keys: [key("live")],
  disabledAt: null,
  createdAt: "2026-03-01T00:00:00.000Z",
  lastUsedAt: null,
  canEdit: true,
  canEnd: true,
  ...change,
});

test("what keeps an agent from working is said, the weightiest first", () => {
  expect(whatStops(agent())).toBeNull();
  expect(whatStops(agent({ disabledAt: "2026-03-01T00:00:00.000Z", keys: [] }))).toMatch(
    /Disabled/,
  );
  expect(whatStops(agent({ keys: [] }))).toMatch(/no key yet/);
  expect(whatStops(agent({ keys: [key("revoked"), key("ended")] }))).toMatch(/None of its keys/);
  expect(whatStops(agent({ connections: [] }))).toMatch(/no connection/);
});

test("the key that goes on longest is the one whose end is shown", () => {
  const [soon, late] = [
    key("live", "2026-04-01T00:00:00.000Z"),
    key("live", "2026-05-01T00:00:00.000Z"),
  ];
  expect(
    longestKey(agent({ keys: [soon, late, key("revoked", "2027-01-01T00:00:00.000Z")] })),
  ).toBe(late);
  expect(longestKey(agent({ keys: [key("ended")] }))).toBeNull();
});

test("writes are shown for as long as they are allowed, and in build mode alone", () => {
  const now = new Date("2026-03-02T00:00:00.000Z");
  const [open, over] = [
    connection("A", "2026-03-02T00:00:01.000Z"),
    connection("B", "2026-03-02T00:00:00.000Z"),
  ];
  expect(mayWriteNow({ mode: "build" }, open, now)).toBe(true);
  expect(mayWriteNow({ mode: "plan" }, open, now)).toBe(false);
  expect(mayWriteNow({ mode: "build" }, over, now)).toBe(false);
});

test("many connections are named by the first two and a count", () => {
  const named = (...names: string[]) => connectionNames(names.map((name) => ({ name })));
  expect(named()).toBe("No connection yet");
  expect(named("A")).toBe("A");
  expect(named("A", "B")).toBe("A and B");
  expect(named("A", "B", "C", "D")).toBe("A, B and 2 more");
});

const facts = {
  connectionId: "0a4f8a4e-95c8-4a5f-9f3b-57ce3c5f1f0a",
  studioUrl: "https://studio.example",
  agentId: "5b1b1f7c-0a54-4a0b-9bb4-9d0c6a3a7c11",
};

test("every snippet goes to this studio, and none holds a key", () => {
  for (const provider of ["salesforce", "marketing-cloud"] as const) {
    const snippets = snippetsFor({
      ...facts,
      provider,
      orgId: "00D5g0000012345EAA",
      accountId: 514012388,
    });
    expect(snippets.length).toBeGreaterThan(2);
    for (const { code } of snippets) {
      expect(code).toContain(`https://studio.example/api/broker/proxy/${facts.connectionId}/`);
      expect(code).toContain("MESHMESH_KEY");
      expect(code).not.toContain("mmk_");
    }
  }
});

test("the Salesforce CLI gets the org's id before the key, and is told when it is not known yet", () => {
  const cli = (orgId: string | null) =>
    snippetsFor({ ...facts, provider: "salesforce", orgId, accountId: null }).find(
      ({ tool }) => tool === "Salesforce CLI",
    );
  expect(cli("00D5g0000012345EAA")?.code).toContain('"00D5g0000012345EAA!$MESHMESH_KEY"');
  // It joins the address and what is behind it without a slash of its own.
  expect(cli(null)?.code).toMatch(/--instance-url \S+\/rest\/ /);
  expect(cli(null)?.about).toMatch(/connect once/);
});

test("a paused agent says so before anything else but being disabled, and why", () => {
  const paused = agent({ pausedAt: "2026-03-02T09:00:00.000Z", pausedReason: "bulk_reads" });
  expect(whatStops(paused)).toMatch(/^Paused/);
  expect(whatStops({ ...paused, disabledAt: "2026-03-02T09:00:00.000Z" })).toMatch(/^Disabled/);
  expect(pauseWords("bulk_reads")).toContain("rows");
  expect(pauseWords("something new")).toContain("not like on its other days");
});

test("[BRK-13] a live key's networks that nobody looked at are told, refused or not; others are not", () => {
  const firstSeenAt = "2026-03-02T09:00:00.000Z";
  const seen = (network: string, state: "known" | "told" | "held") => ({
    ...{ network, state, firstSeenAt },
  });
  const keys = [
    { ...key("live"), networks: [seen("203.0.113.0/24", "held"), seen("192.0.2.0/24", "known")] },
    { ...key("live"), name: "CI", networks: [seen("unknown", "told")] },
    { ...key("revoked"), networks: [seen("198.51.100.0/24", "held")] },
  ];
  expect(newNetworks(agent({ keys }))).toEqual([
    { network: "203.0.113.0/24", keyName: "Key", isHeld: true, firstSeenAt },
    { network: "unknown", keyName: "CI", isHeld: false, firstSeenAt },
  ]);
  expect(networkName("unknown")).toBe("an unknown network");
  expect(pauseWords("new_network")).toContain("network");
});

test("an agent without connections may ask for them, or can use nothing", () => {
  const without = agent({ connections: [] });
  expect(whatStops({ ...without, asksForConnections: true })).toContain("asks you");
  expect(whatStops({ ...without, asksForConnections: false })).toBe("It has no connection to use.");
});

test("a budget is said in one line; without one there is none", () => {
  expect(budgetWords(budgetPresets.none.budget)).toBeNull();
  expect(budgetWords(budgetPresets.small.budget)).toBe(
    "500 calls · 5\u00a0000 rows · nobody written to",
  );
  expect(budgetWords({ callsPerDay: 1, rowsPerDay: null, sendsPerDay: 1 })).toBe(
    "1 call · 1 person written to",
  );
});
