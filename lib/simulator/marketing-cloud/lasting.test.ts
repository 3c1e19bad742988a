import { afterAll, describe, expect, test } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import { northpineMids } from "./seed-business-units.ts";
import { marketingCloudFaults } from "./switches.ts";
import { connectedCloud, halden, testCloud } from "./testing.ts";

const messages = "/messaging/v1/email/messages";
const message = {
  definitionKey: "receipt",
  recipient: { contactKey: "C000001", to: "first@mail.example" },
};
const interactions = "/interaction/v1/interactions";
const draft = { key: "kept", name: "Kept", workflowApiVersion: 1 };

describe("what was changed", () => {
  test("survives a restart: drafts, runs, mails, messages, people; what was deleted stays away", async () => {
    const before = await connectedCloud();
    await before.act("POST", interactions, draft);
    await before.act("DELETE", `${interactions}/key:spring-catalogue`);
    await before.act("POST", "/automation/v1/automations/key:newsletter-send/actions/runallonce");
    await before.act("DELETE", "/automation/v1/automations/key:half-built");
    await before.act("POST", `${messages}/key-1`, message);
    await before.act("POST", "/contacts/v1/contacts", { contactKey: "kept-1" });
    await before.act("PUT", "/hub/v1/dataevents/key:Stores/rows/StoreId:S000001", {
      values: { City: "Narvik" },
    });

    const after = testCloud({}, "after");
    after.cloud.importState(JSON.parse(JSON.stringify(before.cloud.exportState())));
    const read = async (path: string) => (await after.get(before.access, path)).json;
    expect((await read(`${interactions}/key:kept`)).status).toBe("Draft");
    expect((await read(`${interactions}/key:spring-catalogue`)).errorcode).toBe(30003);
    const run = await read("/automation/v1/automations/key:newsletter-send");
    expect(run.status).toBe("Running");
    expect((await read("/automation/v1/automations/key:half-built")).errorcode).toBe(30003);
    expect((await read(`${messages}/key-1`)).eventCategoryType).toMatch(/Queued$/);
    const again = await after.change(before.access, "POST", `${messages}/key-1`, message);
    expect(again.status).toBe(409);
    const rows = "/data/v1/customobjectdata/key/Stores/rowset?$filter=City eq 'Narvik'";
    expect((await read(rows)).count).toBe(1);
    after.clock.advanceSeconds(5);
    expect(after.cloud.sends(halden.subdomain, halden.mids.parent)).toHaveLength(1);
  });

  test("is forgotten when the state of the start comes back", async () => {
    const cloud = await connectedCloud();
    const atStart = structuredClone(cloud.cloud.exportState());
    await cloud.act("POST", interactions, draft);
    cloud.cloud.importState(atStart);
    const { access } = await cloud.connect();
    expect((await cloud.get(access, `${interactions}/key:kept`)).status).toBe(404);
  });
});

describe("a business unit that was just opened", () => {
  test("has nothing, and says so in each family's own way", async () => {
    const cloud = testCloud();
    const { demo, token, get, retrieve } = cloud;
    const [refreshToken] = cloud.cloud.signInMany({
      subdomain: demo.subdomain,
      clientId: demo.clientId,
      username: demo.users.maya,
      count: 1,
    });
    const grant = {
      grant_type: "refresh_token",
      client_id: demo.clientId,
      refresh_token: refreshToken,
      account_id: northpineMids.storesWest,
    };
    const access = (await token(grant, demo.subdomain)).json.access_token;
    const read = async (path: string) => (await get(access, path, demo.subdomain)).json;
    for (const path of [interactions, "/automation/v1/automations", "/asset/v1/content/assets"]) {
      expect(await read(path)).toMatchObject({ count: 0, items: [] });
    }
    const definitions = await read("/messaging/v1/email/definitions");
    expect(definitions).toMatchObject({ count: 0, definitions: [] });
    for (const type of ["DataExtension", "Subscriber", "SentEvent"]) {
      const property = type === "DataExtension" ? "Name" : "SubscriberKey";
      const { text } = await retrieve(access, type, [property], "", demo.subdomain);
      expect(text).toContain("<OverallStatus>OK</OverallStatus>");
      expect(text).not.toContain("<Results");
    }
  });
});

describe("on a bad day", () => {
  const routes = [
    ["GET", interactions],
    ["POST", "/automation/v1/automations/key:newsletter-send/actions/runallonce"],
    ["POST", "/asset/v1/content/assets"],
    ["POST", `${messages}/key-1`],
    ["PATCH", "/contacts/v1/contacts"],
    ["POST", "/data/v1/customobjects"],
  ] as const;
  test.each(
    routes.flatMap(([method, path]) =>
      (
        [
          ["rate-limited", 429],
          ["server-error", 500],
          ["insufficient-privileges", 403],
        ] as const
      ).map(([fault, status]) => [method, path, fault, status] as const),
    ),
  )("%s %s meets %s with %s and does nothing", async (method, path, fault, status) => {
    const { act, faults } = await connectedCloud();
    faults.set(marketingCloudFaults.rest, fault, { path, times: 1 });
    expect((await act(method, path, message)).status).toBe(status);
    if (path.startsWith(messages)) {
      expect((await act(method, path, message)).status).toBe(202);
    }
  });

  const simulators: Simulator[] = [];
  afterAll(() => Promise.all(simulators.map((one) => one.close())));
  test("an answer that is lost was work done: the key was taken, and one mail leaves", async () => {
    const simulator = await startSimulator({
      seed: "bad-day",
      studioUrl: "http://localhost:3000",
      tls: false,
      control: false,
    });
    simulators.push(simulator);
    const base = (role: string) =>
      `${simulator.loopbackUrl}/${halden.subdomain}.${role}.marketingcloudapis.com`;
    const token = await fetch(`${base("auth")}/v2/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        grant_type: "client_credentials",
        client_id: halden.server,
        client_secret: halden.serverSecret,
        account_id: halden.mids.parent,
      }),
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const send = () =>
      fetch(`${base("rest")}${messages}/key-1`, {
        method: "POST",
        headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
        body: JSON.stringify(message),
      });
    simulator.faults.set(wireFaults.cut, { stage: "after-work" }, { path: messages, times: 1 });
    await expect(send()).rejects.toThrow();
    expect((await send()).status).toBe(409);
    simulator.clock.advanceSeconds(5);
    const sends = simulator.marketingCloud.sends(halden.subdomain, halden.mids.parent);
    expect(sends.map(({ messageKey }) => messageKey)).toEqual(["key-1"]);

    simulator.faults.set(wireFaults.slow, { ms: 1 }, { path: messages, times: 1 });
    expect((await send()).status).toBe(409);
  });
});
