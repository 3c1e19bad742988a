import { beforeEach, describe, expect, test } from "vitest";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { demoCounts } from "#lib/simulator/salesforce/seed-demo-records.ts";
import { testClient } from "#lib/simulator/salesforce/test-client.ts";

const client = await testClient();
const { simulator } = client;
const tokens = await client.connect({ username: demoSalesforce.users.maya });
const send = async (method: string, path: string, body?: unknown, headers = {}) => {
  const answer = await client.rest(
    tokens,
    path,
    { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
    demoSalesforce.host,
  );
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null, headers: answer.headers };
};
const query = async (soql: string, resource = "query") =>
  (await send("GET", `/${resource}?q=${encodeURIComponent(soql)}`)).body;
const search = async (sosl: string) =>
  (await send("GET", `/search?q=${encodeURIComponent(sosl)}`)).body.searchRecords;
const count = async (soql: string, resource?: string) => (await query(soql, resource)).totalSize;
const idOf = async (soql: string): Promise<string> => (await query(soql)).records[0].Id;
const codeOf = (body: { errorCode?: string }[]) => body[0]?.errorCode;

beforeEach(() => simulator.faults.clear());

describe("the demo's org", () => {
  test.each(Object.entries(demoCounts))("%s has %i rows", async (object, size) => {
    expect(await count(`SELECT COUNT() FROM ${object}`)).toBe(size);
  });

  test("an object may be empty, and another company has none of its custom objects", async () => {
    expect(await query("SELECT Id FROM Gift_Card__c")).toEqual({
      totalSize: 0,
      done: true,
      records: [],
    });
    const dana = await client.connect();
    const answer = await client.query(dana, "SELECT Id FROM Loyalty_Account__c");
    expect(await answer.json()).toMatchObject([{ errorCode: "INVALID_TYPE" }]);
  });

  test("names come in many scripts, some with characters that hide or turn", async () => {
    const { records } = await query("SELECT LastName FROM Contact WHERE LastName LIKE '%gnp%'");
    expect(records[0].LastName).toBe("gnp.knaB");
    expect(await count("SELECT COUNT() FROM Contact WHERE LastName = '佐藤'")).toBeGreaterThan(0);
    expect(
      await count("SELECT COUNT() FROM Contact WHERE FirstName LIKE '%\u200b%'"),
    ).toBeGreaterThan(0);
    expect(await count("SELECT COUNT() FROM Account WHERE Industry = null")).toBeGreaterThan(0);
  });

  test("a describe has labels, picklists, record types, external ids and children", async () => {
    const loyalty = (await send("GET", "/sobjects/Loyalty_Account__c/describe")).body;
    const field = (name: string) =>
      loyalty.fields.find((candidate: { name: string }) => candidate.name === name);
    expect(loyalty).toMatchObject({ custom: true, label: "Loyalty Account", keyPrefix: "a0L" });
    expect(field("Member_Number__c")).toMatchObject({
      externalId: true,
      unique: true,
      nillable: false,
      length: 20,
    });
    expect(field("Legacy_Number__c")).toMatchObject({ externalId: true, unique: false });
    expect(field("Tier__c").picklistValues.map(({ value }: { value: string }) => value)).toEqual([
      "Bronze",
      "Silver",
      "Gold",
      "Summit",
    ]);
    const account = (await send("GET", "/sobjects/Account/describe")).body;
    expect(account.recordTypeInfos.map(({ name }: { name: string }) => name)).toEqual([
      "Business",
      "Store",
      "Master",
    ]);
    const children = account.childRelationships.map(
      (child: { relationshipName: string }) => child.relationshipName,
    );
    expect(children).toEqual(
      expect.arrayContaining(["Contacts", "Opportunities", "Cases", "ChildAccounts"]),
    );
  });

  test("If-Modified-Since of a describe: 304 after its date, whole before it", async () => {
    const at = async (date: string) =>
      (await send("GET", "/sobjects/Case/describe", undefined, { "if-modified-since": date }))
        .status;
    expect(await at("Wed, 01 Jan 2025 00:00:00 GMT")).toBe(200);
    expect(await at("Fri, 02 Jan 2026 00:00:00 GMT")).toBe(304);
  });
});

describe("queries", () => {
  test("groups count and sum, sorted by what they sum, cut by HAVING", async () => {
    const { records, totalSize } = await query(
      "SELECT StageName, COUNT(Id) many, SUM(Amount) FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1 ORDER BY SUM(Amount) DESC",
    );
    expect(totalSize).toBe(5);
    expect(records[0]).toEqual({
      attributes: { type: "AggregateResult" },
      StageName: expect.any(String),
      many: expect.any(Number),
      expr0: expect.any(Number),
    });
    const sums = records.map(({ expr0 }: { expr0: number }) => expr0);
    expect(sums).toEqual([...sums].sort((a, b) => b - a));
    const all = await query("SELECT COUNT(Id), MIN(Amount), MAX(CloseDate) FROM Opportunity");
    expect(all.records[0]).toMatchObject({ expr0: 800, expr1: expect.any(Number) });
    const years = await query(
      "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)",
    );
    expect(years.records.length).toBeGreaterThan(1);
  });

  test("children come under their parent, null where there are none", async () => {
    const { records } = await query(
      "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2), (SELECT Id FROM ChildAccounts) FROM Account WHERE ExternalKey__c = 'ERP-10001'",
    );
    expect(records[0].Contacts).toMatchObject({ done: true, totalSize: 2 });
    expect(records[0].Contacts.records[0]).toMatchObject({ attributes: { type: "Contact" } });
    const [bare] = (
      await query("SELECT (SELECT Id FROM Cases) FROM Account WHERE Industry = null LIMIT 1")
    ).records;
    expect(bare).toHaveProperty("Cases");
  });

  test("inner queries, aliases, escapes of LIKE, dates and missing parents", async () => {
    const inner = await count(
      "SELECT COUNT() FROM Account a WHERE a.Id IN (SELECT AccountId FROM Case WHERE Priority = 'High')",
    );
    const outer = await count(
      "SELECT COUNT() FROM Account WHERE Id NOT IN (SELECT AccountId FROM Case WHERE Priority = 'High')",
    );
    expect(inner + outer).toBe(400);
    expect(inner).toBeGreaterThan(10);
    expect(await count("SELECT COUNT() FROM Account WHERE Name LIKE '100\\%'")).toBe(0);
    expect(await count("SELECT COUNT() FROM Opportunity WHERE CloseDate = LAST_N_YEARS:9")).toBe(
      await count("SELECT COUNT() FROM Opportunity WHERE CloseDate < THIS_YEAR"),
    );
    const { records } = await query(
      "SELECT LastName, Account.Name FROM Contact WHERE AccountId = null LIMIT 1",
    );
    expect(records[0].Account).toBeNull();
  });

  test.each([
    ["SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "grouped or aggregated"],
    ["SELECT Id FROM Account WHERE NumberOfEmployees = 'x'", "INVALID_FIELD", "quotes"],
    ["SELECT Id FROM Account WHERE Name = 7", "INVALID_FIELD", "should be enclosed in quotes"],
    ["SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"],
    ["SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE", "relationship 'Nopes'"],
    ["SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"],
    ["SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY", "escape"],
    ["SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected end"],
  ])("%s is refused", async (soql, code, words) => {
    const body = await query(soql);
    expect([codeOf(body), body[0].message]).toEqual([code, expect.stringContaining(words)]);
  });

  test("5,000 rows come in three pages, and what was deleted only by queryAll", async () => {
    const first = await query("SELECT Id FROM Contact");
    expect([first.records.length, first.done]).toEqual([2000, false]);
    const next = await send("GET", first.nextRecordsUrl.replace("/services/data/v64.0", ""));
    const last = await send("GET", next.body.nextRecordsUrl.replace("/services/data/v64.0", ""));
    expect([last.body.records.length, last.body.done]).toEqual([1000, true]);
    const { id } = (await send("POST", "/sobjects/Lead", gone)).body;
    await send("DELETE", `/sobjects/Lead/${id}`);
    const soql = `SELECT Id, IsDeleted FROM Lead WHERE Id = '${id}'`;
    expect((await query(soql)).totalSize).toBe(0);
    expect((await query(soql, "queryAll")).records).toMatchObject([{ IsDeleted: true }]);
  });
  const gone = { LastName: "Gone", Company: "Gone Ltd", Status: "Open" };
});

describe("searches", () => {
  test("words, phrases, wildcards and operators in the fields that are asked for", async () => {
    expect(
      await search(
        'FIND {"Alder Trading"} IN NAME FIELDS RETURNING Account(Id, Name ORDER BY Name LIMIT 3)',
      ),
    ).toMatchObject([{ attributes: { type: "Account" }, Name: "Alder Trading" }]);
    const heads = await search("FIND {Alder* AND NOT Trading} RETURNING Account(Name) LIMIT 5");
    expect(heads.length).toBeGreaterThan(1);
    expect(heads.every(({ Name }: { Name: string }) => !Name.includes("Trading"))).toBe(true);
    expect(await search("FIND {佐藤} RETURNING Contact(LastName)")).not.toHaveLength(0);
    const mail = "FIND {customer77} IN EMAIL FIELDS RETURNING Contact(Email WHERE LastName != 'x')";
    expect(await search(mail)).toMatchObject([{ Email: expect.stringContaining("customer77") }]);
    expect(await search("FIND {no\\-such\\-thing}")).toEqual([]);
  });

  test("what is no search is refused, what must be escaped too", async () => {
    for (const text of ["Alder", "FIND {}", "FIND {a}", "FIND {a & b}", "FIND {ab AND}"]) {
      const answer = await send("GET", `/search?q=${encodeURIComponent(text)}`);
      expect([answer.status, codeOf(answer.body)]).toEqual([400, "MALFORMED_SEARCH"]);
    }
  });

  test("a parameterized search takes its text as it is, by GET and by POST", async () => {
    const byGet = await send(
      "GET",
      "/parameterizedSearch?q=Alder%20Trading&sobject=Account&fields=Id,Name",
    );
    const byPost = await send("POST", "/parameterizedSearch", {
      q: "Alder Trading",
      fields: ["Id", "Name"],
      sobjects: [{ name: "Account" }],
    });
    expect(byGet.body.searchRecords).toHaveLength(1);
    expect(byPost.body).toEqual(byGet.body);
  });
});

describe("writes", () => {
  const lead = (LastName: string) => ({ LastName, Company: "Test Co", Status: "Open" });

  test("every write moves the stamps, and a condition on them is kept", async () => {
    const { id } = (await send("POST", "/sobjects/Account", { Name: "Stamp" })).body;
    const at = `/sobjects/Account/${id}`;
    const stamps = new Set<string>();
    let since = "";
    for (const Phone of ["1", "2", "3"]) {
      const { body, headers } = await send("GET", at);
      stamps.add(body.SystemModstamp);
      since ||= headers.get("last-modified") ?? "";
      expect((await send("PATCH", at, { Phone })).status).toBe(204);
    }
    expect(stamps.size).toBe(3);
    const late = await send("PATCH", at, { Phone: "4" }, { "if-unmodified-since": since });
    expect(late.status).toBe(412);
    const now = (await send("GET", at)).headers.get("last-modified");
    expect((await send("GET", at, undefined, { "if-modified-since": now })).status).toBe(304);
    expect((await send("DELETE", at, undefined, { "if-unmodified-since": now })).status).toBe(204);
  });

  test.each([
    ["Opportunity", { Name: "x", StageName: "Won", CloseDate: "2026-01-01", Amount: -1 }],
    ["Contact", { LastName: "x", Birthdate: "2199-01-01" }],
  ])("a validation rule of %s says no in its own words", async (object, values) => {
    const answer = await send("POST", `/sobjects/${object}`, values);
    expect(answer.status).toBe(400);
    expect(codeOf(answer.body)).toBe("FIELD_CUSTOM_VALIDATION_EXCEPTION");
  });

  test("duplicates, wrong values, wrong references and locked rows are refused", async () => {
    const twin = { ...lead("Twin"), Email: "twin@twin.example" };
    expect((await send("POST", "/sobjects/Lead", twin)).status).toBe(201);
    expect(codeOf((await send("POST", "/sobjects/Lead", twin)).body)).toBe("DUPLICATES_DETECTED");
    const allowed = { "sforce-duplicate-rule-header": "allowSave=true" };
    expect((await send("POST", "/sobjects/Lead", twin, allowed)).status).toBe(201);
    const refused = async (object: string, values: object) =>
      codeOf((await send("POST", `/sobjects/${object}`, values)).body);
    expect(await refused("Loyalty_Account__c", { Name: "x", Member_Number__c: "NP-700001" })).toBe(
      "DUPLICATE_VALUE",
    );
    expect(
      await refused("Loyalty_Account__c", { Name: "x", Member_Number__c: "1", Tier__c: "Tin" }),
    ).toBe("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    expect(await refused("Contact", { LastName: "x", AccountId: "nope" })).toBe("MALFORMED_ID");
    expect(await refused("Contact", { LastName: "x", AccountId: "001000000000001" })).toBe(
      "INVALID_CROSS_REFERENCE_KEY",
    );
    const id = await idOf("SELECT Id FROM Account LIMIT 1");
    simulator.faults.set(salesforceFaults.rowLocked, { id }, { times: 1 });
    const locked = await send("PATCH", `/sobjects/Account/${id}`, { Phone: "1" });
    expect([locked.status, codeOf(locked.body)]).toEqual([400, "UNABLE_TO_LOCK_ROW"]);
  });

  test("an external id that several have answers 300 with their addresses", async () => {
    const at = "/sobjects/Loyalty_Account__c/Legacy_Number__c/OLD-1";
    const answer = await send("PATCH", at, { Points__c: 5 });
    expect(answer.status).toBe(300);
    expect(answer.body).toHaveLength(2);
    expect(answer.body[0]).toMatch(/^\/services\/data\/v64\.0\/sobjects\/Loyalty_Account__c\/a0L/);
  });

  test("a composite with allOrNone leaves nothing when a part fails; references need an answer", async () => {
    const before = await count("SELECT COUNT() FROM Account");
    const parts = [
      {
        method: "POST",
        url: "/services/data/v64.0/sobjects/Account",
        referenceId: "a",
        body: { Name: "One" },
      },
      {
        method: "POST",
        url: "/services/data/v64.0/sobjects/Contact",
        referenceId: "c",
        body: { FirstName: "No last name", AccountId: "@{a.id}" },
      },
      { method: "GET", url: "/services/data/v64.0/sobjects/Contact/@{c.id}", referenceId: "g" },
    ];
    const undone = (await send("POST", "/composite", { allOrNone: true, compositeRequest: parts }))
      .body.compositeResponse;
    expect(undone.map(({ body }: { body: { errorCode: string }[] }) => codeOf(body))).toEqual([
      "PROCESSING_HALTED",
      "REQUIRED_FIELD_MISSING",
      "PROCESSING_HALTED",
    ]);
    expect(await count("SELECT COUNT() FROM Account")).toBe(before);
    const kept = (await send("POST", "/composite", { compositeRequest: parts })).body
      .compositeResponse;
    expect(kept.map(({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode)).toEqual([
      201, 400, 400,
    ]);
    expect(kept[0].httpHeaders.Location).toContain("/sobjects/Account/001");
    expect(await count("SELECT COUNT() FROM Account")).toBe(before + 1);
  });

  test("collections of 200: some or all, by create, update, upsert, delete and read", async () => {
    const records = (names: (string | null)[]) =>
      names.map((name) => ({ attributes: { type: "Lead" }, ...lead(name ?? "") }));
    const half = await send("POST", "/composite/sobjects", {
      allOrNone: true,
      records: records(["Ada", null]),
    });
    expect(half.status).toBe(200);
    expect(
      half.body.map(({ errors }: never) => (errors as { statusCode: string }[])[0]),
    ).toMatchObject([
      { statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK" },
      { statusCode: "REQUIRED_FIELD_MISSING" },
    ]);
    const made = (
      await send("POST", "/composite/sobjects", {
        allOrNone: false,
        records: records(Array.from({ length: 200 }, (_, at) => `Many ${at}`)),
      })
    ).body as { id: string; success: boolean }[];
    expect(made.filter(({ success }) => success)).toHaveLength(200);
    const ids = made.map(({ id }) => id);
    const changed = await send("PATCH", "/composite/sobjects", {
      allOrNone: false,
      records: ids.map((id) => ({ attributes: { type: "Lead" }, id, Title: "Changed" })),
    });
    expect(changed.body.every(({ success }: { success: boolean }) => success)).toBe(true);
    const read = await send("POST", "/composite/sobjects/Lead", {
      ids: [...ids.slice(0, 2), "00Q000000000000AAA"],
      fields: ["Title"],
    });
    expect(read.body).toMatchObject([{ Title: "Changed" }, { Title: "Changed" }, null]);
    const put = await send("PATCH", "/composite/sobjects/Loyalty_Account__c/Member_Number__c", {
      allOrNone: false,
      records: [
        {
          attributes: { type: "Loyalty_Account__c" },
          Member_Number__c: "NP-700002",
          Points__c: 70_000,
        },
        { attributes: { type: "Loyalty_Account__c" }, Member_Number__c: "NP-NEW", Name: "New" },
      ],
    });
    expect(put.body.map(({ created }: { created: boolean }) => created)).toEqual([false, true]);
    const gone = await send("DELETE", `/composite/sobjects?ids=${ids.join(",")}&allOrNone=true`);
    expect(gone.body.every(({ success }: { success: boolean }) => success)).toBe(true);
    const again = await send("DELETE", `/composite/sobjects?ids=${ids[0]}`);
    expect(again.body[0].errors[0].statusCode).toBe("ENTITY_IS_DELETED");
    const many = await send("POST", "/composite/sobjects", {
      records: records(Array.from({ length: 201 }, (_, at) => `Many ${at}`)),
    });
    expect(many.status).toBe(400);
  });

  test("a tree makes parents and children, or nothing", async () => {
    const grow = (LastName: string | undefined) =>
      send("POST", "/composite/tree/Account", {
        records: [
          {
            attributes: { type: "Account", referenceId: "ref1" },
            Name: "Tree",
            Contacts: {
              records: [{ attributes: { type: "Contact", referenceId: "ref2" }, LastName }],
            },
          },
        ],
      });
    expect(await grow(undefined)).toMatchObject({
      status: 400,
      body: { hasErrors: true, results: [{ referenceId: "ref2" }] },
    });
    expect(await count("SELECT COUNT() FROM Account WHERE Name = 'Tree'")).toBe(0);
    expect((await grow("Twig")).status).toBe(201);
    expect(await count("SELECT COUNT() FROM Contact WHERE Account.Name = 'Tree'")).toBe(1);
  });

  test("a batch goes on after a failure, or stops where it is told to", async () => {
    const batchRequests = [
      { method: "GET", url: "v64.0/nope" },
      { method: "GET", url: "v64.0/limits" },
    ];
    const on = (await send("POST", "/composite/batch", { batchRequests })).body;
    const off = (await send("POST", "/composite/batch", { batchRequests, haltOnError: true })).body;
    const codes = (body: { results: { statusCode: number }[] }) =>
      body.results.map(({ statusCode }) => statusCode);
    expect([codes(on), codes(off)]).toEqual([
      [404, 200],
      [404, 412],
    ]);
  });

  test("limits count the calls of the org and of the app", async () => {
    const left = async () => (await send("GET", "/limits")).body.DailyApiRequests;
    const [first, second] = [await left(), await left()];
    expect(first.Remaining - second.Remaining).toBe(1);
    expect(second["MeshMesh Studio"].Remaining).toBe(second.Remaining);
  });
});
