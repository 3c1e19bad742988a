/** Runs sfmc-sdk as its users do and prints what it got, as JSON: see sfmc-sdk.test.ts. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { halden } from "./testing.ts";

type Results = { OverallStatus: string; Results: Record<string, unknown>[] };
type Bulk = { items: Record<string, string>[]; entry?: unknown[]; count: number };
type Sdk = {
  auth: {
    getAccessToken(force?: boolean): Promise<Record<string, unknown>>;
  };
  rest: {
    get(url: string): Promise<Record<string, unknown>>;
    getBulk(url: string, pageSize?: number): Promise<Bulk>;
    post(url: string, payload: unknown): Promise<Record<string, unknown>>;
    patch(url: string, payload: unknown): Promise<Record<string, unknown>>;
    delete(url: string): Promise<unknown>;
  };
  soap: {
    retrieve(type: string, properties: string[], options?: object): Promise<Results>;
    retrieveBulk(type: string, properties: string[], options?: object): Promise<Results>;
    create(type: string, values: object, options?: object): Promise<Results>;
    update(type: string, values: object, options?: object): Promise<Results>;
    delete(type: string, values: object): Promise<Results>;
    perform(type: string, action: string, payload: object): Promise<Results>;
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
const interactions = "/interaction/v1/interactions";
const journeys = await parent.rest.getBulk(`${interactions}/?extras=all`, 20);
const made = await parent.rest.post(interactions, {
  key: "sdk",
  name: "By the SDK",
  workflowApiVersion: 1.0,
});
await parent.rest.delete(`${interactions}/${made.id}?versionNumber=1`);
const automations = await parent.rest.getBulk("/automation/v1/automations/", 20);
const legacy = await parent.rest.getBulk("/legacy/v1/beta/bulk/automations/automation/definition/");
const ready = automations.items.find(({ status }) => status === "Ready");
const performed = await parent.soap.perform("Automation", "start", { ObjectID: ready?.id });
const asset = await parent.rest.post("/asset/v1/content/assets/", {
  name: "By the SDK",
  assetType: { id: 208, name: "htmlemail" },
  views: { html: { content: "<p>Hello</p>" } },
});
await parent.rest.patch(`/asset/v1/content/assets/${asset.id}`, { description: "Changed" });
await parent.rest.delete(`/asset/v1/content/assets/${asset.id}`);
const message = await parent.rest.post("/messaging/v1/email/messages/sdk-1", {
  definitionKey: "receipt",
  recipient: { contactKey: "sdk", to: "sdk@mail.example" },
});
const values = () => ({ SubscriberKey: "sdk-1", EmailAddress: "sdk.one@mail.example" });
const created = await parent.soap.create("Subscriber", values());
const upsert = {
  options: { SaveOptions: [{ SaveOption: { PropertyName: "*", SaveAction: "UpdateAdd" } }] },
};
const updated = await parent.soap.update("Subscriber", values(), upsert);
const deleted = await parent.soap.delete("Subscriber", { SubscriberKey: "sdk-1" });
const sent = await parent.soap.retrieveBulk("SentEvent", ["SubscriberKey", "EventDate"]);
console.log(
  JSON.stringify({
    journeys: [journeys.items.length, journeys.count],
    made: [made.status, made.version],
    automations: [automations.items.length, automations.count, legacy.entry?.length],
    performed: performed.OverallStatus,
    message: message.responses,
    subscriber: [created, updated, deleted].map(({ OverallStatus }) => OverallStatus),
    sent: sent.Results.length,
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
