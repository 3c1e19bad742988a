import { describe, expect, test } from "vitest";
import {
  attentionOf,
  countInWords,
  healthLine,
  healthOf,
  midInGroups,
  needsAttention,
  rowHost,
  shortened,
  worstFirst,
  worstHealth,
} from "#lib/connections/health.ts";
import { type ConnectionJson, type GrantJson, healthKinds } from "#lib/connections/schema.ts";

const now = new Date("2026-11-22T09:41:07Z");
const days = (count: number) => new Date(now.getTime() + count * 24 * 60 * 60 * 1_000);
const active = {
  state: "active",
  missingScopes: [],
  idleDeadline: null,
  refreshFailures: 0,
} as const;
const none = {
  needs_reconnect: 0,
  app_refused: 0,
  missing_scopes: 0,
  idle_soon: 0,
  refresh_failing: 0,
  not_connected: 0,
  connected: 0,
};

test("the order of health is the one the schema declares", () => {
  expect(worstFirst).toEqual([...healthKinds]);
});

describe("health of a grant", () => {
  test.each([
    ["none at all", null, "not_connected"],
    ["disconnected", { ...active, state: "disconnected" as const }, "not_connected"],
    ["active", active, "connected"],
    [
      "refused by the provider",
      { ...active, state: "needs_reconnect" as const },
      "needs_reconnect",
    ],
    ["short of a scope", { ...active, missingScopes: ["web"] }, "missing_scopes"],
    ["seven days before idle", { ...active, idleDeadline: days(7) }, "connected"],
    ["six days before idle", { ...active, idleDeadline: days(6) }, "idle_soon"],
    ["past its idle deadline", { ...active, idleDeadline: days(-1) }, "idle_soon"],
    ["failed twice", { ...active, refreshFailures: 2 }, "connected"],
    ["failed three times", { ...active, refreshFailures: 3 }, "refresh_failing"],
  ] as const)("%s", (_name, grant, health) => {
    expect(healthOf(grant, now)).toBe(health);
  });

  test("a grant to reconnect says so, whatever else is wrong with it", () => {
    const grant = {
      state: "needs_reconnect",
      missingScopes: ["web"],
      idleDeadline: days(1),
      refreshFailures: 9,
    } as const;
    expect(healthOf(grant, now, true)).toBe("needs_reconnect");
  });
});

test("an app that the provider refuses concerns who is connected, not who never was", () => {
  expect(healthOf({ ...active, missingScopes: ["web"] }, now, true)).toBe("app_refused");
  expect(healthOf(null, now, true)).toBe("not_connected");
});

test("the banner names what needs somebody, worst first, and leaves out what one never connected", () => {
  const counts = { ...none, idle_soon: 1, needs_reconnect: 2, not_connected: 9, connected: 4 };
  expect(attentionOf(counts).map((part) => part.words)).toEqual([
    "2 to reconnect",
    "1 goes idle soon",
  ]);
  expect(attentionOf({ ...none, not_connected: 3 })).toEqual([]);
  expect(worstFirst.filter(needsAttention)).toHaveLength(5);
});

test("the worst health is the first that occurs, and none where nothing is", () => {
  expect(worstHealth({ ...none, connected: 3, idle_soon: 1 })).toBe("idle_soon");
  expect(worstHealth(none)).toBeNull();
  expect(countInWords("missing_scopes", 2)).toBe("2 miss scopes");
});

describe("the two lines of a row", () => {
  const grant = (over: Partial<GrantJson>) =>
    ({ missingScopes: [], lastProvenAt: null, idleDeadline: null, ...over }) as GrantJson;
  const row = (over: Partial<ConnectionJson>) =>
    ({ provider: "salesforce", grants: [], myGrant: null, ...over }) as ConnectionJson;
  const failing = (problem: string, waitMs: number) => {
    const retryAt = new Date(now.getTime() + waitMs).toISOString();
    return grant({ refresh: { failures: 4, problem, retryAt, dueAt: null } });
  };
  const mate = (name: string) => ({
    isMine: false,
    user: { id: "u", name },
    state: "active" as const,
    connectedAt: days(-4).toISOString(),
  });

  test.each([
    [
      row({ health: "connected", myGrant: grant({ lastProvenAt: days(-3).toISOString() }) }),
      { headline: "Connected", detail: "Proven 3 days ago" },
    ],
    [
      row({ health: "idle_soon", myGrant: grant({ idleDeadline: days(3).toISOString() }) }),
      { headline: "Goes idle in 3 days", detail: "Any call keeps it alive" },
    ],
    [
      row({ health: "idle_soon", myGrant: grant({ idleDeadline: days(-1).toISOString() }) }),
      { headline: "Idle too long", detail: "Reconnect to use it again" },
    ],
    [
      row({
        health: "app_refused",
        problem: { reason: "app_blocked", at: days(-1).toISOString() },
      }),
      { headline: "App refused", detail: "The org blocks the app" },
    ],
    [
      row({ health: "refresh_failing", myGrant: failing("provider_down", 40_000) }),
      { headline: "The provider is not answering", detail: "Nothing lost, next try in 40 s" },
    ],
    [
      row({ health: "refresh_failing", myGrant: failing("a_code_of_tomorrow", -1) }),
      { headline: "No new token just now", detail: "Nothing lost, next try at the next use" },
    ],
    [
      row({ health: "missing_scopes", myGrant: grant({ missingScopes: ["web"] }) }),
      { headline: "1 scope missing", detail: "Part of it will not work" },
    ],
    [
      row({ health: "needs_reconnect", myGrant: grant({ reason: "grant_pushed_out" }) }),
      { headline: "Needs reconnect", detail: "Pushed out by another sign-in" },
    ],
    [
      row({ health: "needs_reconnect", myGrant: grant({ reason: "a_code_of_tomorrow" }) }),
      { headline: "Needs reconnect", detail: "The provider no longer accepts it" },
    ],
    [
      row({ health: "not_connected", grants: [mate("Rosa Ortega")] }),
      { headline: "Not connected", detail: "Rosa connected it 4 days ago" },
    ],
    [
      row({ health: "not_connected", grants: [mate("Rosa Ortega"), mate("Jonas Mäkelä")] }),
      { headline: "Not connected", detail: "2 teammates are connected" },
    ],
    [
      row({ health: "not_connected" }),
      { headline: "Not connected", detail: "Nobody has connected it" },
    ],
  ])("case %#", (connection, lines) => {
    expect(healthLine(connection, now)).toEqual(lines);
  });
});

test.each([
  ["acme.my.salesforce.com", null, "acme.my"],
  ["acme--uat.sandbox.my.salesforce.com", "acme.my.salesforce.com", "--uat.sandbox"],
  ["acme--uat.sandbox.my.salesforce.com", null, "acme--uat.sandbox"],
  ["acme--uat.sandbox.my.salesforce.com", "other.my.salesforce.com", "acme--uat.sandbox"],
  ["login.salesforce.com", null, "login.salesforce.com"],
  ["localhost:3100", null, "localhost:3100"],
])("host %s under %s is shown as %s", (host, parent, shown) => {
  expect(rowHost(host, parent)).toBe(shown);
});

test("ids are cut, and MIDs grouped, for reading", () => {
  expect(shortened("k3v9s1xw0q8fhn27bd5myzt4")).toBe("k3v9s1…yzt4");
  expect(shortened("short")).toBe("short");
  expect(midInGroups(514012388)).toBe("514 012 388");
  expect(midInGroups(7328)).toBe("7 328");
});
