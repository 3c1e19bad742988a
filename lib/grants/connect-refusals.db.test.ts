import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

async function salesforceOutcome(arrange: () => void, username = dana) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  const flow = await studio.begin(principal, connectionId);
  arrange();
  await studio.callback(principal, flow, await studio.approve(flow, username));
  const view = await getFlowView(deps, principal, flow.flowId);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  expect(myGrant).toBeNull();
  return view;
}

const authorizeErrors = [
  ["access_denied", "end-user denied authorization", "access_denied"],
  [
    "OAUTH_EC_APP_NOT_FOUND",
    "External client app is not installed in this org",
    "app_not_installed",
  ],
  [
    "OAUTH_AUTHORIZATION_BLOCKED",
    "Cross-org OAuth flows are not supported for this external client app",
    "cross_org",
  ],
  [
    "OAUTH_APPROVAL_ERROR_GENERIC",
    "An unexpected error has occurred during authentication. Please try again.",
    "app_blocked",
  ],
  [
    "OAUTH_APP_ACCESS_DENIED",
    "user is not admin approved to access this app",
    "admin_approval_required",
  ],
  ["invalid_scope", "the requested scope is invalid, unknown, or malformed", "missing_scope"],
  ["inactive_user", "user is inactive", "user_inactive"],
  ["inactive_org", "organization is locked, closed, or suspended", "org_inactive"],
  ["invalid_request", "missing required code challenge", "pkce_required"],
  ["server_error", "", "provider_down"],
  ["something_new", "<script>alert(1)</script>", "authorization_failed"],
] as const;

test.each(authorizeErrors)(
  "[OA-7] Salesforce's %s on the way back becomes a known reason",
  async (error, description, reason) => {
    const view = await salesforceOutcome(() =>
      simulator.faults.set(salesforceFaults.authorizeError, { error, description }),
    );
    expect(view).toMatchObject({ state: "failed", reason, providerCode: error });
    expect(JSON.stringify(view)).not.toContain("<script>");
    expect(simulator.log.requestsTo("/services/oauth2/token")).toHaveLength(0);
  },
);

const tokenErrors = [
  ["invalid_grant", "expired authorization code", "code_expired"],
  ["invalid_grant", "invalid authorization code", "code_expired"],
  ["invalid_grant", "ip restricted", "ip_restricted"],
  ["invalid_grant", "user hasn't approved this consumer", "user_not_approved"],
  ["invalid_grant", "invalid code verifier", "authorization_failed"],
  ["invalid_client_id", "client identifier invalid", "app_not_found"],
  ["invalid_client", "invalid client credentials", "client_rejected"],
  ["redirect_uri_mismatch", "redirect_uri must match configuration", "redirect_uri_mismatch"],
  ["unsupported_grant_type", "grant type not supported", "wrong_environment"],
  ["rate_limit_exceeded", "number of logins exceeded", "rate_limited"],
] as const;

test.each(tokenErrors)(
  "[OA-7] Salesforce's %s (%s) at the token endpoint becomes a known reason",
  async (error, description, reason) => {
    const view = await salesforceOutcome(() =>
      simulator.faults.set(salesforceFaults.tokenError, { error, description }),
    );
    expect(view).toMatchObject({ state: "failed", reason });
  },
);

const lies = [
  ["foreign-instance-url", "answer_not_trusted"],
  ["lightning-instance-url", "answer_not_trusted"],
  ["http-instance-url", "answer_not_trusted"],
  ["instance-url-with-path", "answer_not_trusted"],
  ["missing-instance-url", "answer_not_trusted"],
  ["malformed-id-url", "answer_not_trusted"],
  ["other-org-id", "answer_not_trusted"],
  ["other-user-id", "answer_not_trusted"],
  ["missing-id", "answer_not_trusted"],
  ["missing-refresh-token", "no_refresh_token"],
  ["missing-access-token", "answer_not_trusted"],
  ["wrong-token-type", "answer_not_trusted"],
] as const;

test.each(lies)("[OA-8] a token answer with %s is not stored", async (lie, reason) => {
  const view = await salesforceOutcome(() =>
    simulator.faults.set(salesforceFaults.tokenLie, { lie }),
  );
  expect(view).toMatchObject({ state: "failed", reason });
  const { rows } = await database.pool.query("select 1 from grants where connection_id = $1", [
    view.connectionId,
  ]);
  expect(rows).toEqual([]);
});

test("[OA-8] tokens that are not trusted are revoked, not left behind", async () => {
  await salesforceOutcome(() =>
    simulator.faults.set(salesforceFaults.tokenLie, { lie: "foreign-instance-url" }),
  );
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test("scopes that were not granted are kept as missing, and the connection stands", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.haldenUnit);
  simulator.faults.set(
    wireFaults.fields,
    { fields: { scope: "offline data_extensions_read" } },
    { path: "/v2/token" },
  );
  await studio.connect(principal, connectionId, "d.kowalczyk@halden");
  const view = await getConnectionView(deps, principal, connectionId);
  expect(view.health).toBe("missing_scopes");
  expect(view.myGrant?.missingScopes).toContain("journeys_read");
  expect(view.myGrant?.missingScopes).not.toContain("offline");
});

test("a user without API access is told so, not connected", async () => {
  const view = await salesforceOutcome(() => {}, "rosa.ortega@halden.example");
  expect(view).toMatchObject({ state: "failed", reason: "api_access_denied" });
});

const badAnswers = [
  [
    "HTML with 503",
    { status: 503, body: "<html>down</html>", contentType: "text/html" },
    "provider_down",
  ],
  ["429", { status: 429, body: "{}", contentType: "application/json" }, "rate_limited"],
  [
    "broken JSON",
    { status: 200, body: "{", contentType: "application/json" },
    "answer_not_trusted",
  ],
  ["a list", { status: 200, body: "[]", contentType: "application/json" }, "answer_not_trusted"],
  [
    "HTML with 200",
    { status: 200, body: "<html>", contentType: "text/html" },
    "answer_not_trusted",
  ],
  [
    "a redirect",
    { status: 302, body: "", headers: { location: "https://evil.example/" } },
    "provider_down",
  ],
  [
    "400 without JSON",
    { status: 400, body: "no", contentType: "text/plain" },
    "authorization_failed",
  ],
] as const;

test.each(badAnswers)(
  "[OA-7] a token endpoint that answers with %s ends in a known reason",
  async (_what, answer, reason) => {
    const view = await salesforceOutcome(() =>
      simulator.faults.set(wireFaults.answer, answer, { path: "/services/oauth2/token" }),
    );
    expect(view).toMatchObject({ state: "failed", reason });
  },
);

const oddTokens = [
  ["a token with a line break", { access_token: "00D!abc\r\nx-evil: 1" }],
  ["a refresh token with a space", { refresh_token: "5Aep 861" }],
  ["a scope with a NUL", { scope: "api\u0000 web" }],
  ["hundreds of scopes", { scope: Array.from({ length: 300 }, (_, i) => `s${i}`).join(" ") }],
] as const;

test.each(oddTokens)("[OA-8] %s is not stored", async (_what, fields) => {
  const view = await salesforceOutcome(() =>
    simulator.faults.set(wireFaults.fields, { fields }, { path: "/services/oauth2/token" }),
  );
  expect(view).toMatchObject({ state: "failed", reason: "answer_not_trusted" });
});

test("[OA-8] a lifetime beyond all measure is not believed", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  const fields = { expires_in: 1e18 };
  simulator.faults.set(wireFaults.fields, { fields }, { path: "/services/oauth2/token" });
  await studio.connect(principal, connectionId, dana);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  const lifeMs = Date.parse(myGrant?.accessTokenExpiresAt ?? "") - deps.clock.now().getTime();
  expect(lifeMs).toBe(24 * 60 * 60 * 1000);
});

test.each([
  [{ name: "Dana\u0000" }],
  [{ preferred_username: "dana\u202e@halden" }],
  [{ user_id: "005<script>" }],
  [{ organization_id: null }],
])("[OA-8] a person named %o is not believed, and the tokens are revoked", async (fields) => {
  const view = await salesforceOutcome(() =>
    simulator.faults.set(wireFaults.fields, { fields }, { path: "/services/oauth2/userinfo" }),
  );
  expect(view.reason).toBe("answer_not_trusted");
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test.each([
  [401, "Connected app is not attached to Agent", "missing_scope"],
  [401, "Session expired or invalid", "reconnect_required"],
  [403, "TotalRequests Limit exceeded.", "api_limit_reached"],
  [420, "URL_NOT_RESET", "wrong_environment"],
  [429, "slow down", "rate_limited"],
  [503, "maintenance", "provider_down"],
] as const)(
  "an org whose API answers %i is not shown as proven",
  async (status, message, reason) => {
    const errorCode = status === 403 ? "REQUEST_LIMIT_EXCEEDED" : "INVALID_SESSION_ID";
    const body = JSON.stringify([{ message, ...(status < 404 ? { errorCode } : {}) }]);
    const view = await salesforceOutcome(() =>
      simulator.faults.set(
        wireFaults.answer,
        { status, body, contentType: "application/json" },
        { path: "/services/data" },
      ),
    );
    expect(view).toMatchObject({ state: "failed", reason });
  },
);

test.each([
  [401, { message: "Not Authorized", errorcode: 0 }, "business_unit_denied"],
  [403, { message: "Forbidden", errorcode: 40000 }, "business_unit_denied"],
  [400, { message: "legacy", errorcode: 10007 }, "grant_type_refused"],
  [404, { message: "Not Found", errorcode: 404 }, "authorization_failed"],
] as const)(
  "[OA-7] Marketing Cloud's token endpoint with %i in REST shape",
  async (status, body, reason) => {
    const principal = await given.person();
    const connectionId = await given.connection(principal, givenDefinitions.haldenUnit);
    simulator.faults.set(
      wireFaults.answer,
      { status, body: JSON.stringify(body), contentType: "application/json" },
      { path: "/v2/token" },
    );
    const flow = await studio.begin(principal, connectionId);
    const params = await studio.approve(flow, "d.kowalczyk@halden");
    await studio.callback(principal, flow, params, "marketing-cloud");
    expect((await getFlowView(deps, principal, flow.flowId)).reason).toBe(reason);
  },
);

test.each([
  [{ user: { sub: null } }],
  [{ user: { sub: {} } }],
  [{ user: { sub: "1" }, organization: { member_id: true, enterprise_id: 1 } }],
])("[OA-8] Marketing Cloud: %o is nobody", async (fields) => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.haldenUnit);
  simulator.faults.set(wireFaults.fields, { fields }, { path: "/v2/userinfo" });
  const flow = await studio.begin(principal, connectionId);
  const params = await studio.approve(flow, "d.kowalczyk@halden");
  await studio.callback(principal, flow, params, "marketing-cloud");
  expect((await getFlowView(deps, principal, flow.flowId)).reason).toBe("answer_not_trusted");
});

test("[NET-5] a token answer beyond 64 KB ends the flow", async () => {
  const view = await salesforceOutcome(() =>
    simulator.faults.set(
      wireFaults.oversize,
      { bytes: 70_000 },
      { path: "/services/oauth2/token" },
    ),
  );
  expect(view.reason).toBe("answer_not_trusted");
});

const marketingCloudRefusals = [
  [marketingCloudFaults.authorize, "user_not_licensed", "user_not_licensed"],
  [marketingCloudFaults.authorize, "unauthorized_client", "grant_type_refused"],
  [marketingCloudFaults.authorize, "invalid_scope", "missing_scope"],
  [marketingCloudFaults.token, "unknown-client", "app_not_found"],
  [marketingCloudFaults.token, "client-authentication-failed", "client_rejected"],
  [marketingCloudFaults.token, "refuse-code", "code_expired"],
  [marketingCloudFaults.token, "rate-limited", "rate_limited"],
  [marketingCloudFaults.token, "blocked", "rate_limited"],
  [marketingCloudFaults.token, "server-error", "provider_down"],
  [marketingCloudFaults.accountId, "refuse-401", "business_unit_denied"],
  [marketingCloudFaults.accountId, "refuse-403", "business_unit_denied"],
  [marketingCloudFaults.userinfo, "server-error", "provider_down"],
] as const;

test.each(marketingCloudRefusals)(
  "[OA-7] Marketing Cloud: %o as %s becomes a known reason",
  async (fault, value, reason) => {
    const principal = await given.person();
    const connectionId = await given.connection(principal, givenDefinitions.haldenUnit);
    const flow = await studio.begin(principal, connectionId);
    simulator.faults.set(fault, value as never);
    const params = await studio.approve(flow, "d.kowalczyk@halden");
    await studio.callback(principal, flow, params, "marketing-cloud");
    expect(await getFlowView(deps, principal, flow.flowId)).toMatchObject({
      state: "failed",
      reason,
    });
    expect((await getConnectionView(deps, principal, connectionId)).myGrant).toBeNull();
  },
);

test("Marketing Cloud instance addresses without a scheme are taken for what they are", async () => {
  for (const form of ["bare-host", "without-slash", "with-slash"] as const) {
    const principal = await given.person();
    const connectionId = await given.connection(principal, givenDefinitions.haldenUnit);
    const fault = simulator.faults.set(marketingCloudFaults.instanceUrls, form);
    await studio.connect(principal, connectionId, "d.kowalczyk@halden");
    const { myGrant } = await getConnectionView(deps, principal, connectionId);
    expect(myGrant?.restInstanceUrl, form).toBe(
      "https://mcb4x7t2k9qh1rn8v3z6w0pd5cys.rest.marketingcloudapis.com",
    );
    fault.clear();
  }
});
