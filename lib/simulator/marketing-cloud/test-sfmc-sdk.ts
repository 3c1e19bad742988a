/** Runs sfmc-sdk as its users do and prints what it got, as JSON: see sfmc-sdk.test.ts. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { halden } from "./testing.ts";

type Results = { OverallStatus: string; Results: Record<string, unknown>[] };
type Sdk = {
  auth: {
    getAccessToken(force?: boolean): Promise<Record<string, unknown>>;
  };
  rest: {
    get(url: string): Promise<Record<string, unknown>>;
    getBulk(url: string, pageSize?: number): Promise<{ items: unknown[]; count: number }>;
  };
  soap: {
    retrieve(type: string, properties: string[], options?: object): Promise<Results>;
    retrieveBulk(type: string, properties: string[], options?: object): Promise<Results>;
  };
};
const path = createRequire(import.meta.url).resolve("sfmc-sdk");
const { default: Sdk } = (await import(pathToFileURL(path).href)) as {
  default: new (auth: object, options?: object) => Sdk;
};

const make = (change: object = {}) =>
  new Sdk(
    {
      client_id: halden.server,
      client_secret: halden.serverSecret,
      auth_url: `https://${halden.subdomain}.auth.marketingcloudapis.com/`,
      account_id: halden.mids.parent,
      ...change,
    },
    { requestAttempts: 2 },
  );
const refused = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    ({ message, code }: { message: string; code: unknown }) => ({ message, code }),
  );

const parent = make();
const child = make({ account_id: halden.mids.dach });
const { access_token: _secret, ...token } = await parent.auth.getAccessToken();
const units = await parent.soap.retrieve("BusinessUnit", ["ID", "Name"], {
  QueryAllAccounts: true,
});
const context = await child.rest.get("/platform/v1/tokenContext");
const rows = await parent.soap.retrieveBulk("DataExtensionObject[Orders]", ["OrderId"]);
const assets = await parent.rest.getBulk("/asset/v1/content/assets", 5);
const fields = await parent.soap.retrieve("DataExtensionField", ["Name"], {
  filter: { leftOperand: "DataExtension.CustomerKey", operator: "equals", rightOperand: "Stores" },
});
console.log(
  JSON.stringify({
    token,
    units: units.Results,
    context,
    rowCount: rows.Results.length,
    assets: [assets.items.length, assets.count],
    fieldCount: fields.Results.length,
    wrongSecret: await refused(make({ client_secret: "wrong" }).auth.getAccessToken()),
    wrongProperty: await refused(parent.soap.retrieve("DataExtension", ["Shoe"])),
    notEnabled: await refused(make({ account_id: halden.mids.outlet }).auth.getAccessToken()),
  }),
);
