import { inspect } from "node:util";
import { expect, test } from "vitest";
import { loadEnv, SettingsError } from "#lib/core/env.ts";

const refusal = (source: Record<string, string>): SettingsError => {
  try {
    loadEnv(source);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

test("everything is optional on one machine", () => {
  const env = loadEnv({});
  expect(env).toMatchObject({
    port: 3000,
    studioUrl: "http://localhost:3000",
    desktopAuthUrl: "http://localhost:3000",
    demoUrl: "http://localhost:3100",
    databaseUrl: null,
    isLoopback: true,
  });
});

test("the demo follows the studio's port and can be switched off", () => {
  expect(loadEnv({ PORT: "4200" }).demoUrl).toBe("http://localhost:4300");
  expect(loadEnv({ DEMO: "off" }).demoUrl).toBeNull();
});

test.each([
  ["PORT", "0"],
  ["PORT", "70000"],
  ["PORT", "30x"],
  ["STUDIO_URL", "https://studio.example.com/path"],
  ["STUDIO_URL", "http://studio.example.com"],
  ["STUDIO_URL", "https://user:word@studio.example.com"],
  ["STUDIO_URL", "ftp://localhost"],
  ["DATABASE_URL", "mysql://hunter2@db/x"],
  ["REDIS_URL", "http://hunter2@cache:6379"],
  ["REDIS_URL", "unix://hunter2"],
  ["LIMITS_FACTOR", "0.000"],
  ["LIMITS_FACTOR", "-2"],
  ["PLAN_CONTENTS_DAYS", "00"],
  ["PLAN_CONTENTS_DAYS", "4000"],
  ["DEMO", "hunter2"],
  ["LOG_LEVEL", "hunter2"],
  ["METRICS_TOKEN", "hunter2"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://hunter2"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector:4318"],
])("[VA-4] %s that cannot be used is named, its value is not told", (name, value) => {
  const error = refusal({ [name]: value });
  expect(error.settings).toEqual([name]);
  expect(error.message).toMatch(new RegExp(`^${name} must `));
  expect(error.message).not.toContain(value);
});

test.each([
  "redis://localhost",
  "rediss://u:p@cache:6380/2",
  "unix:///run/v.sock",
  "unix://:p@/run/v.sock?db=1",
])("%s names a shared store", (url) => {
  expect(loadEnv({ REDIS_URL: url }).redisUrl?.reveal()).toBe(url);
});

test("an empty setting counts as unset", () => {
  expect(loadEnv({ PORT: "", DEMO: "" }).port).toBe(3000);
});

test("[NET-7] the connect map is refused unless the studio's origin is loopback", () => {
  const map = "login.salesforce.com=127.0.0.1:8443";
  expect(loadEnv({ EGRESS_CONNECT_MAP: map }).egressConnectMap).toBe(map);
  const error = refusal({ EGRESS_CONNECT_MAP: map, STUDIO_URL: "https://studio.example.com" });
  expect(error.settings).toEqual(["EGRESS_CONNECT_MAP"]);
});

test("[VA-10] secrets among the settings do not print", () => {
  const env = loadEnv({
    VAULT_KEYS: "canary-vault",
    SESSION_SECRET: "canary-session",
    DATABASE_URL: "postgresql://studio:canary-word@db/studio",
    METRICS_TOKEN: "canary-metrics-token",
  });
  expect(`${inspect(env, { depth: 5 })}${JSON.stringify(env)}`).not.toContain("canary");
});

const oidc = {
  OIDC_ISSUER: "https://login.example.com/realms/acme/",
  OIDC_CLIENT_ID: "studio",
  OIDC_CLIENT_SECRET: "kept-by-both",
};
const salesforce = { AUTH_SALESFORCE_ID: "3MVG9", AUTH_SALESFORCE_SECRET: "kept-by-both" };

test("a way to sign in is there when it is wholly set", () => {
  expect(loadEnv({}).signInWays).toEqual([]);
  const ways = loadEnv({ ...oidc, ...salesforce, OIDC_NAME: "Acme" }).signInWays;
  expect(ways.map(({ id, name, issuer }) => [id, name, issuer])).toEqual([
    ["oidc", "Acme", "https://login.example.com/realms/acme"],
    ["salesforce", "Salesforce", "https://login.salesforce.com"],
  ]);
  expect(inspect(ways)).not.toContain("kept-by-both");
});

test.each([
  ...Object.keys(oidc).map((name) => [oidc, name] as const),
  ...Object.keys(salesforce).map((name) => [salesforce, name] as const),
])("[WEB-4] half a way to sign in stops the start, naming what is missing (%#)", (whole, name) => {
  const { [name as keyof typeof whole]: _, ...half } = whole;
  const error = refusal(half);
  expect(error.settings).toEqual([name]);
  expect(error.message).not.toContain("kept-by-both");
  expect(refusal({ ...whole, [name]: "" }).settings).toEqual([name]);
});

test.each([
  "sso.acme.example",
  "http://sso.acme.example",
  "http://localhost.acme.example",
  "https://user:word@sso.acme.example",
  "https://sso.acme.example/?tenant=1",
  "https://sso.acme.example/#x",
  "ftp://sso.acme.example",
])("[WEB-4] %s is no issuer", (issuer) => {
  const error = refusal({ ...oidc, OIDC_ISSUER: issuer });
  expect(error.settings).toEqual(["OIDC_ISSUER"]);
  expect(error.message).not.toContain(issuer);
});

test("[NET-7] an issuer on localhost is taken only while the studio is there", () => {
  const local = { ...oidc, OIDC_ISSUER: "http://localhost:4000" };
  expect(loadEnv(local).signInWays).toHaveLength(1);
  const error = refusal({ ...local, STUDIO_URL: "https://studio.example.com" });
  expect(error.settings).toEqual(["OIDC_ISSUER"]);
});
