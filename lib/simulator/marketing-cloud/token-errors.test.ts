import { describe, expect, test } from "vitest";
import { marketingCloudFaults } from "./switches.ts";
import { halden, testCloud } from "./testing.ts";

const unknownClient = "Invalid client ID. Use the client ID in Marketing Cloud Installed Packages.";
const failed =
  "Client authentication failed. Make sure that the client ID and client secret are valid and that the package is installed and enabled.";
const grants =
  'Use "authorization_code" or "refresh_token" or "client_credentials" or "urn:ietf:params:oauth:grant-type:jwt-bearer" as the grant_type.';
const method = "The client is not authorized to request an authorization code using this method.";
const web = { client_id: halden.webApp, client_secret: halden.webSecret };
const server = { client_id: halden.server, client_secret: halden.serverSecret };

test.each([
  [
    "an unknown client",
    { grant_type: "refresh_token", client_id: "nobody" },
    401,
    "invalid_client",
    unknownClient,
  ],
  ["no client", { grant_type: "refresh_token" }, 401, "invalid_client", unknownClient],
  [
    "a wrong secret",
    { ...server, grant_type: "client_credentials", client_secret: "x" },
    401,
    "invalid_client",
    failed,
  ],
  [
    "no secret",
    { grant_type: "client_credentials", client_id: halden.server },
    401,
    "invalid_client",
    failed,
  ],
  [
    "a web app without its secret",
    { grant_type: "refresh_token", client_id: halden.webApp, refresh_token: "x" },
    401,
    "invalid_client",
    failed,
  ],
  [
    "client credentials from a public app",
    { grant_type: "client_credentials", client_id: halden.publicApp },
    401,
    "unauthorized_client",
    method,
  ],
  [
    "client credentials from a web app",
    { ...web, grant_type: "client_credentials" },
    401,
    "unauthorized_client",
    method,
  ],
  [
    "a code from a server app",
    { ...server, grant_type: "authorization_code", code: "x" },
    401,
    "unauthorized_client",
    method,
  ],
  [
    "jwt-bearer",
    { ...server, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" },
    401,
    "unauthorized_client",
    method,
  ],
  ["a missing grant type", { client_id: halden.publicApp }, 400, "unsupported_grant_type", grants],
  [
    "an unknown grant type",
    { client_id: halden.publicApp, grant_type: "password" },
    400,
    "unsupported_grant_type",
    grants,
  ],
  [
    "an inherited name as grant type",
    { client_id: halden.publicApp, grant_type: "constructor" },
    400,
    "unsupported_grant_type",
    grants,
  ],
  [
    "an unknown code",
    {
      grant_type: "authorization_code",
      client_id: halden.publicApp,
      code: "x",
      redirect_uri: halden.callback,
    },
    400,
    "invalid_grant",
    expect.any(String),
  ],
  [
    "no code",
    {
      grant_type: "authorization_code",
      client_id: halden.publicApp,
      redirect_uri: halden.callback,
    },
    400,
    "invalid_request",
    expect.any(String),
  ],
  [
    "an unknown refresh token",
    { grant_type: "refresh_token", client_id: halden.publicApp, refresh_token: "x" },
    400,
    "invalid_grant",
    expect.any(String),
  ],
  [
    "no refresh token",
    { grant_type: "refresh_token", client_id: halden.publicApp },
    400,
    "invalid_request",
    expect.any(String),
  ],
  [
    "a list as code",
    { grant_type: "authorization_code", client_id: halden.publicApp, code: ["x"] },
    400,
    "invalid_request",
    expect.any(String),
  ],
])("%s is refused", async (_name, body, status, error, error_description) => {
  const { token } = testCloud();
  const answer = await token(body);
  expect(answer.status).toBe(status);
  expect(answer.json).toEqual({
    error,
    error_description,
    error_uri: "https://developer.salesforce.com/docs",
  });
});

describe("bodies and methods", () => {
  test.each([
    ["broken JSON", "application/json", "{", 400],
    ["a list", "application/json", "[]", 400],
    ["a repeated form field", "application/x-www-form-urlencoded", "code=a&code=b", 400],
    ["plain text", "text/plain", "grant_type=x", 415],
  ])("%s", async (_name, type, body, status) => {
    const { send, url } = testCloud();
    const init = { headers: { "content-type": type }, body };
    expect((await send("POST", url("auth", "/v2/token"), init)).status).toBe(status);
  });

  test("GET is not a token call", async () => {
    const { send, url } = testCloud();
    expect((await send("GET", url("auth", "/v2/token"))).status).toBe(405);
  });

  test("credentials in a Basic header are not read", async () => {
    const { send, url } = testCloud();
    const basic = Buffer.from(`${halden.server}:${halden.serverSecret}`).toString("base64");
    const answer = await send("POST", url("auth", "/v2/token"), {
      headers: { authorization: `Basic ${basic}`, "content-type": "application/json" },
      body: JSON.stringify({ grant_type: "client_credentials" }),
    });
    expect(answer.json.error).toBe("invalid_client");
  });

  test("the legacy route refuses an enhanced package in its own shape", async () => {
    const { send, url } = testCloud();
    const answer = await send("POST", url("auth", "/v1/requestToken"), { body: "{}" });
    expect([answer.status, answer.json.errorcode]).toEqual([400, 10007]);
  });
});

describe("switched on for one app", () => {
  test.each([
    ["rate-limited", 429, { errorcode: 50100, message: "Rate limit exceeded", retryAfter: 5 }],
    ["blocked", 429, { errorcode: 50200, message: "Your requests are temporarily blocked." }],
    ["server-error", 500, { errorcode: 0, message: "Internal Server Error" }],
    ["unknown-client", 401, { error: "invalid_client", error_description: unknownClient }],
    ["client-authentication-failed", 401, { error: "invalid_client", error_description: failed }],
  ] as const)("%s", async (value, status, body) => {
    const { clientCredentials, faults, refresh } = testCloud();
    faults.set(marketingCloudFaults.token, value, { app: halden.server });
    const answer = await clientCredentials();
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(body);
    expect(answer.headers["retry-after"]).toBe(value === "rate-limited" ? "5" : undefined);
    expect((await refresh("x")).json.error).toBe("invalid_grant");
  });

  test.each([
    [{ status: 400, error: "invalid_grant" }],
    [{ status: 400, error: "invalid_token" }],
    [{ status: 400, error: "invalid_request" }],
    [{ status: 401, error: "invalid_token" }],
  ] as const)("a refresh is refused as %o", async (refusal) => {
    const { connect, faults, refresh } = testCloud();
    const held = await connect();
    faults.set(marketingCloudFaults.token, "refuse-refresh", { user: halden.dana, times: 1 });
    faults.set(marketingCloudFaults.refreshRefusal, refusal);
    const answer = await refresh(held.refresh);
    expect([answer.status, answer.json.error]).toEqual([refusal.status, refusal.error]);
    expect((await refresh(held.refresh)).status).toBe(200);
  });
});
