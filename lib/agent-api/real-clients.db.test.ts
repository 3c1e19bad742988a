import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import jsforce from "jsforce";
import { describe, expect, test } from "vitest";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenAtOwnOrigin } from "#lib/testing/proxy.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const origin = await listenAtOwnOrigin(deps);
const inAnHour = () => new Date(deps.clock.now().getTime() + 3_600_000);
const require = createRequire(import.meta.url);

type Given = { mode?: "plan" | "build"; directWritesUntil?: Date | null };

async function connected(
  definition: object,
  username: string,
  { mode = "plan", directWritesUntil = null }: Given,
) {
  const owner = await given.person();
  const id = await given.connection(owner, definition);
  await studio.connect(owner, id, username);
  const agent = await givenAgent(deps, owner, { mode, connections: [{ id, directWritesUntil }] });
  simulator.log.clear();
  return { id, agent, base: `${origin}/api/broker/proxy/${id}` };
}
const salesforce = (options: Given = {}) =>
  connected(givenDefinitions.halden, "dana.kowalczyk@halden.example", options);
const marketingCloud = (options: Given = {}) =>
  connected(givenDefinitions.haldenUnit, "d.kowalczyk@halden", options);

/** No request that reached a provider carries anything of ours. */
function expectNothingOfOurs(secret: string): void {
  for (const { path, rawHeaders, body, host } of simulator.log.all()) {
    const all = `${path}\n${rawHeaders.join("\n")}\n${body.toString("latin1")}`;
    expect(all, host).not.toMatch(/mm[kl]_/);
    expect(all, host).not.toContain(secret);
  }
}
const tokenCalls = () => simulator.log.requestsTo(/\/token$/).length;

describe("jsforce, with its address and its token changed and nothing else", () => {
  const connect = ({ base, agent }: { base: string; agent: { key: string } }) =>
    new jsforce.Connection({
      instanceUrl: `${base}/rest`,
      accessToken: agent.key,
      version: "64.0",
    });

  test("reads a query over two pages, describes, and knows who it is", async () => {
    const at = await salesforce();
    const connection = connect(at);
    const names: unknown[] = [];
    await connection
      .query("SELECT Id, Name FROM Contact ORDER BY Name", {
        autoFetch: true,
        maxFetch: 1_000,
        headers: { "Sforce-Query-Options": "batchSize=200" },
      })
      .on("record", (record) => names.push(record.Name))
      .run();
    const { totalSize } = await connection.query("SELECT COUNT() FROM Contact");
    expect(names).toHaveLength(totalSize);
    expect(totalSize).toBeGreaterThan(200);
    const { fields } = await connection.sobject("Account").describe();
    expect(fields.some(({ name }) => name === "Industry")).toBe(true);
    expect(await connection.identity()).toMatchObject({
      username: "dana.kowalczyk@halden.example",
    });
    expect(connection.limitInfo.apiUsage?.limit).toBeGreaterThan(0);
    expectNothingOfOurs(at.agent.key);
  });

  test("creates, changes, reads and deletes where the owner allows it", async () => {
    const connection = connect(await salesforce({ mode: "build", directWritesUntil: inAnHour() }));
    const { id, success } = await connection.sobject("Account").create({ Name: "Kettle & Cloth" });
    expect(success).toBe(true);
    await connection.sobject("Account").update({ Id: id as string, Industry: "Retail" });
    expect(await connection.sobject("Account").retrieve(id as string)).toMatchObject({
      Industry: "Retail",
    });
    await connection.sobject("Account").destroy(id as string);
    await expect(connection.sobject("Account").retrieve(id as string)).rejects.toThrow(/deleted/);
    const many = await connection.sobject("Lead").create([
      { LastName: "Aho", Company: "Aho Oy", Status: "Open" },
      { LastName: "Berg", Company: "Berg AB" },
    ]);
    expect(many.map((one) => one.success)).toEqual([true, false]);
  });

  test("[BRK-8] shows our words where a plan is needed", async () => {
    const connection = connect(await salesforce());
    await expect(connection.sobject("Account").create({ Name: "x" })).rejects.toMatchObject({
      errorCode: "PLAN_REQUIRED",
      message: expect.stringContaining("plan"),
    });
    expect(simulator.log.all()).toEqual([]);
  });

  test("does not notice a token that ended in the middle", async () => {
    const connection = connect(await salesforce());
    await connection.query("SELECT COUNT() FROM Account");
    simulator.clock.advanceSeconds(7_201);
    simulator.log.clear();
    expect((await connection.query("SELECT COUNT() FROM Account")).totalSize).toBe(120);
    expect(tokenCalls()).toBe(1);
  });
});

type Retrieved = { OverallStatus: string; Results: Record<string, unknown>[] };
type Sdk = {
  auth: { getAccessToken(force?: boolean): Promise<Record<string, unknown>> };
  rest: {
    get(url: string): Promise<Record<string, Record<string, unknown>>>;
    getBulk(url: string, pageSize?: number): Promise<{ items: unknown[]; count: number }>;
    post(url: string, body: unknown): Promise<unknown>;
  };
  soap: {
    retrieve(type: string, properties: string[], options?: object): Promise<Retrieved>;
    retrieveBulk(type: string, properties: string[], options?: object): Promise<Retrieved>;
    create(type: string, properties: object): Promise<Retrieved>;
  };
};
const { default: Sdk } = (await import(pathToFileURL(require.resolve("sfmc-sdk")).href)) as {
  default: new (auth: object, options?: object) => Sdk;
};
const unit = { mid: 514012388, subdomain: "mcb4x7t2k9qh1rn8v3z6w0pd5cys" };

describe("sfmc-sdk, with its address, client id and secret changed and nothing else", () => {
  type At = { base: string; agent: { agentId: string; key: string } };
  const make = ({ base, agent }: At, change: object = {}) =>
    new Sdk(
      {
        client_id: agent.agentId,
        client_secret: agent.key,
        // The SDK takes an address only where a tenant's own stands in it.
        auth_url: `${base}/auth/https://${unit.subdomain}.auth.marketingcloudapis.com/`,
        account_id: unit.mid,
        ...change,
      },
      { requestAttempts: 2 },
    );

  test("gets a lease for a token and pages rows, assets and fields", async () => {
    const at = await marketingCloud();
    const sdk = make(at);
    const token = await sdk.auth.getAccessToken();
    expect(token).toMatchObject({
      token_type: "Bearer",
      expires_in: expect.any(Number),
      scope: expect.stringContaining("data_extensions_read"),
      rest_instance_url: `${at.base}/rest/`,
      soap_instance_url: `${at.base}/soap/`,
    });
    expect(String(token.access_token)).toMatch(/^mml_/);
    const context = await sdk.rest.get("/platform/v1/tokenContext");
    expect(context.organization?.id).toBe(unit.mid);
    const assets = await sdk.rest.getBulk("/asset/v1/content/assets", 5);
    expect(assets.items).toHaveLength(assets.count);
    const extensions = await sdk.soap.retrieve("DataExtension", ["CustomerKey", "Name"]);
    expect(extensions.OverallStatus).toBe("OK");
    const key = String(extensions.Results[0]?.CustomerKey);
    const rowset = await sdk.rest.getBulk(`/data/v1/customobjectdata/key/${key}/rowset`, 100);
    expect(rowset.items.length).toBe(rowset.count);
    expectNothingOfOurs(at.agent.key);
  });

  test("reads a SOAP retrieve of several pages", async () => {
    const sdk = make(await marketingCloud());
    const { Results: extensions } = await sdk.soap.retrieve("DataExtension", ["CustomerKey"]);
    const counts = [];
    for (const { CustomerKey } of extensions) {
      const { Results: fields } = await sdk.soap.retrieve("DataExtensionField", ["Name"], {
        filter: {
          leftOperand: "DataExtension.CustomerKey",
          operator: "equals",
          rightOperand: CustomerKey,
        },
      });
      const rows = await sdk.soap.retrieveBulk(`DataExtensionObject[${String(CustomerKey)}]`, [
        String(fields[0]?.Name),
      ]);
      counts.push(rows.Results?.length ?? 0);
    }
    expect(Math.max(...counts)).toBeGreaterThan(2_500);
    const soap = simulator.log.requestsTo("/service.asmx");
    expect(soap.some(({ body }) => body.includes("<ContinueRequest>"))).toBe(true);
  });

  test("[BRK-8] shows our words where a plan is needed, in REST and in SOAP", async () => {
    const sdk = make(await marketingCloud());
    await expect(sdk.rest.post("/asset/v1/content/assets", { name: "x" })).rejects.toThrow(/plan/);
    await expect(sdk.soap.create("DataExtension", { Name: "x", CustomerKey: "x" })).rejects.toThrow(
      /plan/,
    );
  });

  test("refreshes its lease by itself, and never sees the provider's token end", async () => {
    const sdk = make(await marketingCloud());
    await sdk.rest.get("/platform/v1/tokenContext");
    simulator.clock.advanceSeconds(1_300);
    simulator.log.clear();
    await sdk.soap.retrieve("DataExtension", ["Name"]);
    expect(tokenCalls()).toBe(1);
    deps.clock.advanceSeconds(1_300);
    expect((await sdk.rest.get("/platform/v1/tokenContext")).organization?.id).toBe(unit.mid);
    deps.clock.advanceSeconds(1_300);
    expect((await sdk.soap.retrieve("DataExtension", ["Name"])).OverallStatus).toBe("OK");
  });

  test("[BRK-1] a wrong secret, another agent's id, another business unit and unknown scopes are refused in the provider's words", async () => {
    const at = await marketingCloud();
    const other = await marketingCloud();
    const changes: [object, string][] = [
      [{ client_secret: "wrong" }, "invalid_client"],
      [{ client_id: other.agent.agentId }, "invalid_client"],
      [{ account_id: 514012345 }, "invalid_client"],
      [{ scope: ["social_post"] }, "invalid_scope"],
    ];
    for (const [change, code] of changes) {
      await expect(make(at, change).auth.getAccessToken(), code).rejects.toMatchObject({ code });
    }
    await expect(make({ ...at, base: other.base }).auth.getAccessToken()).rejects.toMatchObject({
      code: "invalid_client",
    });
    expect(simulator.log.all()).toEqual([]);
  });
});

type FuelAnswer = { body: { OverallStatus: string; Results: Record<string, unknown>[] } };
type Fuel = {
  FuelAuthClient: {
    refreshToken?: string;
    getAccessToken(options: { force?: boolean }): Promise<object>;
  };
  RestClient: { get(uri: string): Promise<{ res: { statusCode: number }; body: unknown }> };
  SoapClient: {
    retrieve(
      type: string,
      properties: string[],
      options: object,
      callback: (error: Error | null, answer: FuelAnswer) => void,
    ): void;
  };
};
const FuelSdk: new (
  clientId: string,
  clientSecret: string | undefined,
  stack: undefined,
  options: { authOrigin: string; authOptions: object },
) => Fuel = require("sfmc-fuelsdk-node");

describe("FuelSDK for Node", () => {
  const retrieve = (fuel: Fuel) =>
    new Promise<FuelAnswer>((resolve, reject) =>
      fuel.SoapClient.retrieve("DataExtension", ["CustomerKey", "Name"], {}, (error, answer) =>
        error ? reject(error) : resolve(answer),
      ),
    );

  test("as a server-to-server app reads by REST and SOAP", async () => {
    const { base, agent } = await marketingCloud();
    const fuel = new FuelSdk(agent.agentId, agent.key, undefined, {
      authOrigin: `${base}/auth`,
      authOptions: { authVersion: 2, accountId: unit.mid, applicationType: "server" },
    });
    expect(await fuel.FuelAuthClient.getAccessToken({})).toMatchObject({ token_type: "Bearer" });
    expect((await retrieve(fuel)).body.Results.length).toBeGreaterThan(0);
    const { res } = await fuel.RestClient.get("/platform/v1/tokenContext");
    expect(res.statusCode).toBe(200);
    expectNothingOfOurs(agent.key);
  });

  test("as a public app has the agent key for its code, and keeps it for its refresh token", async () => {
    const { base, agent } = await marketingCloud();
    const fuel = new FuelSdk(agent.agentId, undefined, undefined, {
      authOrigin: `${base}/auth`,
      authOptions: {
        authVersion: 2,
        applicationType: "public",
        redirectURI: "http://localhost:3000/callback",
        authorizationCode: agent.key,
      },
    });
    for (let round = 0; round < 3; round++) {
      expect(await fuel.FuelAuthClient.getAccessToken({ force: true })).toMatchObject({
        accessToken: expect.stringMatching(/^mml_/),
      });
    }
    expect(fuel.FuelAuthClient.refreshToken).toBe(agent.key);
    expect((await retrieve(fuel)).body.Results.length).toBeGreaterThan(0);
  });
});

describe("curl", () => {
  const curl = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)("curl", ["-sS", ...args]);
    return stdout;
  };

  test("reads, is told of a plan, and asks the drop-in for a token by form and JSON", async () => {
    const { base, agent } = await salesforce();
    const bearer = ["-H", `Authorization: Bearer ${agent.key}`];
    expect(JSON.parse(await curl(...bearer, `${base}/rest/services/data`))).toContainEqual(
      expect.objectContaining({ version: "64.0" }),
    );
    const refused = await curl(
      ...["-i", ...bearer, "-H", "Content-Type: application/json", "-d", '{"Name":"x"}'],
      `${base}/rest/services/data/v64.0/sobjects/Account`,
    );
    expect(refused).toMatch(/^HTTP\/1\.1 403 /);
    expect(refused).toMatch(/x-studio-code: broker\.plan_required/);
    const cloud = await marketingCloud();
    const { agentId: client_id, key: client_secret } = cloud.agent;
    const fields = { grant_type: "client_credentials", client_id, client_secret };
    const form = new URLSearchParams(fields).toString();
    const byForm = JSON.parse(await curl("-d", form, `${cloud.base}/auth/v2/token`));
    const byJson = JSON.parse(
      await curl(
        ...["-H", "Content-Type: application/json", "-d", JSON.stringify(fields)],
        `${cloud.base}//auth//v2/token/`,
      ),
    );
    expect(Object.keys(byForm)).toEqual(Object.keys(byJson));
    const who = JSON.parse(
      await curl(
        "-H",
        `Authorization: Bearer ${byForm.access_token}`,
        `${cloud.base}/auth/v2/userinfo`,
      ),
    );
    expect(who.organization.member_id).toBe(unit.mid);
    expect(who.rest).toEqual({
      rest_instance_url: `${cloud.base}/rest/`,
      soap_instance_url: `${cloud.base}/soap/`,
    });
    expectNothingOfOurs(client_secret);
    const [asked] = simulator.log.requestsTo("/v2/userinfo");
    expect(asked && loggedHeader(asked, "authorization")).toMatch(/^Bearer [\w.-]{512}$/);
  });

  test("a lease's token opens its own connection's proxy and no other", async () => {
    const one = await marketingCloud();
    const other = await marketingCloud();
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: one.agent.agentId,
      client_secret: one.agent.key,
    });
    const { access_token } = JSON.parse(
      await curl("-d", form.toString(), `${one.base}/auth/v2/token`),
    );
    const status = (base: string) =>
      curl(
        ...["-o", "/dev/null", "-w", "%{http_code}", "-H", `Authorization: Bearer ${access_token}`],
        `${base}/rest/platform/v1/tokenContext`,
      );
    expect([await status(one.base), await status(other.base)]).toEqual(["200", "404"]);
  });
});
