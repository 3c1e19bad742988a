import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallClass } from "#lib/providers/proxied-call.ts";
import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import { proxiedCall } from "#lib/testing/proxied-call.ts";

const d = "/services/data/v64.0";
const classOf = (...call: Parameters<typeof proxiedCall>) =>
  salesforceCalls.classify(proxiedCall(...call)).class;

type Line = readonly [line: string, body?: unknown];
const operations: Readonly<Record<CallClass, readonly Line[]>> = {
  read: [
    ["GET /services/data"],
    ["GET /Services/Data/"],
    ["GET //services/data//v64.0"],
    [`GET ${d}/`],
    [`HEAD ${d}/limits`],
    [`GET ${d}/limits`],
    [`GET ${d}/limits/recordCount?sObjects=Account`],
    [`GET ${d}/query?q=SELECT+Id+FROM+Account`],
    [`GET ${d}/query/?q=SELECT+Id+FROM+Account+WHERE+Name=%27for%20view%27&columns=true`],
    [`GET ${d}/query?explain=SELECT+Id+FROM+Account`],
    [`GET ${d}/query/01gD0000002HU6KIAW-2000`],
    [`GET ${d}/queryAll?q=SELECT+Id+FROM+Account`],
    [`GET ${d}/queryAll/01gD0000002HU6KIAW-2000`],
    [`GET ${d}/search?q=FIND+%7Bfor+update%7D+IN+NAME+FIELDS`],
    [`GET ${d}/search/scopeOrder`],
    [`GET ${d}/search/suggestions?q=a&sobject=Account`],
    [`GET ${d}/parameterizedSearch?q=acme&sobject=Account&sobject=Contact`],
    [`POST ${d}/parameterizedSearch`, { q: "acme", sobjects: [{ name: "Account" }] }],
    [`GET ${d}/sobjects`],
    [`GET ${d}/sobjects/Account`],
    [`GET ${d}/sobjects/Account/describe`],
    [`GET ${d}/sobjects/Account/describe/layouts/012000000000000AAA`],
    [`GET ${d}/sobjects/Global/describe/layouts`],
    [`GET ${d}/sobjects/Account/deleted?start=a&end=b`],
    [`GET ${d}/sobjects/Account/updated?start=a&end=b`],
    [`GET ${d}/sobjects/Account/listviews/00B000000000000AAA/results`],
    [`GET ${d}/sobjects/Account/001000000000001AAA?fields=Name`],
    [`GET ${d}/sobjects/Account/Ext__c/42`],
    [`GET ${d}/sobjects/ContentVersion/068000000000001AAA/VersionData`],
    [`GET ${d}/sobjects/User/005000000000001AAA/password`],
    [`GET ${d}/sobjects/Account/quickActions/NewCase/describe`],
    [`GET ${d}/recent`],
    [`GET ${d}/theme`],
    [`GET ${d}/tabs`],
    [`GET ${d}/appMenu/AppSwitcher`],
    [`GET ${d}/compactLayouts?q=Account`],
    [`GET ${d}/support/knowledgeArticles`],
    [`GET ${d}/quickActions`],
    [`GET ${d}/actions/standard/emailSimple`],
    [`GET ${d}/actions/custom/apex/MyAction`],
    [`GET ${d}/process/approvals`],
    [`GET ${d}/process/rules/Account`],
    [`GET ${d}/composite`],
    [`GET ${d}/composite/sobjects/Account?ids=001000000000001AAA&fields=Name`],
    [`POST ${d}/composite/sobjects/Account`, { ids: ["001000000000001AAA"], fields: ["Name"] }],
    [`POST ${d}/jobs/query`, { operation: "query", query: "SELECT Id FROM Account" }],
    [`POST ${d}/jobs/query`, { operation: "queryAll", query: "SELECT Id FROM Account" }],
    [`GET ${d}/jobs/query/750000000000001AAA/results?maxRecords=5`],
    [`GET ${d}/jobs/ingest/750000000000001AAA/unprocessedRecords`],
    [
      `POST ${d}/graphql`,
      { query: "query q { uiapi { query { Account { edges { node { Id } } } } } }" },
    ],
    [`GET ${d}/tooling/query?q=SELECT+Id+FROM+ApexClass`],
    [`GET ${d}/tooling/sobjects/ApexClass/01p000000000001AAA`],
    [`GET ${d}/tooling/completions?type=apex`],
    [`GET ${d}/metadata/deployRequest/0Af000000000001AAA`],
    [`GET ${d}/ui-api/object-info/Account`],
    [`GET ${d}/ui-api/record-ui/001000000000001AAA`],
    [`GET ${d}/ui-api/records/001000000000001AAA?fields=Account.Name`],
    [`POST ${d}/ui-api/related-list-records/001000000000001AAA/Contacts`, { fields: ["Id"] }],
    [`GET ${d}/chatter/feeds/news/me/feed-elements`],
    [`GET ${d}/connect/organization`],
    [`GET ${d}/analytics/reports/00O000000000001AAA?includeDetails=true`],
    [`POST ${d}/analytics/reports/00O000000000001AAA`, { reportMetadata: {} }],
    [`GET ${d}/wave/datasets`],
    [`POST ${d}/wave/query`, { query: 'q = load "x";' }],
    ["GET /services/oauth2/userinfo"],
    ["GET /id/00D000000000001AAA/005000000000001AAA?format=json"],
    ["GET /.well-known/openid-configuration"],
    [
      `POST ${d}/composite`,
      { compositeRequest: [{ method: "GET", url: `${d}/limits`, referenceId: "a" }] },
    ],
    [
      `POST ${d}/composite`,
      {
        allOrNone: true,
        compositeRequest: [
          { method: "GET", url: `${d}/query?q=SELECT Id FROM Account LIMIT 1`, referenceId: "a" },
          { method: "GET", url: `${d}/sobjects/Account/@{a.records[0].Id}`, referenceId: "b" },
        ],
      },
    ],
    [`POST ${d}/composite/batch`, { batchRequests: [{ method: "GET", url: "v64.0/limits" }] }],
    [
      `POST ${d}/composite/graph`,
      {
        graphs: [
          {
            graphId: "1",
            compositeRequest: [{ method: "GET", url: `${d}/limits`, referenceId: "a" }],
          },
        ],
      },
    ],
    [
      `POST ${d}/tooling/composite`,
      {
        compositeRequest: [
          { method: "GET", url: `${d}/tooling/query?q=SELECT+Id+FROM+ApexClass`, referenceId: "a" },
        ],
      },
    ],
  ],
  write: [
    [`GET ${d}/query?q=SELECT+Id+FROM+Account+FOR+UPDATE`],
    [`GET ${d}/query?q=SELECT+Id+FROM+Account+for%0Aview`],
    [`GET ${d}/query?q=SELECT+Title+FROM+FAQ__kav+UPDATE+VIEWSTAT`],
    [`GET ${d}/search?q=FIND+%7Ba%7D+RETURNING+FAQ__kav+UPDATE+TRACKING`],
    [`GET ${d}/parameterizedSearch?q=a&updateTracking=true`],
    [`POST ${d}/parameterizedSearch`, { q: "a", updateViewStat: true }],
    [`POST ${d}/jobs/query`, { operation: "query", query: "SELECT Id FROM Account FOR REFERENCE" }],
    [`POST ${d}/sobjects/Account`, { Name: "a" }],
    [`PATCH ${d}/sobjects/Account/001000000000001AAA`, { Name: "a" }],
    [`DELETE ${d}/sobjects/Account/001000000000001AAA`],
    [`PATCH ${d}/sobjects/Account/Ext__c/42`, { Name: "a" }],
    [`PATCH ${d}/sobjects/User/005000000000001AAA`, { Title: "a" }],
    [`POST ${d}/sobjects/PermissionSetAssignment`, { AssigneeId: "a" }],
    [`POST ${d}/sobjects/Account/001000000000001AAA?_HttpMethod=PATCH`, { Name: "a" }],
    [`POST ${d}/sobjects/Account/001000000000001AAA?_httpmethod=delete`],
    [`POST ${d}/sobjects/Account?_HttpMethod=GET`, { Name: "a" }],
    [`POST ${d}/query?_HttpMethod=GET&q=SELECT+Id+FROM+Account`],
    [`POST ${d}/composite/sobjects`, { records: [{ attributes: { type: "Account" }, Name: "a" }] }],
    [`PATCH ${d}/composite/sobjects`, { records: [{ attributes: { type: "Account" }, id: "a" }] }],
    [
      `PATCH ${d}/composite/sobjects/Account/Ext__c`,
      { records: [{ attributes: { type: "Account" } }] },
    ],
    [`DELETE ${d}/composite/sobjects?ids=001000000000001AAA,003000000000001AAA`],
    [
      `POST ${d}/composite/tree/Account`,
      {
        records: [
          {
            attributes: { type: "Account", referenceId: "a" },
            Contacts: { records: [{ attributes: { type: "Contact", referenceId: "b" } }] },
          },
        ],
      },
    ],
    [`POST ${d}/jobs/ingest`, { object: "Account", operation: "insert" }],
    [`PUT ${d}/jobs/ingest/750000000000001AAA/batches`],
    [`PATCH ${d}/jobs/ingest/750000000000001AAA`, { state: "UploadComplete" }],
    [`DELETE ${d}/jobs/query/750000000000001AAA`],
    [
      `POST ${d}/graphql`,
      { query: "mutation m { uiapi { AccountCreate(input: {}) { Record { Id } } } }" },
    ],
    [
      `POST ${d}/graphql`,
      {
        query: "query a { x } mutation b { uiapi { AccountDelete(input: {}) { Id } } }",
        operationName: "a",
      },
    ],
    [`POST ${d}/ui-api/records`, { apiName: "Account", fields: {} }],
    [`PATCH ${d}/ui-api/records/001000000000001AAA`, { fields: {} }],
    [`POST ${d}/chatter/feed-elements`, { subjectId: "me" }],
    [`DELETE ${d}/analytics/reports/00O000000000001AAA`],
    [
      `POST ${d}/composite/batch`,
      {
        batchRequests: [
          { method: "GET", url: "v64.0/limits" },
          {
            method: "PATCH",
            url: "v64.0/sobjects/Account/001000000000001AAA",
            richInput: { Name: "a" },
          },
        ],
      },
    ],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          { method: "POST", url: `${d}/sobjects/Account`, referenceId: "a", body: {} },
          { method: "PATCH", url: `${d}/sobjects/Account/@{a.id}`, referenceId: "b", body: {} },
        ],
      },
    ],
  ],
  code: [
    ["GET /services/apexrest/cleanup"],
    ["POST /services/apexrest/ns/cleanup", {}],
    ["HEAD /services/apexrest/cleanup"],
    ["POST /services/Soap/class/MyService"],
    // What runs is planted or started through plain records too.
    [`POST ${d}/sobjects/ApexClass`, { Body: "class A {}" }],
    [`PATCH ${d}/sobjects/apextrigger/01q000000000001AAA`, { Body: "" }],
    [`DELETE ${d}/sobjects/ApexPage/066000000000001AAA`],
    [`POST ${d}/sobjects/ApexTestQueueItem`, { ApexClassId: "01p000000000001AAA" }],
    [`POST ${d}/composite/sobjects`, { records: [{ attributes: { type: "StaticResource" } }] }],
    [`POST ${d}/composite/tree/ApexClass`, { records: [] }],
    [`PATCH ${d}/composite/sobjects/StaticResource/Id`, { records: [] }],
    [`DELETE ${d}/composite/sobjects?ids=001000000000001AAA,01p000000000001AAA`],
    // An id of 18 names the same record in any letter case: these are of an Apex class.
    [`DELETE ${d}/composite/sobjects?ids=01P000000000001AAA`],
    [`PATCH ${d}/ui-api/records/01P000000000001aaa`, { fields: {} }],
    // They are kept nowhere, or sent: all they do is start something.
    [`POST ${d}/sobjects/Order_Paid__e`, { OrderId__c: "1" }],
    [`POST ${d}/composite/sobjects`, { records: [{ attributes: { type: "ListEmail" } }] }],
    [`POST ${d}/jobs/ingest`, { object: "ApexClass", operation: "insert" }],
    [`POST ${d}/graphql`, { query: "mutation { uiapi { ApexClassDelete(input: {}) { Id } } }" }],
    [`GET ${d}/tooling/executeAnonymous/?anonymousBody=delete%20a;`.replace(";", "%3B")],
    [`GET ${d}/TOOLING/EXECUTEANONYMOUS?anonymousBody=x`],
    [`POST ${d}/tooling/runTestsSynchronous`, {}],
    [`GET ${d}/tooling/runTestsAsynchronous?classids=01p`],
    [`POST ${d}/tooling/sobjects/ApexClass`, { Body: "class A {}" }],
    [`PATCH ${d}/tooling/sobjects/Flow/301000000000001AAA`, {}],
    [`POST ${d}/metadata/deployRequest`],
    [`POST ${d}/actions/standard/emailSimple`, { inputs: [] }],
    [`POST ${d}/actions/custom/flow/MyFlow`, { inputs: [] }],
    [`POST ${d}/quickActions/NewCase`, {}],
    [`POST ${d}/sobjects/Account/quickActions/NewCase`, {}],
    [`POST ${d}/process/approvals`, { requests: [] }],
    [`POST ${d}/process/rules`, {}],
    [`GET ${d}/flow/MyFlow`],
    [`POST ${d}/sobjects/StreamingChannel/0M6000000000001AAA/push`, {}],
    [`POST ${d}/connect/interaction/runtime/startFlow`, {}],
    [`PATCH ${d}/ui-api/actions/perform-quick-action/Account.Edit`, {}],
    [
      `POST ${d}/composite/batch`,
      {
        batchRequests: [
          { method: "GET", url: "v64.0/limits" },
          { method: "GET", url: "v64.0/tooling/executeAnonymous?anonymousBody=x" },
        ],
      },
    ],
  ],
  credentials: [
    ["POST /services/oauth2/token"],
    ["GET /services/oauth2/authorize?client_id=a"],
    ["POST /services/oauth2/revoke"],
    ["POST /services/oauth2/introspect"],
    ["POST /services/oauth2/singleaccess"],
    ["GET /services/oauth2/singleaccess?redirect_uri=x"],
    ["POST /services/oauth2/register", {}],
    ["GET /services/auth/sso/00D/provider"],
    ["GET /secur/frontdoor.jsp?retURL=x"],
    ["GET /secur/logout.jsp"],
    [`POST ${d}/sobjects/User/005000000000001AAA/password`, { NewPassword: "x" }],
    [`DELETE ${d}/sobjects/User/005000000000001AAA/password`],
    [`DELETE ${d}/sobjects/User/005000000000001AAA/password.json`],
    [`DELETE ${d}/sobjects/SelfServiceUser/035000000000001AAA/Password.xml`],
    [`POST ${d}/sobjects/User/Ext__c/7/password`, { NewPassword: "x" }],
    [`POST ${d}/sobjects/SelfServiceUser/035000000000001AAA/password`, { NewPassword: "x" }],
    [`GET ${d}/connect/named-credentials/credential?externalCredential=x`],
    [`POST ${d}/connect/named-credentials/credential`, {}],
    [`DELETE ${d}/sobjects/AuthSession/0Ak000000000001AAA`],
    [`PATCH ${d}/sobjects/NamedCredential/0XA000000000001AAA`, {}],
    [`POST ${d}/sobjects/ExternalCredential`, {}],
    [`PATCH ${d}/sobjects/UserLogin/0Yw000000000001AAA`, { IsFrozen: false }],
    [`POST ${d}/tooling/sobjects/ExternalClientApplication`, {}],
    [
      `POST ${d}/composite/sobjects`,
      { records: [{ attributes: { type: "Account" } }, { attributes: { type: "authProvider" } }] },
    ],
    [`POST ${d}/composite/tree/AuthProvider`, { records: [] }],
    [`DELETE ${d}/composite/sobjects?ids=001000000000001AAA,0Ak000000000001AAA`],
    [`POST ${d}/jobs/ingest`, { object: "TwoFactorMethodsInfo", operation: "insert" }],
    [`POST ${d}/ui-api/records`, { apiName: "NamedCredential", fields: {} }],
    [`POST ${d}/graphql`, { query: "mutation { uiapi { AuthSessionDelete(input: {}) { Id } } }" }],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          { method: "GET", url: `${d}/limits`, referenceId: "a" },
          {
            method: "POST",
            url: `${d}/sobjects/User/005000000000001AAA/password`,
            referenceId: "b",
            body: {},
          },
        ],
      },
    ],
  ],
  unknown: [
    ["GET /"],
    ["GET /setup/org"],
    ["GET /services/async/64.0/job/750"],
    ["POST /services/async/64.0/job", {}],
    ["POST /cometd/64.0", []],
    ["POST /services/Soap/m/64.0"],
    ["GET /services/Soap/u/64.0"],
    [`GET ${d}/somethingNew`],
    ["GET /services/data/latest/limits"],
    [`OPTIONS ${d}/limits`],
    [`TRACE ${d}/limits`],
    [`DELETE ${d}/limits`],
    [`PUT ${d}/sobjects/Account/001000000000001AAA`, {}],
    [`POST ${d}/sobjects/Account/Ext__c/42`, {}],
    [`POST ${d}/query`, { q: "SELECT Id FROM Account" }],
    [`GET ${d}/sobjects/Account/001000000000001AAA?_HttpMethod=DELETE`],
    [`PATCH ${d}/sobjects/Account/001000000000001AAA?_HttpMethod=GET`],
    [`POST ${d}/sobjects/Account/001000000000001AAA?_HttpMethod=MERGE`],
    [`DELETE ${d}/composite/sobjects?ids=001000000000001AAA,@{a.id}`],
    [`DELETE ${d}/composite/sobjects`],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          { method: "DELETE", url: `${d}/ui-api/records/@{a.id}`, referenceId: "b" },
        ],
      },
    ],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          {
            method: "DELETE",
            url: `${d}/sobjects/User/005000000000001AAA/@{a.records[0].Name}`,
            referenceId: "b",
          },
        ],
      },
    ],
    [`GET ${d}/graphql?query=x`],
    [`POST ${d}/graphql`, { query: "subscription { x }" }],
    [`POST ${d}/graphql`, { query: "query a { x } mutation b { y }", operationName: "a" }],
    [`POST ${d}/graphql`, { query: "mutation { uiapi { runFlow(input: {}) { Id } } }" }],
    [
      `POST ${d}/graphql`,
      { query: "mutation { ...m } fragment m on Mutation { uiapi { AccountCreate { Id } } }" },
    ],
    [`POST ${d}/graphql`, { query: "{ x" }],
    [`POST ${d}/graphql`, { extensions: { persistedQuery: {} } }],
    [`POST ${d}/graphql`, '{"query":"{ x }","query":"mutation { y }"}'],
    [`POST ${d}/graphql`, [{ query: "{ x }" }]],
    [`POST ${d}/composite/batch`, { batchRequests: [] }],
    [
      `POST ${d}/composite/batch`,
      '{"batchRequests":[{"method":"GET","METHOD":"DELETE","url":"v64.0/limits"}]}',
    ],
    [
      `POST ${d}/composite/batch`,
      { batchRequests: [{ method: "GET", url: "v64.0/../../apexrest/x" }] },
    ],
    [
      `POST ${d}/composite/batch`,
      { batchRequests: [{ method: "GET", url: "https://x.example/services/data" }] },
    ],
    [
      `POST ${d}/composite/batch`,
      { batchRequests: [{ method: "GET", url: "v64.0/limits", verb: "DELETE" }] },
    ],
    [
      `POST ${d}/composite`,
      { compositeRequest: [{ method: "GET", url: `${d}/@{a.path}`, referenceId: "b" }] },
    ],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          { method: "GET", url: `${d}/sobjects/@{a.x}/describe`, referenceId: "b" },
        ],
      },
    ],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          { method: "DELETE", url: `${d}/sobjects/User/@{a.x}`, referenceId: "b" },
        ],
      },
    ],
    [
      `POST ${d}/composite`,
      {
        compositeRequest: [
          {
            method: "GET",
            url: `${d}/limits`,
            referenceId: "b",
            httpHeaders: { "X-HTTP-Method-Override": "DELETE" },
          },
        ],
      },
    ],
    [`POST ${d}/composite`, "not json"],
    [`POST ${d}/jobs/query`, { operation: "delete", query: "SELECT Id FROM Account" }],
    [`POST ${d}/jobs/ingest`, { operation: "insert" }],
  ],
};

for (const [expected, lines] of Object.entries(operations)) {
  test.each(lines.map(([line, body]) => [line, JSON.stringify(body) ?? "", body] as const))(
    `[BRK-7] ${expected}: %s %s`,
    (line, _written, body) => {
      expect(classOf(line, body)).toBe(expected);
    },
  );
}

test("[BRK-7] the parameters of a form never make a call known", () => {
  const form = { contentType: "application/x-www-form-urlencoded" };
  expect(classOf(`POST ${d}/sobjects/Account`, "_HttpMethod=DELETE", form)).toBe("unknown");
  expect(classOf(`GET ${d}/limits`, "_HttpMethod=DELETE", form)).toBe("unknown");
  expect(classOf("POST /services/oauth2/token", "grant_type=x", form)).toBe("credentials");
});

test("[BRK-7] a body that another parser could read otherwise is unknown", () => {
  const batch = `POST ${d}/composite/batch`;
  const body = JSON.stringify({ batchRequests: [{ method: "GET", url: "v64.0/limits" }] });
  expect(classOf(batch, body)).toBe("read");
  expect(classOf(batch, `\ufeff${body}`)).toBe("unknown");
  expect(classOf(batch, body, { contentType: "application/xml" })).toBe("unknown");
  expect(classOf(batch, body, { contentType: "application/json; charset=utf-16" })).toBe("unknown");
  expect(classOf(batch, body, { contentType: "application/json; charset=UTF-8" })).toBe("read");
  expect(classOf(batch, body, { contentType: null })).toBe("unknown");
  const call = proxiedCall(batch, body);
  expect(salesforceCalls.classify({ ...call, body: null }).class).toBe("unknown");
  const bytes = Uint8Array.from([...(call.body ?? []), 0xff]);
  expect(salesforceCalls.classify({ ...call, body: bytes }).class).toBe("unknown");
});

test("[BRK-7] a batch in a batch counts as the worst of all, and endless nesting as unknown", () => {
  const nest = (inner: object, times: number): object =>
    times === 0
      ? inner
      : nest(
          { method: "POST", url: "v64.0/composite/batch", richInput: { batchRequests: [inner] } },
          times - 1,
        );
  const of = (inner: object, times: number) =>
    classOf(`POST ${d}/composite/batch`, { batchRequests: [nest(inner, times)] });
  const read = { method: "GET", url: "v64.0/limits" };
  expect(of(read, 3)).toBe("read");
  expect(of({ method: "GET", url: "/services/apexrest/x" }, 3)).toBe("code");
  expect(of({ method: "DELETE", url: "v64.0/sobjects/Account/001000000000001AAA" }, 3)).toBe(
    "write",
  );
  expect(of(read, 100)).toBe("unknown");
});

test("[BRK-7] over any batch, the class is never better than that of a part alone", () => {
  const severity: readonly CallClass[] = ["read", "write", "code", "unknown", "credentials"];
  const part = fc.constantFrom(
    { method: "GET", url: "v64.0/limits" },
    { method: "GET", url: "v64.0/query?q=SELECT Id FROM Account" },
    { method: "DELETE", url: "v64.0/sobjects/Account/001000000000001AAA" },
    { method: "GET", url: "/services/apexrest/x" },
    { method: "GET", url: "v64.0/nothing" },
    { method: "DELETE", url: "v64.0/sobjects/User/005000000000001AAA/password" },
  );
  const single = (entry: { method: string; url: string }) => {
    const path = entry.url.replace(/^v/, "/services/data/v").replaceAll(" ", "%20");
    return severity.indexOf(classOf(`${entry.method} ${path}`));
  };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (batchRequests) => {
      const found = classOf(`POST ${d}/composite/batch`, { batchRequests });
      expect(severity.indexOf(found)).toBe(Math.max(...batchRequests.map(single)));
    }),
    { numRuns: 2_000 },
  );
});

test("[BRK-7] whatever a body holds, a call is classed and nothing is thrown", () => {
  const paths = ["composite", "composite/batch", "composite/graph", "graphql", "jobs/query"];
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.oneof(fc.json(), fc.string({ unit: "binary" })),
      fc.boolean(),
      (path, body, isXml) => {
        const contentType = isXml ? "text/xml" : "application/json";
        const line = isXml ? "POST /services/Soap/u/64.0" : `POST ${d}/${path}`;
        expect(classOf(line, body, { contentType })).toBe("unknown");
      },
    ),
    { numRuns: 3_000 },
  );
});

test("[BRK-7] no address outside the table is a read", () => {
  const method = fc.constantFrom(
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "QUERY",
  );
  const tail = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(method, tail, (verb, segments) => {
      expect(classOf(`${verb} ${d}/zz${segments.join("/")}`)).toBe("unknown");
      expect(classOf(`${verb} /services/zz${segments.join("/")}`)).toBe("unknown");
    }),
    { numRuns: 10_000 },
  );
});

const xmlType = { contentType: "text/xml; charset=UTF-8", soapAction: '""' };
const partner = "urn:partner.soap.sforce.com";
const envelope = (inner: string, namespace = partner) =>
  `<?xml version="1.0" encoding="utf-8"?><se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><se:Header><SessionHeader xmlns="${namespace}"><sessionId>x</sessionId></SessionHeader></se:Header><se:Body xmlns="${namespace}">${inner}</se:Body></se:Envelope>`;
const soap = (inner: string, further: Partial<typeof xmlType> = {}, at = "u/64.0") =>
  classOf(`POST /services/Soap/${at}`, envelope(inner), { ...xmlType, ...further });

test.each<[string, CallClass]>([
  ["<query><queryString>SELECT Id FROM Account</queryString></query>", "read"],
  ["<query><queryString>SELECT Id FROM Account FOR UPDATE</queryString></query>", "write"],
  ["<queryMore><queryLocator>x</queryLocator></queryMore>", "read"],
  ["<retrieve><fieldList>Id</fieldList></retrieve>", "read"],
  ["<search><searchString>FIND {a}</searchString></search>", "read"],
  ["<describeGlobal/>", "read"],
  ["<getUserInfo/>", "read"],
  ["<create><sObjects><type>Account</type></sObjects></create>", "write"],
  ["<create><sObjects><type>AuthProvider</type></sObjects></create>", "credentials"],
  ['<create><sObjects xsi:type="ens:AuthProvider"/></create>', "credentials"],
  ["<update><sObjects><type>Account</type></sObjects></update>", "write"],
  ["<upsert/>", "write"],
  ["<delete><ids>001</ids></delete>", "write"],
  ["<delete><ids>001000000000001</ids><ids>0Ak000000000001</ids></delete>", "credentials"],
  ["<delete><ids>01p000000000001</ids></delete>", "code"],
  ["<delete><ids>01P000000000001AAA</ids></delete>", "code"],
  ["<delete><ids>0aK000000000001CAA</ids></delete>", "credentials"],
  ["<create><sObjects><type>ApexClass</type></sObjects></create>", "code"],
  ['<update><sObjects xsi:type="ens:ApexTrigger"/></update>', "code"],
  ["<undelete/>", "write"],
  ["<merge/>", "write"],
  ["<convertLead/>", "write"],
  ["<sendEmail/>", "code"],
  ["<process/>", "code"],
  ["<performQuickActions/>", "code"],
  ["<login><username>a</username></login>", "credentials"],
  ["<logout/>", "credentials"],
  ["<invalidateSessions/>", "credentials"],
  ["<setPassword/>", "credentials"],
  ["<resetPassword/>", "credentials"],
  ["<changeOwnPassword/>", "credentials"],
  ["<somethingNew/>", "unknown"],
  ["<query/><delete/>", "unknown"],
  ['<query xmlns="urn:other"/>', "unknown"],
  ["<Query/>", "unknown"],
  ["", "unknown"],
  ["<?pi x?><query/>", "unknown"],
])("[BRK-7] SOAP %s is %s", (inner, expected) => {
  expect(soap(inner)).toBe(expected);
});

test("[BRK-7] SOAP goes by the body, and nothing may say otherwise", () => {
  expect(soap("<query/>", { soapAction: "query" })).toBe("read");
  expect(soap("<query/>", { soapAction: '"urn:partner.soap.sforce.com/Soap/query"' })).toBe("read");
  expect(soap("<query/>", { soapAction: "delete" })).toBe("unknown");
  expect(soap("<query/>", { contentType: "application/soap+xml" })).toBe("unknown");
  expect(soap("<query/>", { contentType: "text/xml; charset=utf-16" })).toBe("unknown");
  expect(soap("<query/>", {}, "c/64.0")).toBe("unknown");
  expect(soap("<query/>", {}, "u/64.0/00D000000000001")).toBe("read");
  const of = (text: string) => classOf("POST /services/Soap/u/64.0", text, xmlType);
  const whole = envelope("<query/>");
  expect(of(whole.replace("?><", '?><!DOCTYPE x [<!ENTITY a "b">]><'))).toBe("unknown");
  expect(of(whole.replace('encoding="utf-8"', 'encoding="utf-7"'))).toBe("unknown");
  expect(of(whole.replace("</se:Envelope>", "<se:Body><delete/></se:Body></se:Envelope>"))).toBe(
    "unknown",
  );
  expect(of(whole.replace("<query/>", "<query>&nope;</query>"))).toBe("unknown");
  expect(of(`${whole}<x/>`)).toBe("unknown");
  expect(of(whole.slice(0, -3))).toBe("unknown");
});

test("[BRK-7] the body is asked for wherever it decides, and nowhere else", () => {
  const asks = (line: string) => salesforceCalls.needsBody(proxiedCall(line));
  for (const line of [
    `POST ${d}/composite`,
    `POST ${d}/composite/batch`,
    `POST ${d}/composite/graph`,
    `POST ${d}/composite/sobjects`,
    `POST ${d}/graphql`,
    `POST ${d}/jobs/query`,
    `POST ${d}/jobs/ingest`,
    `POST ${d}/parameterizedSearch`,
    "POST /services/Soap/u/64.0",
  ]) {
    expect(asks(line), line).toBe(true);
  }
  for (const line of [
    `GET ${d}/query?q=x`,
    `POST ${d}/sobjects/Account`,
    `PUT ${d}/jobs/ingest/750000000000001AAA/batches`,
    "POST /services/apexrest/x",
  ]) {
    expect(asks(line), line).toBe(false);
  }
});

test("[BRK-7] a write by SOAP that also mails is more than a write", () => {
  const create = "<create><sObjects><type>Case</type></sObjects></create>";
  const mailing = envelope(create).replace(
    "</se:Header>",
    `<EmailHeader xmlns="${partner}"><triggerOtherEmail>true</triggerOtherEmail></EmailHeader></se:Header>`,
  );
  const of = (text: string) => classOf("POST /services/Soap/u/64.0", text, xmlType);
  expect(of(envelope(create))).toBe("write");
  expect(of(mailing)).toBe("code");
});

test.each<[boolean, string, unknown?]>([
  [true, `DELETE ${d}/sobjects/Account/001000000000001AAA`],
  [true, `POST ${d}/sobjects/Account/001000000000001AAA?_HttpMethod=DELETE`],
  [true, `POST ${d}/ui-api/records/001000000000001AAA?_HttpMethod=delete`],
  [true, `POST ${d}/jobs/ingest`, { object: "Account", operation: "hardDelete" }],
  [false, `POST ${d}/jobs/ingest`, { object: "Account", operation: "insert" }],
  [true, `POST ${d}/graphql`, { query: "mutation { uiapi { AccountDelete(input: {}) { Id } } }" }],
  [
    false,
    `POST ${d}/graphql`,
    { query: "mutation { uiapi { AccountUpdate(input: {}) { success } } }" },
  ],
  [
    true,
    `POST ${d}/composite`,
    {
      compositeRequest: [
        { method: "PATCH", url: `${d}/sobjects/Account/001000000000001AAA`, body: {} },
        { method: "DELETE", url: `${d}/sobjects/Account/001000000000002AAA` },
      ],
    },
  ],
  [
    true,
    `POST ${d}/composite/batch`,
    { batchRequests: [{ method: "DELETE", url: "v64.0/sobjects/Account/001000000000002AAA" }] },
  ],
  [
    true,
    `POST ${d}/composite/graph`,
    {
      graphs: [
        {
          graphId: "1",
          compositeRequest: [
            { method: "DELETE", url: `${d}/composite/sobjects?ids=001000000000002AAA` },
          ],
        },
      ],
    },
  ],
  [false, `PATCH ${d}/sobjects/Account/001000000000001AAA`, {}],
])("[PLN-9] a call of which a part removes says so (%s): %s", (expected, line, body) => {
  const classed = salesforceCalls.classify(proxiedCall(line, body));
  expect(classed.removes === true).toBe(expected);
});

test.each([
  ["delete", true],
  ["merge", true],
  ["emptyRecycleBin", true],
  ["undelete", false],
])("[PLN-9] SOAP %s removes: %s", (name, expected) => {
  const call = proxiedCall("POST /services/Soap/u/64.0", envelope(`<${name}/>`), xmlType);
  expect(salesforceCalls.classify(call).removes === true).toBe(expected);
});
