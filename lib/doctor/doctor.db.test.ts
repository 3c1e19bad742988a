import { beforeEach, describe, expect, test } from "vitest";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { checkConnection } from "#lib/doctor/check-connection.ts";
import { checkDefinition } from "#lib/doctor/check-definition.ts";
import { reportText } from "#lib/doctor/report-text.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const loginHost = "login.salesforce.com";
const danaUnit = "d.kowalczyk@halden";

// Both clocks at the same time, so that the line about them is fine until a test moves one.
simulator.clock.advanceSeconds((deps.clock.now().getTime() - simulator.clock.nowMs()) / 1000);

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

const byId = (report: DoctorReport) =>
  Object.fromEntries(report.lines.map((line) => [line.id, line]));
const statesOf = (report: DoctorReport) =>
  Object.fromEntries(report.lines.map(({ id, state }) => [id, state]));
const draft = (input: object) => connectionDefinitionSchema.parse(input);
const custom = (customDomain: string, more: object = {}) =>
  draft({
    provider: "salesforce",
    method: "quick",
    name: "Somewhere",
    environment: "custom",
    customDomain,
    ...more,
  });

async function connected(
  definition: object = givenDefinitions.halden,
  username = dana,
): Promise<{ principal: Principal; connectionId: string }> {
  const principal = await given.person();
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  simulator.log.clear();
  return { principal, connectionId };
}

describe("before consent", () => {
  test("a Salesforce definition: host, environment, app and clock are known, and nothing is stored", async () => {
    const principal = await given.person();
    const report = await checkDefinition(deps, principal, givenDefinitions.halden);
    expect(statesOf(report)).toMatchObject({
      host: "pass",
      environment: "pass",
      scopes: "pass",
      redirect_uris: "unknown",
      studio: "pass",
      clock: "pass",
    });
    expect(simulator.log.requestsTo(() => true)).toHaveLength(1);
    const { rows } = await database.pool.query("select 1 from connections where team_id = $1", [
      principal.teamId,
    ]);
    expect(rows).toEqual([]);
  });

  test("a Marketing Cloud definition: both hosts answer in the vendor's own refusals", async () => {
    const principal = await given.person();
    const report = await checkDefinition(deps, principal, givenDefinitions.haldenUnit);
    expect(statesOf(report)).toMatchObject({ host: "pass", api_host: "pass", tenant: "pass" });
  });

  test("a demo definition has nothing to fix and nothing unknown", async () => {
    const principal = await given.person();
    for (const definition of [
      { provider: "salesforce", method: "quick", name: "Demo org", environment: "demo" },
      {
        provider: "marketing-cloud",
        name: "Demo",
        environment: "demo",
        clientId: "n0rthp1ne0demopub1ic0app",
        authBaseUri: "mcn0rthp1ne7demo4w2k9t6y3x1q",
        scopes: ["offline"],
      },
    ]) {
      const report = await checkDefinition(deps, principal, draft(definition));
      expect(new Set(Object.values(statesOf(report))), definition.name).toEqual(new Set(["pass"]));
    }
  });

  test("calls carry no token, no secret and no cookie", async () => {
    const principal = await given.person();
    await checkDefinition(deps, principal, givenDefinitions.haldenUnit);
    const requests = simulator.log.requestsTo(() => true);
    expect(requests).toHaveLength(2);
    for (const { rawHeaders, method, body } of requests) {
      expect(method).toBe("GET");
      expect(body).toHaveLength(0);
      expect(rawHeaders.join("\n")).not.toMatch(/authorization|cookie/i);
    }
  });

  test("a My Domain that nobody has, and a tenant that is not there, fail", async () => {
    const principal = await given.person();
    const org = await checkDefinition(deps, principal, custom("nobody-here.my.salesforce.com"));
    expect(byId(org).host).toMatchObject({ state: "fail", code: "tenant_not_found" });
    const unit = await checkDefinition(
      deps,
      principal,
      draft({ ...givenDefinitions.haldenUnit, authBaseUri: "mcnobody0here00" }),
    );
    expect(statesOf(unit)).toMatchObject({ host: "fail", api_host: "fail", tenant: "pass" });
  });

  test("[NET-3] [NET-6] a host without an address and one with a private address read the same, and get no request", async () => {
    const principal = await given.person();
    const answers = [
      async () => {
        throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
      },
      async () => [{ address: "10.0.0.7" }],
      async () => [{ address: "93.184.215.14" }, { address: "169.254.169.254" }],
      async () => [{ address: "::ffff:127.0.0.1" }],
    ];
    const hosts = await Promise.all(
      answers.map(async (lookup) => {
        const egress = createEgress({ lookup });
        const report = await checkDefinition(
          { ...deps, egress },
          principal,
          custom("acme.my.salesforce.com"),
        );
        await egress.close();
        return byId(report).host;
      }),
    );
    expect(hosts[0]).toMatchObject({
      state: "fail",
      code: "tenant_not_found",
      found: expect.stringContaining("no address on the public internet"),
    });
    for (const host of hosts) expect(host).toEqual(hosts[0]);
    expect(simulator.log.requestsTo(() => true)).toHaveLength(0);
  });

  test("[NET-4] a host that sends people on is named by where to, and not followed", async () => {
    const principal = await given.person();
    const answer = (location: string) =>
      simulator.faults.set(wireFaults.answer, {
        status: 302,
        body: "",
        headers: { location },
      });
    answer("https://haldenoutdoor--uat.sandbox.my.salesforce.com/");
    const mine = await checkDefinition(deps, principal, custom("halden-old.my.salesforce.com"));
    expect(byId(mine).host).toMatchObject({
      state: "fail",
      found: expect.stringContaining("haldenoutdoor--uat.sandbox.my.salesforce.com"),
    });
    simulator.faults.clear();
    answer("https://evil.example/");
    const evil = await checkDefinition(deps, principal, custom("halden-old.my.salesforce.com"));
    expect(byId(evil).host?.state).toBe("fail");
    expect(JSON.stringify(evil)).not.toContain("evil.example");
    expect(simulator.log.requestsTo(() => true)).toHaveLength(2);
  });

  const busy = [
    [503, "provider_down"],
    [429, "rate_limited"],
  ] as const;
  test.each(busy)("a provider that answers %i is told as such", async (status, code) => {
    const principal = await given.person();
    simulator.faults.set(wireFaults.answer, { status, body: "<html>later</html>" });
    const report = await checkDefinition(deps, principal, givenDefinitions.halden);
    expect(byId(report).host).toMatchObject({ state: "fail", code });
  });

  test("a proxy's page in the provider's place is not taken for the provider", async () => {
    const principal = await given.person();
    simulator.faults.set(wireFaults.answer, { status: 200, body: "<h1>Sign in to the Wi-Fi</h1>" });
    const report = await checkDefinition(deps, principal, givenDefinitions.halden);
    expect(byId(report).host).toMatchObject({
      state: "fail",
      found: expect.stringContaining("not the way Salesforce does"),
    });
    expect(JSON.stringify(report)).not.toContain("Wi-Fi");
  });

  test("a provider that does not answer ends the check all the same, the other lines stand", async () => {
    const principal = await given.person();
    const egress = createEgress({ lookup: () => new Promise(() => {}), limits: { connectMs: 80 } });
    const report = await checkDefinition({ ...deps, egress }, principal, givenDefinitions.halden);
    await egress.close();
    expect(byId(report).host).toMatchObject({ state: "fail", code: "connection_timeout" });
    expect(statesOf(report)).toMatchObject({ scopes: "pass", studio: "pass", clock: "unknown" });
  });

  test("a clock that is off by an hour is told, with its direction", async () => {
    const principal = await given.person();
    simulator.clock.advanceSeconds(3_660);
    const report = await checkDefinition(deps, principal, givenDefinitions.halden);
    simulator.clock.advanceSeconds(-3_660);
    expect(byId(report).clock).toMatchObject({
      state: "fail",
      found: expect.stringMatching(/1 h behind|61 min behind/),
    });
  });

  test("[NET-2] a host that is no provider's is judged by its name alone", async () => {
    const principal = await given.person();
    for (const host of ["127.0.0.1", "localhost", "acme.my.salesforce.com.evil.example"]) {
      const report = await checkDefinition(deps, principal, custom(host));
      expect(byId(report).host?.state, host).toBe("fail");
    }
    expect(simulator.log.requestsTo(() => true)).toHaveLength(0);
  });

  test("[OA-9] a client secret that was typed is nowhere in the report or the trail", async () => {
    const principal = await given.person();
    const canary = "canary-client-secret-5521";
    const report = await checkDefinition(
      deps,
      principal,
      draft({
        provider: "salesforce",
        method: "custom-app",
        name: "With a secret",
        environment: "production",
        clientId: "A1B2C3D4".repeat(8),
        clientSecret: canary,
      }),
    );
    const { rows } = await database.pool.query(
      "select e::text as row from audit_events e where action = 'connection.draft_checked'",
    );
    const all = JSON.stringify([report, reportText(report), rows]);
    expect(all).not.toContain(canary);
    expect(all).not.toContain("A1B2C3");
  });

  test("a person who checks without end is slowed, and a colleague is not", async () => {
    const principal = await given.person();
    const colleague = await given.person({ teamId: principal.teamId });
    const check = (who: Principal) => checkDefinition(deps, who, custom("localhost"));
    for (let at = 0; at < 12; at++) await check(principal);
    await expect(check(principal)).rejects.toMatchObject({
      code: "auth.throttled",
      remedy: { do: "retry", afterSeconds: expect.any(Number) },
    });
    await check(colleague);
    deps.clock.advanceSeconds(6);
    simulator.clock.advanceSeconds(6);
    await check(principal);
  });
});

describe("after consent", () => {
  test("a Salesforce connection that is well has nothing to fix and nothing unknown", async () => {
    const { principal, connectionId } = await connected();
    const report = await checkConnection(deps, principal, connectionId);
    expect(statesOf(report)).toEqual({
      host: "pass",
      token: "pass",
      who: "pass",
      place: "pass",
      environment: "pass",
      scopes: "pass",
      api: "pass",
      api_access: "pass",
      limits: "pass",
      idle: "pass",
      redirect_uris: "pass",
      clock: "pass",
    });
    expect(byId(report).who?.found).toContain(dana);
    expect(byId(report).limits?.found).toMatch(/of 100,000 used/);
    expect(byId(report).place?.found).toMatch(/00D\w{15}/);
  });

  test("a Marketing Cloud connection: the unit by MID, the package's redirect URIs, and no limits to tell", async () => {
    const { principal, connectionId } = await connected(givenDefinitions.haldenUnit, danaUnit);
    const report = await checkConnection(deps, principal, connectionId);
    expect(statesOf(report)).toMatchObject({
      host: "pass",
      token: "pass",
      who: "pass",
      place: "pass",
      api: "pass",
      limits: "unknown",
      redirect_uris: "pass",
      clock: "pass",
    });
    expect(byId(report).place?.found).toContain("514 012 388");
  });

  test("each question is asked once, and one event is left", async () => {
    const { principal, connectionId } = await connected();
    await checkConnection(deps, principal, connectionId);
    const paths = simulator.log.requestsTo(() => true).map(({ path }) => path.split("?")[0]);
    expect(paths.toSorted()).toEqual([
      "/.well-known/openid-configuration",
      "/services/data",
      "/services/data/v60.0/limits",
      "/services/data/v60.0/query",
      "/services/oauth2/userinfo",
    ]);
    const { rows } = await database.pool.query<{ action: string; detail: object }>(
      "select action, detail from audit_events where connection_id = $1 and action like 'connection.check%'",
      [connectionId],
    );
    expect(rows).toEqual([
      { action: "connection.checked", detail: { passed: 12, unknown: 0, failed: [] } },
    ]);
  });

  test("before the first sign-in the host and the clock are known, and the rest says what it waits for", async () => {
    const principal = await given.person();
    const connectionId = await given.connection(principal, givenDefinitions.halden);
    const report = await checkConnection(deps, principal, connectionId);
    expect(statesOf(report)).toMatchObject({
      host: "pass",
      token: "fail",
      who: "unknown",
      place: "unknown",
      scopes: "unknown",
      limits: "unknown",
      clock: "pass",
    });
    expect(byId(report).token?.actions).toEqual([{ do: "connect", label: "Connect" }]);
    for (const line of report.lines) {
      if (line.state !== "pass") expect(line.advice, line.id).not.toBeNull();
    }
  });

  test("[TEN-4] a teammate's grant is not used, whoever asks", async () => {
    const { principal, connectionId } = await connected();
    const admin = await given.person({ teamId: principal.teamId, role: "owner" });
    const report = await checkConnection(deps, admin, connectionId);
    expect(statesOf(report)).toMatchObject({ token: "fail", who: "unknown", limits: "unknown" });
    const sent = simulator.log.requestsTo(() => true).flatMap(({ rawHeaders }) => rawHeaders);
    expect(sent.join("\n")).not.toMatch(/authorization/i);
    expect(JSON.stringify(report)).not.toContain(dana);
  });

  test("[TEN-2] another team's connection answers as an absent one", async () => {
    const { connectionId } = await connected();
    const stranger = await given.person();
    const errors = await Promise.all(
      [connectionId, crypto.randomUUID()].map((id) =>
        checkConnection(deps, stranger, id).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    for (const error of errors) expect(error).toBeInstanceOf(NotFoundError);
    expect(String(errors[0])).toBe(String(errors[1]));
    expect(simulator.log.requestsTo(() => true)).toHaveLength(0);
  });

  test("an access token that is gone is fetched anew before anything is asked", async () => {
    const { principal, connectionId } = await connected();
    deps.clock.advanceSeconds(3_600);
    simulator.log.clear();
    const report = await checkConnection(deps, principal, connectionId);
    expect(statesOf(report)).toMatchObject({ token: "pass", who: "pass", api: "pass" });
    expect(simulator.log.requestsTo("/services/oauth2/token")).toHaveLength(1);
  });

  test("where no access token can be had, the report says why", async () => {
    const { principal, connectionId } = await connected();
    deps.clock.advanceSeconds(3_600);
    simulator.faults.set(
      wireFaults.answer,
      { status: 503, body: "<html>maintenance</html>" },
      { path: "/services/oauth2/token" },
    );
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).token).toMatchObject({ state: "fail", code: "provider_down" });
    expect(statesOf(report)).toMatchObject({ who: "unknown", idle: "pass" });
  });

  test("scopes that were not granted are named with what will not work", async () => {
    simulator.faults.set(
      wireFaults.fields,
      { fields: { scope: "offline data_extensions_read" } },
      { path: "/v2/token" },
    );
    const { principal, connectionId } = await connected(givenDefinitions.haldenUnit, danaUnit);
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).scopes).toMatchObject({
      state: "fail",
      code: "missing_scope",
      found: expect.stringContaining("journeys_read: Agents cannot read journeys"),
    });
    expect(byId(report).scopes?.found).not.toContain("offline");
  });

  test("another business unit than the connection's is named by both MIDs", async () => {
    const { principal, connectionId } = await connected(givenDefinitions.haldenUnit, danaUnit);
    simulator.faults.set(
      wireFaults.fields,
      {
        fields: {
          organization: { member_id: 514012399, enterprise_id: 514012300, stack_key: "S7" },
        },
      },
      { path: "/v2/userinfo" },
    );
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).place).toMatchObject({
      state: "fail",
      code: "wrong_business_unit",
      found: expect.stringMatching(/514 012 399.*514 012 388/),
    });
  });

  test("somebody else behind the token is a failure, not a silent change", async () => {
    const { principal, connectionId } = await connected();
    simulator.faults.set(salesforceFaults.identityOfAnother, true);
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).who).toMatchObject({ state: "fail", code: "wrong_identity" });
  });

  test("an org that is a sandbox under a connection that says production fails", async () => {
    const { principal, connectionId } = await connected();
    simulator.faults.set(
      wireFaults.fields,
      { fields: { records: [{ Name: "Halden", IsSandbox: true }] } },
      { path: "/services/data/v60.0/query" },
    );
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).environment).toMatchObject({ state: "fail", code: "wrong_environment" });
  });

  test("calls that are used up, or nearly, fail", async () => {
    const { principal, connectionId } = await connected();
    const limits = async (fields: object) => {
      simulator.faults.clear();
      simulator.faults.set(
        wireFaults.fields,
        { fields: { DailyApiRequests: fields } },
        { path: "/services/data/v60.0/limits" },
      );
      return byId(await checkConnection(deps, principal, connectionId)).limits;
    };
    expect(await limits({ Max: 1000, Remaining: 0 })).toMatchObject({ state: "fail" });
    expect(await limits({ Max: 1000, Remaining: 49 })).toMatchObject({ state: "fail" });
    expect(await limits({ Max: 1000, Remaining: 50 })).toMatchObject({ state: "pass" });
    simulator.faults.clear();
    simulator.faults.set(
      salesforceFaults.restError,
      {
        status: 403,
        errorCode: "REQUEST_LIMIT_EXCEEDED",
        message: "TotalRequests Limit exceeded.",
      },
      { path: "/services/data/v60.0/limits" },
    );
    const refused = byId(await checkConnection(deps, principal, connectionId));
    expect(refused.limits).toMatchObject({ state: "fail", code: "api_limit_reached" });
    expect(refused.api_access?.state).toBe("pass");
  });

  test("a user without the API is told so, the other lines stand", async () => {
    const { principal, connectionId } = await connected();
    simulator.faults.set(salesforceFaults.restError, {
      status: 403,
      errorCode: "API_CURRENTLY_DISABLED",
      message: "API is disabled for this User",
    });
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).api_access).toMatchObject({ state: "fail", code: "api_access_denied" });
    expect(statesOf(report)).toMatchObject({
      who: "pass",
      limits: "unknown",
      environment: "unknown",
    });
  });

  test("one answer that is cut off leaves the others as they are", async () => {
    const { principal, connectionId } = await connected();
    simulator.faults.set(
      wireFaults.cut,
      { stage: "mid-body" },
      { path: "/services/data/v60.0/limits" },
    );
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).limits).toMatchObject({ state: "unknown", code: "provider_down" });
    expect(statesOf(report)).toMatchObject({ who: "pass", place: "pass", api: "pass" });
  });

  test("a session that the provider ended asks to reconnect", async () => {
    const { principal, connectionId } = await connected(givenDefinitions.haldenUnit, danaUnit);
    simulator.faults.set(marketingCloudFaults.userinfo, "unauthorized");
    const report = await checkConnection(deps, principal, connectionId);
    expect(byId(report).who).toMatchObject({
      state: "fail",
      code: "reconnect_required",
      actions: [{ do: "connect", label: "Reconnect" }],
    });
    expect(statesOf(report)).toMatchObject({ place: "unknown", api: "pass" });
  });

  test("[OA-9] no token, code or secret of the grant is in the report, its text or the trail", async () => {
    const { principal, connectionId } = await connected();
    const report = await checkConnection(deps, principal, connectionId);
    const { rows } = await database.pool.query(
      "select e::text as row from audit_events e where action = 'connection.checked'",
    );
    const all = JSON.stringify([report, reportText(report), rows]);
    const { grants, sessions } = simulator.salesforce.state() as unknown as {
      grants: { refreshToken: string }[];
      sessions: { accessToken?: string; token?: string }[];
    };
    const secrets = [
      ...grants.map(({ refreshToken }) => refreshToken),
      ...sessions.map((session) => session.accessToken ?? session.token ?? ""),
    ].filter((secret) => secret !== "");
    expect(secrets.length).toBeGreaterThan(1);
    for (const secret of secrets) expect(all).not.toContain(secret);
    const connection = await deps.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
    expect(all).not.toContain(connection.clientId);
    expect(all).toContain(loginHost);
  });

  test("[VA-11] a check opens no sealed secret", async () => {
    const { principal, connectionId } = await connected();
    const opened = async () =>
      Number(
        (
          await database.pool.query<{ count: string }>(
            "select count(*) from audit_events where action = 'secret.opened'",
          )
        ).rows[0]?.count,
      );
    const before = await opened();
    await checkConnection(deps, principal, connectionId);
    expect(await opened()).toBe(before);
  });
});
