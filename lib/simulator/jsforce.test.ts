import jsforce from "jsforce";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";

const callback = "http://localhost:1717/OauthRedirect";
const username = "dana.kowalczyk@halden.example";
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    seed: "jsforce",
    studioUrl: "http://localhost:3000",
    tls: false,
    control: false,
  });
});
afterAll(() => simulator.close());

const app = (clientId: string) =>
  new jsforce.OAuth2({
    loginUrl: `${simulator.loopbackUrl}/login.salesforce.com`,
    clientId,
    redirectUri: callback,
    useVerifier: true,
  });

/** jsforce's web server flow with the pages walked as a person would. */
async function connect(clientId: string = seededApps.studio) {
  const oauth2 = app(clientId);
  const refreshed: { access: string; refresh: string | undefined }[] = [];
  const connection = new jsforce.Connection({ oauth2 });
  connection.on("refresh", (access: string, answer: { refresh_token?: string }) => {
    refreshed.push({ access, refresh: answer.refresh_token });
  });
  const back = await simulator.salesforce.approve(
    oauth2.getAuthorizationUrl({ scope: "api refresh_token id", state: "s1" }),
    { username },
  );
  const code = new URL(back).searchParams.get("code") as string;
  const identity = await connection.authorize(code);
  return { oauth2, connection, identity, refreshed };
}

test("jsforce signs in by the web server flow and knows who it is", async () => {
  const { connection, identity } = await connect();
  expect(identity.organizationId).toMatch(/^00D/);
  expect(connection.instanceUrl).toBe(`${simulator.loopbackUrl}/haldenoutdoor.my.salesforce.com`);
  const who = await connection.identity();
  expect(who).toMatchObject({ username, user_id: identity.id });
  const [request] = simulator.salesforce.requestsTo("/services/oauth2/token").slice(-1);
  expect(request?.body.toString()).toMatch(/code_verifier=[\w-]{171}/);
});

test("jsforce reads a query over two pages by itself", async () => {
  const { connection } = await connect();
  const names: unknown[] = [];
  await connection
    .query("SELECT Id, Name, Account.Name FROM Contact ORDER BY Name", {
      autoFetch: true,
      maxFetch: 1000,
      headers: { "Sforce-Query-Options": "batchSize=200" },
    })
    .on("record", (record) => names.push(record.Name))
    .run();
  const total = await connection.query("SELECT COUNT() FROM Contact");
  expect(names).toHaveLength(total.totalSize);
  expect(total.totalSize).toBeGreaterThan(200);
  expect(simulator.salesforce.requestsTo(/\/query\/01g\w+-200$/).length).toBeGreaterThan(0);
});

test("jsforce creates, changes, describes and deletes a record", async () => {
  const { connection } = await connect();
  const made = await connection.sobject("Account").create({ Name: "Kettle & Cloth" });
  expect(made.success).toBe(true);
  const id = made.id as string;
  await connection.sobject("Account").update({ Id: id, Industry: "Retail" });
  expect(await connection.sobject("Account").retrieve(id)).toMatchObject({ Industry: "Retail" });
  const described = await connection.sobject("Account").describe();
  expect(described.fields.some(({ name }) => name === "Industry")).toBe(true);
  await connection.sobject("Account").destroy(id);
  await expect(connection.sobject("Account").retrieve(id)).rejects.toThrow(/deleted/);
  const many = await connection.sobject("Lead").create([
    { LastName: "Aho", Company: "Aho Oy", Status: "Open" },
    { LastName: "Berg", Company: "Berg AB" },
  ]);
  expect(many.map(({ success }) => success)).toEqual([true, false]);
});

test("an ended session starts jsforce's refresh, and each refresh brings a new refresh token", async () => {
  const { connection, refreshed } = await connect();
  const first = connection.refreshToken;
  simulator.clock.advanceSeconds(7201);
  const { totalSize } = await connection.query("SELECT COUNT() FROM Account");
  expect(totalSize).toBe(120);
  expect(refreshed).toHaveLength(1);
  expect(refreshed[0]?.refresh).toBeDefined();
  expect(refreshed[0]?.refresh).not.toBe(first);
});

test("a replaced refresh token that jsforce sends again ends the whole family", async () => {
  const { oauth2, connection } = await connect();
  const first = connection.refreshToken as string;
  const second = await oauth2.refreshToken(first);
  await expect(oauth2.refreshToken(first)).rejects.toMatchObject({ name: "invalid_grant" });
  const heir = (second as { refresh_token?: string }).refresh_token as string;
  await expect(oauth2.refreshToken(heir)).rejects.toThrow("expired access/refresh token");
});

test("jsforce revokes, and the token is dead", async () => {
  const { oauth2, connection } = await connect();
  const token = connection.refreshToken as string;
  await oauth2.revokeToken(token);
  await expect(oauth2.refreshToken(token)).rejects.toMatchObject({ name: "invalid_grant" });
});

test("the CLI's own app works with the CLI's request, without secret or rotation", async () => {
  const oauth2 = app("PlatformCLI");
  const connection = new jsforce.Connection({ oauth2 });
  const asked = { scope: "refresh_token api web", prompt: "login", state: "0123456789ab" };
  const back = await simulator.salesforce.approve(oauth2.getAuthorizationUrl(asked), { username });
  await connection.authorize(new URL(back).searchParams.get("code") as string);
  const again = await oauth2.refreshToken(connection.refreshToken as string);
  expect(again).not.toHaveProperty("refresh_token");
});
