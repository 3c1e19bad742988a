import fc from "fast-check";
import { expect, test } from "vitest";
import { marketingCloudCalls } from "#lib/providers/marketing-cloud/calls.ts";
import type { CallClass } from "#lib/providers/proxied-call.ts";
import { proxiedCall } from "#lib/testing/proxied-call.ts";

const classOf = (...call: Parameters<typeof proxiedCall>) =>
  marketingCloudCalls.classify(proxiedCall(...call)).class;

const guid = "11111111-2222-3333-4444-555555555555";
const operations: Readonly<Record<CallClass, readonly string[]>> = {
  read: [
    "GET /platform/v1/tokenContext",
    "GET /platform/v1/tokencontext",
    "GET /platform/v1/endpoints",
    "GET /platform/v1/endpoints/soap",
    "GET /interaction/v1/rest",
    "GET /v2/userinfo",
    "GET /data/v1/customobjects?$search=a&$page=1&$pageSize=25",
    `GET /data/v1/customobjects/${guid}`,
    `GET /data/v1/customobjects/${guid}/fields`,
    "GET /data/v1/customobjects/category/12",
    "GET /data/v1/customobjectdata/key/orders/rowset?$page=1&$pagesize=1",
    `GET /data/v1/customobjectdata/token/${guid}/rowset?$page=2`,
    `GET /data/v1/async/${guid}/status`,
    `GET /data/v1/async/${guid}/results`,
    "GET /data/v1/audit/auditEvents",
    "GET /interaction/v1/interactions/?$pageSize=500&$page=1",
    "GET /interaction/v1/interactions/key:welcome?extras=activities&versionNumber=1",
    `GET /interaction/v1/interactions/publishStatus/${guid}`,
    `GET /interaction/v1/interactions/${guid}/audit/all`,
    "GET /interaction/v1/eventDefinitions?extras=all",
    "POST /interaction/v1/interactions/validateAsync",
    "POST /interaction/v1/interactions/contactMembership",
    "GET /automation/v1/automations",
    `GET /automation/v1/automations/${guid}`,
    "GET /automation/v1/queries/?$pageSize=500&$page=1",
    `GET /automation/v1/queries/${guid}/actions/isrunning`,
    "GET /automation/v1/scripts/",
    `GET /automation/v1/dataverifications/${guid}`,
    "GET /automation/v1/ftplocations/",
    "GET /automation/v1/dataextracttypes/",
    "GET /data/v1/filetransferlocations",
    `GET /email/v1/filters/filterdefinition/${guid}`,
    "POST /automation/v1/queries/actions/validate/",
    "GET /hub/v1/contacts/schema/setDefinitions",
    "GET /legacy/v1/beta/bulk/automations/automation/definition/?$top=100&$skip=0",
    `GET /legacy/v1/beta/automations/notifications/${guid}`,
    "GET /legacy/v1/beta/mobile/keyword/",
    "GET /legacy/v1/beta/mobile/imports/",
    "GET /legacy/v1/beta/messaging/deliverypolicy/",
    "GET /asset/v1/content/assets?$filter=Name%20like%20'x'",
    "GET /asset/v1/content/assets/42",
    "GET /asset/v1/content/assets/42/file",
    "POST /asset/v1/content/assets/query?scope=shared",
    "GET /asset/v1/content/categories",
    "GET /asset/v1/content/categories/7",
    "GET /messaging/v1/email/definitions/",
    "GET /messaging/v1/email/definitions/welcome",
    "GET /messaging/v1/email/definitions/welcome/queue",
    "GET /messaging/v1/email/messages/?type=notSent",
    "GET /messaging/v1/sms/messages/abc",
    "POST /address/v1/validateEmail",
    "POST /contacts/v1/addresses/email/search",
    "POST /contacts/v1/addresses/count/",
    "POST /contacts/v1/addresses/search/email/",
    "POST /contacts/v1/attributes/search",
    "GET /contacts/v1/schema",
    "GET /contacts/v1/attributeSets/name:Email",
    "GET /contacts/v1/contacts/actions/delete/status?operationID=1",
    "GET /hub/v1/campaigns",
    "GET /hub/v1/approvals/settings",
    "GET /hub/v1/nestedtags",
    "GET /platform/v1/ens-callbacks",
    "GET /push/v1/message/abc",
    "GET /push/v1/messageContact/abc/deliveries/def",
    "GET /sms/v1/messageList/abc/deliveries/def",
    "POST /sms/v1/contacts/subscriptions",
  ],
  write: [
    "POST /data/v1/customobjects",
    `PATCH /data/v1/customobjects/${guid}`,
    `DELETE /data/v1/customobjects/${guid}`,
    `POST /data/v1/customobjects/${guid}/cleardata`,
    `POST /data/v1/customobjectsasync/${guid}/fields`,
    "POST /hub/v1/dataevents/key:orders/rowset",
    "PUT /hub/v1/dataevents/key:orders/rows/id:1,line:2",
    "PUT /hub/v1/dataevents/key:orders/rows/id:1/column/n/increment?step=2",
    "POST /hub/v1/dataeventsasync/key:orders/rowset",
    "POST /data/v1/async/dataextensions/key:orders/rows",
    `PUT /data/v1/async/dataextensions/${guid}/rows`,
    "POST /interaction/v1/interactions",
    "PUT /interaction/v1/interactions",
    `DELETE /interaction/v1/interactions/${guid}`,
    "POST /interaction/v1/eventDefinitions",
    "POST /asset/v1/content/assets",
    "PATCH /asset/v1/content/assets/42",
    "DELETE /asset/v1/content/assets/42",
    "POST /asset/v1/content/categories",
    "POST /messaging/v1/email/definitions",
    "PATCH /messaging/v1/email/definitions/welcome",
    "DELETE /messaging/v1/email/definitions/welcome/queue",
    "POST /contacts/v1/contacts",
    "PATCH /contacts/v1/contacts",
    "POST /contacts/v1/contacts/actions/delete?type=keys",
    "POST /hub/v1/campaigns",
    "POST /hub/v1/nestedtags",
    "POST /sms/v1/keyword",
    "PUT /push/v1/location/abc",
    "PUT /push/v1/application/abc/key",
  ],
  code: [
    "POST /messaging/v1/email/messages",
    "POST /messaging/v1/email/messages/abc",
    "POST /messaging/v1/sms/messages/abc",
    "POST /messaging/v1/push/messages",
    "POST /messaging/v1/messageDefinitionSends/key:welcome/send",
    `POST /interaction/v1/interactions/publishAsync/${guid}?versionNumber=1`,
    `POST /interaction/v1/interactions/stop/${guid}?versionNumber=1`,
    "POST /interaction/v1/interactions/pause/key:welcome?versionNumber=1",
    `POST /interaction/v1/interactions/resume/${guid}?versionNumber=1`,
    "POST /interaction/v1/interactions/contactexit",
    "POST /interaction/v1/events",
    "POST /automation/v1/automations",
    `PATCH /automation/v1/automations/${guid}`,
    `POST /automation/v1/automations/${guid}/actions/runallonce`,
    "POST /automation/v1/automations/key:nightly/actions/runallonce",
    `POST /automation/v1/queries/${guid}/actions/start`,
    "POST /automation/v1/scripts",
    "POST /legacy/v1/beta/bulk/automations/automation/definition/?action=schedule",
    "POST /sms/v1/messageContact/abc/send",
    "POST /sms/v1/queueMO",
    "POST /push/v1/message",
    "POST /push/v1/messageTag/abc/send",
    "PATCH /hub/v1/approvals/abc",
    "POST /platform/v1/ens-callbacks",
    "POST /contacts/v1/contactEvents",
  ],
  credentials: [
    "POST /v1/requestToken",
    "POST /v2/token",
    "GET /v2/authorize?client_id=a",
    "POST /platform/v1/key",
    "GET /platform/v1/key",
    "PUT /platform/v1/ens-regenerate",
    "POST /data/v1/filetransferlocations",
  ],
  unknown: [
    "GET /",
    "GET /data/v1/somethingNew",
    "POST /data/v1/customobjectdata/key/orders/rowset",
    "GET /data/v2/customobjects",
    "GET /messaging/v1/fax/definitions",
    "DELETE /messaging/v1/email/messages/abc",
    "OPTIONS /platform/v1/tokenContext",
    "GET /hub/v1/dataevents/orders/rowset",
    "POST /Service.asmx",
    "GET /automation/v1/somethingNew",
    "POST /asset/v1/content/assets/42/somethingNew",
  ],
};

for (const [expected, lines] of Object.entries(operations)) {
  test.each(lines)(`[BRK-7] ${expected}: %s`, (line) => {
    expect(classOf(line, line.startsWith("POST") ? {} : undefined)).toBe(expected);
  });
}

test("[BRK-7] no address outside the table is a read", () => {
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
  const tail = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1, maxLength: 4 });
  const family = fc.constantFrom(
    "data",
    "hub",
    "interaction",
    "automation",
    "messaging",
    "contacts",
  );
  fc.assert(
    fc.property(method, family, tail, (verb, name, segments) => {
      expect(classOf(`${verb} /${name}/v1/zz${segments.join("/")}`)).toBe("unknown");
    }),
    { numRuns: 10_000 },
  );
});

test("[BRK-7] a read by POST takes its question as JSON and nothing else", () => {
  const line = "POST /asset/v1/content/assets/query";
  expect(classOf(line, {}, { contentType: "application/json; charset=utf-8" })).toBe("read");
  for (const contentType of [null, "text/plain", "application/x-www-form-urlencoded"]) {
    expect(classOf(line, {}, { contentType })).toBe("unknown");
  }
});

const api = "http://exacttarget.com/wsdl/partnerAPI";
const head = '<Header><fueloauth xmlns="http://exacttarget.com">x</fueloauth></Header>';
/** As the SDKs write it: default namespace, body first. */
const envelope = (inner: string, header = head) =>
  `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>${inner}</Body>${header}</Envelope>`;
const soap = (inner: string, soapAction: string | null = null, door: "rest" | "soap" = "soap") =>
  classOf("POST /Service.asmx", envelope(inner), { contentType: "text/xml", soapAction, door });
const message = (name: string, inner = "") => `<${name} xmlns="${api}">${inner}</${name}>`;
const objects = (type: string) =>
  `<Objects xsi:type="${type}"><CustomerKey>a</CustomerKey></Objects>`;

test.each<[string, string, string, CallClass]>([
  [
    "RetrieveRequestMsg",
    "<RetrieveRequest><ObjectType>DataExtension</ObjectType></RetrieveRequest>",
    "Retrieve",
    "read",
  ],
  [
    "RetrieveRequestMsg",
    '<RetrieveRequest><Filter xsi:type="SimpleFilterPart"/></RetrieveRequest>',
    '"Retrieve"',
    "read",
  ],
  [
    "RetrieveRequestMsg",
    "<RetrieveRequest><RetrieveAllSinceLastBatch>true</RetrieveAllSinceLastBatch></RetrieveRequest>",
    "Retrieve",
    "write",
  ],
  ["DefinitionRequestMsg", "", "Describe", "read"],
  ["QueryRequestMsg", "", "Query", "read"],
  ["SystemStatusRequestMsg", "", "GetSystemStatus", "read"],
  ["VersionInfoRequestMsg", "", "VersionInfo", "read"],
  ["CreateRequest", objects("DataExtension"), "Create", "write"],
  ["CreateRequest", objects("ns0:DataExtensionObject"), "Create", "write"],
  ["CreateRequest", objects("EmailSendDefinition"), "Create", "write"],
  ["CreateRequest", objects("TriggeredSend"), "Create", "code"],
  ["CreateRequest", objects("ns0:Send"), "Create", "code"],
  ["CreateRequest", objects("Subscriber") + objects("TriggeredSend"), "Create", "code"],
  ["CreateRequest", objects("AccountUser"), "Create", "credentials"],
  ["UpdateRequest", objects("DataExtension"), "Update", "write"],
  ["UpdateRequest", objects("accountuser"), "Update", "credentials"],
  ["UpdateRequest", "<Objects/>", "Update", "unknown"],
  ["DeleteRequest", objects("DataExtension"), "Delete", "write"],
  ["PerformRequestMsg", "<Action>start</Action>", "Perform", "code"],
  ["ExecuteRequestMsg", "", "Execute", "code"],
  ["ScheduleRequestMsg", "", "Schedule", "code"],
  ["ExtractRequestMsg", "", "Extract", "code"],
  ["ConfigureRequestMsg", "", "Configure", "code"],
  [
    "ConfigureRequestMsg",
    '<Configurations><Configuration xsi:type="PublicKeyManagement"/></Configurations>',
    "Configure",
    "credentials",
  ],
  ["SomethingNew", "", "SomethingNew", "unknown"],
  ["constructor", "", "constructor", "unknown"],
])("[BRK-7] SOAP %s %s (%s) is %s", (name, inner, action, expected) => {
  expect(soap(message(name, inner), action)).toBe(expected);
  expect(soap(message(name, inner))).toBe(expected);
});

test("[BRK-7] where body and SOAPAction differ, the call is unknown", () => {
  expect(soap(message("RetrieveRequestMsg"), "Delete")).toBe("unknown");
  expect(soap(message("DeleteRequest", objects("DataExtension")), "Retrieve")).toBe("unknown");
});

test("[BRK-7] where an envelope's own header names another action, the call is unknown", () => {
  const header = (action: string) =>
    `<Header xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><a:Action>${action}</a:Action></Header>`;
  const of = (action: string) =>
    classOf("POST /Service.asmx", envelope(message("RetrieveRequestMsg"), header(action)), {
      contentType: "text/xml",
      door: "soap",
    });
  expect(of("Retrieve")).toBe("read");
  expect(of("Perform")).toBe("unknown");
});

test.each(["1999", "2000/10"])("[BRK-7] a type of the %s namespace counts too", (year) => {
  const old = (type: string) =>
    `<Objects xmlns:o="http://www.w3.org/${year}/XMLSchema-instance" o:type="${type}"/>`;
  const create = (type: string) =>
    soap(message("CreateRequest", objects("Subscriber") + old(type)), "Create");
  expect(create("Subscriber")).toBe("write");
  expect(create("Send")).toBe("code");
  expect(create("AccountUser")).toBe("credentials");
});

test("[BRK-7] prefixes and order are the client's own, the namespace is not", () => {
  const zeep = `<?xml version='1.0' encoding='utf-8'?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header/><soap-env:Body><ns0:RetrieveRequestMsg xmlns:ns0="${api}"><ns0:RetrieveRequest/></ns0:RetrieveRequestMsg></soap-env:Body></soap-env:Envelope>`;
  const of = (text: string) =>
    classOf("POST /Service.asmx", text, { contentType: "text/xml; charset=utf-8", door: "soap" });
  expect(of(zeep)).toBe("read");
  expect(of(zeep.replace(api, "urn:other"))).toBe("unknown");
  expect(
    of(zeep.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope")),
  ).toBe("unknown");
  expect(soap(message("RetrieveRequestMsg") + message("DeleteRequest"))).toBe("unknown");
  expect(soap(message("RetrieveRequestMsg"), null, "rest")).toBe("unknown");
});

test("[PLN-9] a call that removes says so, whatever its verb", () => {
  const removes = (line: string) =>
    marketingCloudCalls.classify(proxiedCall(line)).removes === true;
  expect(removes("DELETE /asset/v1/content/assets/42")).toBe(true);
  expect(removes("POST /contacts/v1/contacts/actions/delete")).toBe(true);
  expect(removes(`POST /data/v1/customobjects/${guid}/cleardata`)).toBe(true);
  expect(removes("POST /hub/v1/objects/campaign/tags/delete")).toBe(true);
  expect(removes("POST /hub/v1/campaigns")).toBe(false);
  const soapRemoves = (name: string) =>
    marketingCloudCalls.classify(
      proxiedCall("POST /Service.asmx", envelope(message(name, objects("DataExtension"))), {
        contentType: "text/xml",
        door: "soap",
      }),
    ).removes === true;
  expect(soapRemoves("DeleteRequest")).toBe(true);
  expect(soapRemoves("UpdateRequest")).toBe(false);
});
