import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import { demoMarketingCloud as demo } from "./demo.ts";

// CommonJS without types; the parts that are used here.
type Callback<T> = (error: Error | null, answer: T) => void;
type SoapAnswer = {
  body: { OverallStatus: string; RequestID: string; Results: Record<string, unknown>[] };
};
type Fuel = {
  FuelAuthClient: {
    refreshToken: string;
    getAccessToken(options: { force?: boolean }): Promise<{
      accessToken: string | null;
      expires_in: number;
      error?: string;
    }>;
  };
  RestClient: { get(uri: string): Promise<{ res: { statusCode: number }; body: unknown }> };
  SoapClient: {
    retrieve(
      type: string,
      properties: string[],
      options: object,
      callback: Callback<SoapAnswer>,
    ): void;
  };
  dataExtension(options: object): {
    get(callback: Callback<SoapAnswer>): void;
    post(callback: Callback<SoapAnswer>): void;
    delete(callback: Callback<SoapAnswer>): void;
  };
  dataExtensionRow(options: object): {
    get(callback: Callback<SoapAnswer>): void;
    post(callback: Callback<SoapAnswer>): void;
    delete(callback: Callback<SoapAnswer>): void;
  };
};
type FuelConstructor = new (
  clientId: string,
  clientSecret: undefined,
  stack: undefined,
  options: { authOrigin: string; authOptions: object },
) => Fuel;
const FuelSdk: FuelConstructor = createRequire(import.meta.url)("sfmc-fuelsdk-node");

const redirectURI = "http://localhost:3000/auth/sfmc-callback";
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    seed: "clients",
    studioUrl: "http://localhost:3000",
    tls: false,
    control: false,
  });
});
afterAll(() => simulator.close());

async function connect(more: object = {}): Promise<Fuel> {
  const authOrigin = `${simulator.loopbackUrl}/${demo.authHost}`;
  const query = new URLSearchParams({
    response_type: "code",
    client_id: demo.clientId,
    redirect_uri: redirectURI,
    state: "fuel",
  });
  const callback = await simulator.marketingCloud.approve(`${authOrigin}/v2/authorize?${query}`, {
    username: demo.users.maya,
  });
  const authorizationCode = new URL(callback).searchParams.get("code");
  simulator.log.clear();
  return new FuelSdk(demo.clientId, undefined, undefined, {
    authOrigin,
    authOptions: {
      authVersion: 2,
      applicationType: "public",
      redirectURI,
      authorizationCode,
      ...more,
    },
  });
}

const call = <T>(work: (callback: Callback<T>) => void): Promise<T> =>
  new Promise((resolve, reject) =>
    work((error, answer) => (error ? reject(error) : resolve(answer))),
  );

describe("FuelSDK for Node, public app", () => {
  test("trades its code, then refreshes with the newest refresh token each time", async () => {
    const fuel = await connect();
    const seen = [];
    for (let round = 0; round < 5; round++) {
      const answer = await fuel.FuelAuthClient.getAccessToken({ force: true });
      expect(answer).toMatchObject({ accessToken: expect.any(String), expires_in: 1079 });
      seen.push(fuel.FuelAuthClient.refreshToken);
    }
    expect(new Set(seen).size).toBe(5);
    const bodies = simulator.log
      .requestsTo("/v2/token")
      .map(({ body }) => JSON.parse(body.toString("utf8")));
    expect(bodies.map(({ grant_type }) => grant_type)).toEqual([
      "authorization_code",
      ...Array(4).fill("refresh_token"),
    ]);
    expect(bodies.slice(1).map(({ refresh_token }) => refresh_token)).toEqual(seen.slice(0, 4));
    expect(bodies[0]).not.toHaveProperty("client_secret");
  });

  test("lists the business units of the parent over SOAP", async () => {
    const fuel = await connect();
    const { body } = await call<SoapAnswer>((callback) =>
      fuel.SoapClient.retrieve(
        "BusinessUnit",
        ["ID", "Name", "ParentID", "IsActive"],
        { queryAllAccounts: true },
        callback,
      ),
    );
    expect(body.OverallStatus).toBe("OK");
    expect(body.Results.slice(0, 4).map(({ ID, Name }) => [Number(ID), Name])).toEqual([
      [demo.mids.parent, "Northpine Outfitters"],
      [demo.mids.stores, "Northpine Stores"],
      [demo.mids.loyalty, "Northpine Loyalty"],
      [demo.mids.wholesale, "Northpine Wholesale"],
    ]);
  });

  test("works in the business unit of its account id", async () => {
    const fuel = await connect({ accountId: demo.mids.stores });
    const { body } = await fuel.RestClient.get("/platform/v1/tokenContext");
    expect(body).toMatchObject({ organization: { id: demo.mids.stores } });
    await fuel.FuelAuthClient.getAccessToken({ force: true });
    const again = await fuel.RestClient.get("/platform/v1/tokenContext");
    expect(again.body).toMatchObject({ organization: { id: demo.mids.stores } });
  });

  test("refreshes by itself when the token is stale, though it lower-cases every path", async () => {
    const fuel = await connect();
    await fuel.RestClient.get("/platform/v1/tokenContext");
    simulator.clock.advanceSeconds(1300);
    const { res, body } = await fuel.RestClient.get(
      "/data/v1/customobjectdata/key/Stores/rowset?$page=1&$pageSize=2",
    );
    expect(res.statusCode).toBe(200);
    expect(body).toMatchObject({ customObjectKey: "Stores", count: 24, pageSize: 2 });
    const statuses = simulator.log.all().map(({ path, status }) => [path.split("?")[0], status]);
    expect(statuses.slice(-3)).toEqual([
      ["/data/v1/customobjectdata/key/stores/rowset", 401],
      ["/v2/token", 200],
      ["/data/v1/customobjectdata/key/stores/rowset", 200],
    ]);
  });

  test("finds data extensions, pages through rows", async () => {
    const fuel = await connect();
    const filter = { leftOperand: "CustomerKey", operator: "equals", rightOperand: "Orders" };
    const found = await call<SoapAnswer>((callback) =>
      fuel.dataExtension({ props: ["CustomerKey", "Name"], filter }).get(callback),
    );
    expect(found.body.Results[0]).toMatchObject({ CustomerKey: "Orders", Name: "Orders" });
    const rows = (options: object) =>
      call<SoapAnswer>((callback) =>
        fuel.SoapClient.retrieve(
          "DataExtensionObject[Orders]",
          ["OrderId", "Total"],
          options,
          callback,
        ),
      );
    const first = await rows({});
    expect([first.body.OverallStatus, first.body.Results.length]).toEqual([
      "MoreDataAvailable",
      2500,
    ]);
    const second = await rows({ continueRequest: first.body.RequestID });
    expect([second.body.OverallStatus, second.body.Results.length]).toEqual(["OK", 1700]);
  });

  test("creates a data extension, writes and deletes a row, deletes the data extension", async () => {
    const fuel = await connect();
    const props = { CustomerKey: "Fuel_Test", Name: "Fuel & test" };
    const columns = [
      { Name: "Key", FieldType: "Text", MaxLength: "20", IsPrimaryKey: "true", IsRequired: "true" },
      { Name: "Value", FieldType: "Text" },
    ];
    await call<SoapAnswer>((callback) =>
      fuel.dataExtension({ props: { ...props }, columns }).post(callback),
    );
    const row = { CustomerKey: "Fuel_Test", Name: "Fuel_Test" };
    const written = await call<SoapAnswer>((callback) =>
      fuel.dataExtensionRow({ ...row, props: { Key: "1", Value: "<a> & b" } }).post(callback),
    );
    expect(written.body.OverallStatus).toBe("OK");
    const read = await call<SoapAnswer>((callback) =>
      fuel.dataExtensionRow({ ...row, props: ["Key", "Value"] }).get(callback),
    );
    expect(JSON.stringify(read.body.Results)).toContain("<a> & b");
    await call<SoapAnswer>((callback) =>
      fuel.dataExtensionRow({ ...row, props: { Key: "1" } }).delete(callback),
    );
    const gone = await call<SoapAnswer>((callback) =>
      fuel.dataExtension({ props: { CustomerKey: "Fuel_Test" } }).delete(callback),
    );
    expect(gone.body.OverallStatus).toBe("OK");
  });

  test("hands on the vendor's refusal when its refresh token is spent", async () => {
    const fuel = await connect();
    await fuel.FuelAuthClient.getAccessToken({ force: true });
    const old = fuel.FuelAuthClient.refreshToken;
    await fuel.FuelAuthClient.getAccessToken({ force: true });
    fuel.FuelAuthClient.refreshToken = old;
    const answer = await fuel.FuelAuthClient.getAccessToken({ force: true });
    expect(answer).toMatchObject({ accessToken: null, error: "invalid_grant" });
  });
});
