import { beforeEach, describe, expect, test } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { haldenHost, type TokenJson, testClient } from "#lib/simulator/salesforce/test-client.ts";

const client = await testClient();
const { simulator } = client;
const tokens = await client.connect();
const send = (method: string, path: string, body?: unknown, headers = {}) =>
  client.rest(tokens, path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const get = async (path: string) => (await client.rest(tokens, path)).json() as Promise<never>;

type Page = {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Record<string, unknown>[];
};
const rows = async (soql: string) => (await (await client.query(tokens, soql)).json()) as Page;
const refused = async (answer: Promise<Response>) => {
  const response = await answer;
  const [first] = (await response.json()) as { message: string; errorCode: string }[];
  return [response.status, first?.errorCode, first?.message ?? ""] as const;
};

beforeEach(() => simulator.faults.clear());

describe("resources", () => {
  test("the versions need no token and hold those that clients begin with", async () => {
    const list = (await (await fetch(client.at(haldenHost, "//services/data/"))).json()) as {
      version: string;
    }[];
    expect(list.map(({ version }) => version)).toEqual(
      expect.arrayContaining(["50.0", "51.0", "64.0"]),
    );
    expect(list.at(-1)).toEqual({
      label: "Summer '25",
      url: "/services/data/v64.0",
      version: "64.0",
    });
  });

  test("doubled slashes and letter case do not matter", async () => {
    const answer = await fetch(client.at(haldenHost, "//Services/Data/v51.0//Limits"), {
      headers: { authorization: `OAuth ${tokens.access_token}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("sforce-limit-info")).toMatch(/^api-usage=\d+\/100000$/);
  });

  test("a version has its map, objects their descriptions, and 304 when nothing changed", async () => {
    expect(await get("")).toMatchObject({ sobjects: "/services/data/v64.0/sobjects" });
    const { sobjects } = (await get("/sobjects")) as { sobjects: { name: string }[] };
    expect(sobjects.map(({ name }) => name)).toContain("Opportunity");
    const described = (await get("/sobjects/contact/describe")) as {
      fields: { name: string; referenceTo: string[] }[];
    };
    expect(described.fields.find(({ name }) => name === "AccountId")?.referenceTo).toEqual([
      "Account",
    ]);
    const answer = await send("GET", "/sobjects/Contact/describe", undefined, {
      "if-modified-since": "Wed, 01 Jan 2026 00:00:00 GMT",
    });
    expect(answer.status).toBe(304);
  });
});

describe("queries", () => {
  const counts: [string, number][] = [
    ["SELECT COUNT() FROM Account", 120],
    ["select count() from account where name like 'alder%'", 5],
    ["SELECT COUNT() FROM Account WHERE ExternalKey__c IN ('ERP-10001','ERP-10002')", 2],
    ["SELECT COUNT() FROM Account WHERE ExternalKey__c NOT IN ('ERP-10001')", 119],
    ["SELECT COUNT() FROM Account WHERE NOT (Name LIKE '%' OR Name = null)", 0],
    ["SELECT COUNT() FROM User WHERE IsActive = false", 1],
    ["SELECT COUNT() FROM Contact WHERE AccountId = null", 0],
    ["SELECT COUNT() FROM Contact WHERE Account.ExternalKey__c = 'ERP-10001'", 2],
    ["SELECT COUNT() FROM Opportunity WHERE CloseDate > 2100-01-01", 0],
    ["SELECT COUNT() FROM Opportunity WHERE CreatedDate < TODAY", 120],
    [
      "SELECT COUNT() FROM Account WHERE NumberOfEmployees >= 3 AND (IsDeleted = false OR Name = 'O\\'Neill')",
      120,
    ],
  ];
  test.each(counts)("%s", async (soql, size) => {
    expect(await rows(soql)).toEqual({ totalSize: size, done: true, records: [] });
  });

  test("rows have the asked fields, relationships nested, in the asked order", async () => {
    const page = await rows(
      "SELECT id, Account.Owner.Username, LastName FROM Contact ORDER BY LastName DESC NULLS LAST, Id LIMIT 3 OFFSET 1",
    );
    expect(page.records).toHaveLength(3);
    expect(page.records[0]).toMatchObject({
      attributes: {
        type: "Contact",
        url: expect.stringMatching(/^\/services\/data\/v64\.0\/sobjects\/Contact\/003\w{15}$/),
      },
      Account: {
        attributes: { type: "Account" },
        Owner: { Username: expect.stringContaining("@halden.example") },
      },
    });
    const names = page.records.map(({ LastName }) => String(LastName));
    expect(names).toEqual([...names].sort().reverse());
  });

  test("a result longer than a page goes on at nextRecordsUrl, which is root-relative", async () => {
    const path = `/query?q=${encodeURIComponent("SELECT Id FROM Contact")}`;
    const first = (await (
      await send("GET", path, undefined, { "sforce-query-options": "batchSize=200" })
    ).json()) as Page;
    expect([first.done, first.records.length, first.totalSize]).toEqual([false, 200, 240]);
    const second = (await get(
      first.nextRecordsUrl?.replace("/services/data/v64.0", "") ?? "",
    )) as Page;
    expect([second.done, second.records.length]).toEqual([true, 40]);
    expect((await refused(client.rest(tokens, "/query/01gnone-200")))[1]).toBe(
      "INVALID_QUERY_LOCATOR",
    );
  });

  test("columns=true describes the columns", async () => {
    const soql = encodeURIComponent("SELECT Id, Account.Name FROM Contact");
    expect(await get(`/query?q=${soql}&columns=true`)).toMatchObject({
      entityName: "Contact",
      keyPrefix: "003",
      idSelected: true,
      columnMetadata: [
        { columnName: "Id", joinColumns: [] },
        { columnName: "Account", joinColumns: [{ columnName: "Name" }] },
      ],
    });
  });

  test.each([
    ["SELECT Id FORM Account", "MALFORMED_QUERY", /unexpected token: 'FORM'|unexpected token/],
    ["SELECT FROM Account", "MALFORMED_QUERY", /ERROR at Row:1:Column:8/],
    ["SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", /\^/],
    [
      "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
      "MALFORMED_QUERY",
      /OR/,
    ],
    ["SELECT Nope FROM Account", "INVALID_FIELD", /No such column 'Nope' on entity 'Account'/],
    [
      "SELECT Id FROM ScratchOrgInfo limit 1",
      "INVALID_TYPE",
      /sObject type 'ScratchOrgInfo' is not supported/,
    ],
  ])("%s is refused", async (soql, code, message) => {
    const [status, errorCode, text] = await refused(client.query(tokens, soql));
    expect([status, errorCode]).toEqual([400, code]);
    expect(text).toMatch(message);
  });
});

describe("records", () => {
  test("create, read, change and delete, and what is gone says so", async () => {
    const made = await send("POST", "/sobjects/Account", { Name: "Quill & Tide" });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    expect(id).toMatch(/^001\w{15}$/);
    expect((await send("PATCH", `/sobjects/Account/${id}`, { Phone: "+1 555 0100" })).status).toBe(
      204,
    );
    expect(await get(`/sobjects/Account/${id.slice(0, 15)}?fields=Phone`)).toMatchObject({
      Id: id,
      Phone: "+1 555 0100",
    });
    expect((await send("DELETE", `/sobjects/Account/${id}`)).status).toBe(204);
    expect((await refused(send("GET", `/sobjects/Account/${id}`))).slice(0, 2)).toEqual([
      404,
      "ENTITY_IS_DELETED",
    ]);
    expect(
      (await refused(send("GET", "/sobjects/Account/001000000000000AAA"))).slice(0, 2),
    ).toEqual([404, "NOT_FOUND"]);
  });

  test("an external id makes a row once and changes it after", async () => {
    const put = () => send("PATCH", "/sobjects/Account/ExternalKey__c/ERP-77", { Name: "Tallow" });
    expect([(await put()).status, (await put()).status]).toEqual([201, 200]);
    const [status, , message] = await refused(
      send("PATCH", "/sobjects/Account/Phone/1", { Name: "x" }),
    );
    expect([status, message]).toEqual([
      404,
      "Provided external ID field does not exist or is not accessible: Phone",
    ]);
  });

  test.each([
    [
      "a required field left out",
      "POST",
      "/sobjects/Contact",
      { FirstName: "Ann" },
      400,
      "REQUIRED_FIELD_MISSING",
    ],
    ["a field that is not there", "POST", "/sobjects/Account", { Nope: 1 }, 400, "INVALID_FIELD"],
    ["a wrong type", "POST", "/sobjects/Account", { Name: 7 }, 400, "JSON_PARSER_ERROR"],
    [
      "a read-only field",
      "POST",
      "/sobjects/Account",
      { Name: "x", CreatedDate: "now" },
      400,
      "INVALID_FIELD_FOR_INSERT_UPDATE",
    ],
    ["an unknown object", "POST", "/sobjects/Nope", { Name: "x" }, 404, "NOT_FOUND"],
    ["a method that is not offered", "PUT", "/sobjects/Account", {}, 405, "METHOD_NOT_ALLOWED"],
    ["an unknown resource", "GET", "/nothing", undefined, 404, "NOT_FOUND"],
  ])("%s is refused", async (_, method, path, body, status, code) => {
    expect((await refused(send(method, path, body))).slice(0, 2)).toEqual([status, code]);
  });

  test("a body that is not JSON is refused by its type and by its text", async () => {
    const as = (type: string, body: string) =>
      client.rest(tokens, "/sobjects/Account", {
        method: "POST",
        body,
        headers: { "content-type": type },
      });
    expect((await refused(as("text/xml", "<x/>")))[1]).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect((await refused(as("application/json", "{")))[1]).toBe("JSON_PARSER_ERROR");
  });

  test("composite requests use earlier answers, batch and collections answer each part", async () => {
    const composite = (await (
      await send("POST", "/composite", {
        compositeRequest: [
          {
            method: "POST",
            url: "/services/data/v64.0/sobjects/Account",
            referenceId: "a",
            body: { Name: "Marrow" },
          },
          {
            method: "POST",
            url: "/services/data/v64.0/sobjects/Contact",
            referenceId: "c",
            body: { LastName: "Lund", AccountId: "@{a.id}" },
          },
          { method: "GET", url: "/services/data/v64.0/sobjects/Nope", referenceId: "n" },
        ],
      })
    ).json()) as { compositeResponse: { httpStatusCode: number }[] };
    expect(composite.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([
      201, 201, 404,
    ]);
    expect((await rows("SELECT Id FROM Contact WHERE Account.Name = 'Marrow'")).totalSize).toBe(1);
    const batch = await (
      await send("POST", "/composite/batch", {
        batchRequests: [
          { method: "GET", url: "v64.0/limits" },
          { method: "GET", url: "v64.0/nope" },
        ],
      })
    ).json();
    expect(batch).toMatchObject({
      hasErrors: true,
      results: [{ statusCode: 200 }, { statusCode: 404 }],
    });
    const many = (await (
      await send("POST", "/composite/sobjects", {
        allOrNone: false,
        records: [
          { attributes: { type: "Account" }, Name: "Sorrel" },
          { attributes: { type: "Account" } },
        ],
      })
    ).json()) as { id: string; success: boolean }[];
    expect(many.map(({ success }) => success)).toEqual([true, false]);
    const gone = await (await send("DELETE", `/composite/sobjects?ids=${many[0]?.id}`)).json();
    expect(gone).toMatchObject([{ success: true }]);
    expect(await get("/search?q=FIND%20%7BMarrow%7D")).toMatchObject({
      searchRecords: [{ attributes: { type: "Account" } }],
    });
  });
});

describe("who may", () => {
  const limits = (
    host: string,
    username: string,
    authorize = {},
    app: string = seededApps.studio,
    login?: string,
  ) =>
    client
      .connect({ username, app, authorize, ...(login ? { host: login } : {}) })
      .then((own: TokenJson) => refused(client.rest(own, "/limits", {}, host)));

  test("401 for no header, for another org's host, and for a session without the api scope", async () => {
    const bare = fetch(client.at(haldenHost, "/services/data/v64.0/limits"));
    expect(await refused(bare)).toEqual([401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"]);
    expect(
      (await refused(client.rest(tokens, "/limits", {}, "casalumbre.my.salesforce.com"))).slice(
        0,
        2,
      ),
    ).toEqual([401, "INVALID_SESSION_ID"]);
    expect(
      await limits(haldenHost, "dana.kowalczyk@halden.example", { scope: "id refresh_token" }),
    ).toEqual([401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"]);
  });

  test("403 for a user without API Enabled, an edition without the API, and a spent day", async () => {
    expect((await limits(haldenHost, "rosa.ortega@halden.example")).slice(0, 2)).toEqual([
      403,
      "API_CURRENTLY_DISABLED",
    ]);
    const sandbox = await limits(
      "orrinvale--qa.sandbox.my.salesforce.com",
      "sylvie.orrin@orrinvale.example.qa",
      {},
      seededApps.studio,
      "test.salesforce.com",
    );
    expect(sandbox.slice(0, 2)).toEqual([403, "API_DISABLED_FOR_ORG"]);
    const org = simulator.salesforce.world.orgs[0] as { dailyApiRequests: number };
    org.dailyApiRequests = 1;
    expect(await refused(client.rest(tokens, "/limits"))).toEqual([
      403,
      "REQUEST_LIMIT_EXCEEDED",
      "TotalRequests Limit exceeded.",
    ]);
    org.dailyApiRequests = 100_000;
  });

  test("any REST refusal can be forced, and a maintenance page in its place", async () => {
    const restError = { status: 503, errorCode: "SERVER_UNAVAILABLE", message: "try later" };
    simulator.faults.set(salesforceFaults.restError, restError, {
      user: "dana.kowalczyk@halden.example",
      times: 1,
    });
    expect((await refused(client.rest(tokens, "/limits")))[1]).toBe("SERVER_UNAVAILABLE");
    simulator.faults.set(
      wireFaults.answer,
      { status: 503, body: "<h1>Maintenance</h1>" },
      { host: haldenHost, times: 1 },
    );
    expect(await (await client.rest(tokens, "/limits")).text()).toContain("Maintenance");
    expect((await client.rest(tokens, "/limits")).status).toBe(200);
  });
});

describe("set-up of Marketing Cloud Connect", () => {
  const check =
    "SELECT OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication WHERE Name = 'Salesforce Marketing Cloud'";

  test("an org that is set up shows it, one that stopped half-way shows what is missing", async () => {
    const lumbre = await client.connect({
      username: "ines.barragan@casalumbre.example",
      app: "PlatformCLI",
      authorize: { scope: "api refresh_token" },
    });
    const host = "casalumbre.my.salesforce.com";
    const there = (await (await client.query(lumbre, check, host)).json()) as Page;
    expect((await rows(check)).records[0]?.OptionsAllowAdminApprovedUsersOnly).toBe(true);
    expect(there.records[0]?.OptionsAllowAdminApprovedUsersOnly).toBe(false);
    const assigned =
      "SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Label = 'Marketing Cloud Connected App'";
    expect((await rows(assigned)).records[0]).toMatchObject({
      Assignee: { Username: "dana.kowalczyk@halden.example" },
    });
    expect(await (await client.query(lumbre, assigned, host)).json()).toMatchObject({
      totalSize: 0,
    });
    const tooling = `/tooling/query?q=${encodeURIComponent("SELECT Id, SubscriberPackage.NamespacePrefix FROM InstalledSubscriberPackage")}`;
    expect(((await get(tooling)) as Page).records[0]).toHaveProperty(
      "SubscriberPackage.NamespacePrefix",
      "et4ae5",
    );
  });

  test("who may not see the set-up gets INVALID_TYPE, and may not change it", async () => {
    const jonas = await client.connect({ username: "jonas.makela@halden.example" });
    expect((await refused(client.query(jonas, check)))[1]).toBe("INVALID_TYPE");
    const body = JSON.stringify({ Name: "X", Label: "X" });
    expect(
      (await refused(client.rest(jonas, "/sobjects/PermissionSet", { method: "POST", body })))[0],
    ).toBe(403);
  });

  test("an assignment is made once; the second is a duplicate", async () => {
    const [set] = (
      await rows("SELECT Id FROM PermissionSet WHERE Label = 'Marketing Cloud Connector'")
    ).records;
    const [jonas] = (await rows("SELECT Id FROM User WHERE Username LIKE 'jonas%'")).records;
    const assign = () =>
      send("POST", "/sobjects/PermissionSetAssignment", {
        AssigneeId: jonas?.Id,
        PermissionSetId: set?.Id,
      });
    expect((await assign()).status).toBe(201);
    expect((await refused(assign()))[1]).toBe("DUPLICATE_VALUE");
  });
});

describe("versions and ids", () => {
  test("what no version knows is nothing, in a composite too; an old one answers in its own way", async () => {
    const far = await send("POST", "/composite", {
      compositeRequest: [
        { method: "GET", url: "/services/data/v99.0/limits", referenceId: "a" },
        { method: "GET", url: "/services/data/v31.0/limits", referenceId: "b" },
      ],
    });
    const { compositeResponse } = (await far.json()) as {
      compositeResponse: { httpStatusCode: number }[];
    };
    expect(compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([404, 200]);
    const upsert = () =>
      fetch(client.at(haldenHost, "/services/data/v45.0/sobjects/Account/ExternalKey__c/OLD-1"), {
        method: "PATCH",
        headers: {
          authorization: `Bearer ${tokens.access_token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ Name: "Old" }),
      });
    expect([(await upsert()).status, (await upsert()).status]).toEqual([201, 204]);
  });

  test("an id of 18 is the same record in any letter case, one of 15 is not; none stands in a body", async () => {
    const { id } = (await (await send("POST", "/sobjects/Account", { Name: "Cased" })).json()) as {
      id: string;
    };
    const path = (written: string) => `/sobjects/Account/${written}`;
    expect(await get(path(id.toLowerCase()))).toMatchObject({ Id: id, Name: "Cased" });
    expect(await refused(send("GET", path(id.slice(0, 15).toLowerCase())))).toMatchObject([
      404,
      "NOT_FOUND",
      expect.any(String),
    ]);
    expect(await refused(send("PATCH", path(id), { id, Name: "x" }))).toMatchObject([
      400,
      "INVALID_FIELD",
      expect.any(String),
    ]);
    const answer = await send("DELETE", `/composite/sobjects?ids=${id.toLowerCase()}`);
    expect(await answer.json()).toMatchObject([{ success: true }]);
    expect(await refused(send("GET", path(id)))).toMatchObject([
      404,
      "ENTITY_IS_DELETED",
      expect.any(String),
    ]);
  });
});
