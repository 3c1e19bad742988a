import { beforeEach, describe, expect, test } from "vitest";
import type { Outcome } from "#lib/providers/operation.ts";
import { changeRecords } from "#lib/providers/salesforce/operations/record-bulk.ts";
import { upsertRecords } from "#lib/providers/salesforce/operations/record-upsert.ts";
import {
  createRecord,
  deleteRecord,
  updateRecord,
} from "#lib/providers/salesforce/operations/record-writes.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { salesforceBench } from "#lib/testing/salesforce-bench.ts";

const bench = await salesforceBench();
const { prepare, prepareOne: one, apply, cut, all, simulator, elsewhere, select, count } = bench;
const at = { host: demoSalesforce.host };

beforeEach(() => simulator.faults.clear());

let serial = 0;
const fresh = (text: string) => `${text}${++serial}`;
/** A record that somebody else made. */
async function given(object: string, values: Record<string, unknown>): Promise<string> {
  const made = await elsewhere("POST", `/sobjects/${object}`, values);
  if (!made.id) throw new Error(JSON.stringify(made));
  return made.id;
}
const lead = (LastName: string, more = {}) => ({
  LastName,
  Company: "Bench Ltd",
  Status: "Open",
  ...more,
});
const givenLead = (more = {}) => given("Lead", lead(fresh("Lead "), more));
const get = (object: string, id: string) => elsewhere("GET", `/sobjects/${object}/${id}`);
const applied = (outcome: Outcome | "drifted") => {
  expect(outcome).toMatchObject({ kind: "applied" });
  return outcome as Extract<Outcome, { kind: "applied" }>;
};

describe("create", () => {
  test("shows every value under its label, sends exactly them, and tells the new id", async () => {
    const values = { FirstName: "Ada", LastName: fresh("Berg\u200b"), HasOptedOutOfEmail: true };
    const step = await one(createRecord, { object: "contact", values });
    expect(step).toMatchObject({
      title: expect.stringContaining("Create Contact “Ada Berg"),
      effect: "write",
      records: 1,
      request: { method: "POST", path: "/services/data/v60.0/sobjects/Contact" },
    });
    expect(JSON.parse(step.request.body ?? "")).toEqual(values);
    expect(step.preview.changes).toContainEqual({
      subject: `Ada ${values.LastName}`,
      subjectId: null,
      field: "Last Name (LastName)",
      before: null,
      after: values.LastName,
    });
    const { output } = applied(await apply(createRecord, step));
    const [id] = output.ids as string[];
    expect(await get("Contact", id as string)).toMatchObject(values);
  });

  test("what is there already with the same values is told", async () => {
    const values = lead(fresh("Twin "));
    const id = await given("Lead", values);
    const step = await one(createRecord, { object: "Lead", values });
    expect(step.preview.facts).toContainEqual({
      label: "Already there with the same values",
      value: `1: ${id}`,
    });
  });

  test("a missing, unknown or read-only field is told before anything is proposed", async () => {
    const refused = (values: object) =>
      prepare(createRecord, { object: "Lead", values }).catch((error: unknown) => error);
    expect(await refused({ LastName: "x" })).toMatchObject({
      userMessage: "A new Lead needs a value for Company, Status.",
    });
    expect(await refused({ Nope: "x" })).toMatchObject({ code: "operations.not_found" });
    expect(await refused({ ...lead("x"), CreatedDate: "2026-01-01" })).toMatchObject({
      code: "operations.no_permission",
    });
    await expect(
      prepare(createRecord, { object: "Organization", values: {} }),
    ).rejects.toMatchObject({ code: "operations.no_permission" });
  });

  test("an external id that is taken is a conflict, and a free one settles a cut answer", async () => {
    const create = (key: string) => ({
      object: "Account",
      values: { Name: fresh("Keyed "), ExternalKey__c: key },
    });
    await expect(prepare(createRecord, create("ERP-10001"))).rejects.toMatchObject({
      code: "operations.conflict",
    });
    const lost = await one(createRecord, create(fresh("KEY-")));
    expect(await cut(createRecord, lost, "before-work")).toMatchObject({
      kind: "failed",
      code: "operations.not_applied",
    });
    const done = await one(createRecord, create(fresh("KEY-")));
    const outcome = applied(await cut(createRecord, done, "after-work"));
    const key = JSON.parse(done.request.body ?? "").ExternalKey__c;
    const [row] = await select(`SELECT Id FROM Account WHERE ExternalKey__c = '${key}'`);
    expect(outcome.output.ids).toEqual([row.Id]);
    // Somebody else took the key meanwhile: nothing is sent.
    const late = await one(createRecord, create(fresh("KEY-")));
    await given("Account", JSON.parse(late.request.body ?? ""));
    expect(await apply(createRecord, late)).toBe("drifted");
  });

  test("without a key a cut answer is settled by the one record that came, and never by none", async () => {
    const values = { object: "Lead", values: lead(fresh("Cut ")) };
    const lost = await one(createRecord, values);
    expect((await cut(createRecord, lost, "before-work")).kind).toBe("unknown");
    const outcome = applied(await cut(createRecord, lost, "after-work"));
    expect(outcome.output.ids).toHaveLength(1);
    expect(
      await count(`SELECT COUNT() FROM Lead WHERE LastName = '${values.values.LastName}'`),
    ).toBe(1);
  });

  test("a text longer than a cell is shown whole, below", async () => {
    const Description = "long ".repeat(2_000);
    const values = { Name: fresh("Long "), Description };
    const { preview } = await one(createRecord, { object: "Account", values });
    expect(preview.bodies).toMatchObject([{ kind: "text", before: null, after: Description }]);
    expect(preview.changes).toContainEqual(
      expect.objectContaining({ after: "10,000 characters, shown whole below" }),
    );
  });
});

describe("update", () => {
  test("shows before and after, and sends only what changes", async () => {
    const id = await givenLead({ Rating: "Warm", Title: "Buyer" });
    const values = { Rating: "Hot", Title: "Buyer", Phone: null };
    const step = await one(updateRecord, { object: "Lead", id: id.slice(0, 15), values });
    expect(step.preview.changes).toEqual([
      {
        subject: expect.stringMatching(/^Lead \d+$/),
        subjectId: id,
        field: "Rating",
        before: "Warm",
        after: "Hot",
      },
    ]);
    expect(step.request).toMatchObject({
      method: "PATCH",
      path: `/services/data/v60.0/sobjects/Lead/${id}`,
      body: '{"Rating":"Hot"}',
    });
    expect(applied(await apply(updateRecord, step))).toMatchObject({
      summary: "Updated 1 Lead record.",
      output: { ids: [id], succeeded: 1, failed: 0 },
    });
    expect(await get("Lead", id)).toMatchObject({ Rating: "Hot", Title: "Buyer" });
  });

  test("a lookup is shown by the names of what it pointed at and will point at", async () => {
    const [from, to] = await select("SELECT Id, Name FROM Account WHERE Industry != null LIMIT 2");
    const id = await given("Contact", { LastName: fresh("Moves "), AccountId: from.Id });
    const move = (AccountId: string) =>
      one(updateRecord, { object: "Contact", id, values: { AccountId } });
    const { preview } = await move(to.Id);
    expect(preview.changes).toMatchObject([
      { before: `${from.Name} (${from.Id})`, after: `${to.Name} (${to.Id})` },
    ]);
    const nowhere = await move("001000000000001AAA");
    expect(nowhere.preview.changes).toMatchObject([
      { after: "001000000000001AAA (no such record to see)" },
    ]);
  });

  test("what says who may do what says so", async () => {
    const [user] = await select("SELECT Id FROM User LIMIT 1");
    const step = await one(updateRecord, {
      object: "User",
      id: user.Id,
      values: { CompanyName: fresh("C ") },
    });
    expect(step.preview.warnings).toMatchObject([{ code: "rights" }]);
  });

  test("nothing to change is no step; what is not there is not there", async () => {
    const id = await givenLead({ Rating: "Cold" });
    await expect(
      prepare(updateRecord, { object: "Lead", id, values: { Rating: "Cold" } }),
    ).rejects.toMatchObject({ code: "operations.nothing_to_change" });
    const values = { Rating: "Hot" };
    for (const wrong of ["00Q000000000000AAA", "001000000000000AAA"]) {
      await expect(
        prepare(updateRecord, { object: "Lead", id: wrong, values }),
      ).rejects.toMatchObject({ code: "operations.not_found" });
    }
  });

  test("[PLN-10] a record that moved since, or went, stops the step", async () => {
    const id = await givenLead();
    const change = { object: "Lead", id, values: { Rating: "Hot" } };
    const step = await one(updateRecord, change);
    await elsewhere("PATCH", `/sobjects/Lead/${id}`, { Phone: "1" });
    expect(await apply(updateRecord, step)).toBe("drifted");
    const again = await one(updateRecord, change);
    await elsewhere("DELETE", `/sobjects/Lead/${id}`);
    expect(await apply(updateRecord, again)).toBe("drifted");
  });

  test("[PLN-10] what moves between the last look and the request is stopped by Salesforce itself", async () => {
    const id = await givenLead();
    const step = await one(updateRecord, { object: "Lead", id, values: { Rating: "Hot" } });
    await elsewhere("PATCH", `/sobjects/Lead/${id}`, { Rating: "Cold" });
    const response = await bench.send(step.request);
    expect(response.status).toBe(412);
    expect(await bench.conclude(updateRecord, step, response)).toMatchObject({
      kind: "failed",
      code: "operations.conflict",
    });
    expect(await get("Lead", id)).toMatchObject({ Rating: "Cold" });
  });
  test("[PLN-5] after a cut answer, reading back tells whether it happened", async () => {
    const change = async () => ({
      object: "Lead",
      id: await givenLead(),
      values: { Rating: "Hot" },
    });
    const lost = await one(updateRecord, await change());
    expect(await cut(updateRecord, lost, "before-work")).toMatchObject({
      kind: "failed",
      code: "operations.not_applied",
    });
    const done = await one(updateRecord, await change());
    expect(await cut(updateRecord, done, "after-work")).toMatchObject({ kind: "applied" });
    const input = await change();
    const other = await one(updateRecord, input);
    await elsewhere("PATCH", `/sobjects/Lead/${input.id}`, { Rating: "Cold" });
    expect(await cut(updateRecord, other, "before-work")).toMatchObject({ kind: "unknown" });
    const gone = await change();
    const left = await one(updateRecord, gone);
    await elsewhere("DELETE", `/sobjects/Lead/${gone.id}`);
    expect(await cut(updateRecord, left, "before-work")).toMatchObject({ kind: "unknown" });
  });

  test.each([
    [{ Birthdate: "2199-01-01" }, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation rule"],
    [{ Email: "no address" }, "INVALID_EMAIL_ADDRESS", "email address is not one"],
    [{ AccountId: "001000000000001AAA" }, "INVALID_CROSS_REFERENCE_KEY", "points to"],
  ])("%o is refused in our words", async (values, providerCode, words) => {
    const id = await given("Contact", { LastName: fresh("Refused ") });
    const step = await one(updateRecord, { object: "Contact", id, values });
    expect(await apply(updateRecord, step)).toMatchObject({
      kind: "failed",
      code: "operations.refused_by_provider",
      summary: expect.stringContaining(words),
      output: { providerCode },
    });
  });

  test.each([
    ["Contact", { Title: "x".repeat(256) }, "Contact.Title holds at most 255 characters."],
    ["Contact", { HasOptedOutOfEmail: "yes" }, "Contact.HasOptedOutOfEmail takes true or false."],
    ["Contact", { Birthdate: "31.01.2000" }, "Contact.Birthdate takes a day as 2026-01-31."],
    ["Contact", { Birthdate: "2000-13-01" }, "Contact.Birthdate takes a day as 2026-01-31."],
    ["Contact", { AccountId: "Alder" }, "Contact.AccountId takes the id of a record."],
    ["Account", { NumberOfEmployees: 1.5 }, "Account.NumberOfEmployees takes a whole number."],
    ["Account", { AnnualRevenue: "5" }, "Account.AnnualRevenue takes a number."],
    ["Account", { Name: 5 }, "Account.Name takes a text."],
    ["Loyalty_Account__c", { Tier__c: "Tin" }, "Loyalty_Account__c.Tier__c has no value “Tin”."],
  ])("%s: a value that its field does not take is no plan: %o", async (object, values, words) => {
    const [{ Id: id }] = await select(`SELECT Id FROM ${object} LIMIT 1`);
    await expect(prepare(updateRecord, { object, id, values })).rejects.toMatchObject({
      userMessage: words,
    });
  });

  test("a locked row is a conflict; a server's fault says nothing, and reading back tells", async () => {
    const id = await givenLead();
    const step = await one(updateRecord, { object: "Lead", id, values: { Rating: "Hot" } });
    simulator.faults.set(salesforceFaults.rowLocked, { id }, { times: 1 });
    expect(await apply(updateRecord, step)).toMatchObject({
      kind: "failed",
      code: "operations.conflict",
      output: { providerCode: "UNABLE_TO_LOCK_ROW" },
    });
    const page = { status: 502, body: "<h1>Bad gateway</h1>", contentType: "text/html" };
    simulator.faults.set(wireFaults.answer, page, {
      ...at,
      path: `/services/data/v60.0/sobjects/Lead/${id}`,
      times: 1,
    });
    expect(await apply(updateRecord, step)).toMatchObject({ kind: "unknown" });
    expect(await cut(updateRecord, step, "before-work")).toMatchObject({
      code: "operations.not_applied",
    });
  });
});

test("[PLN-5] a page in the place of an answer makes nothing done", async () => {
  const id = await givenLead();
  const update = await one(updateRecord, { object: "Lead", id, values: { Company: fresh("AB") } });
  const removal = await one(deleteRecord, { object: "Lead", id });
  for (const [operation, step] of [
    [updateRecord, update],
    [deleteRecord, removal],
  ] as const) {
    const page = { status: 200, headers: {}, body: "<html>Back soon</html>" };
    expect(await bench.conclude(operation, step, page)).toMatchObject({ kind: "unknown" });
  }
});

describe("delete", () => {
  test("shows what goes, also along with it, and what the recycle bin keeps", async () => {
    const id = await given("Account", { Name: fresh("Doomed "), Industry: "Retail" });
    for (const LastName of ["A", "B"]) await given("Contact", { LastName, AccountId: id });
    const step = await one(deleteRecord, { object: "Account", id });
    expect(step).toMatchObject({ effect: "destructive", title: expect.stringContaining("Doomed") });
    expect(step.preview.changes).toContainEqual(
      expect.objectContaining({ field: "Industry", before: "Retail", after: null }),
    );
    expect(step.preview.facts).toContainEqual({
      label: "Deleted along with it",
      value: "2 Contact",
    });
    expect(step.preview.warnings).toMatchObject([{ code: "delete" }]);
    expect(applied(await apply(deleteRecord, step)).summary).toBe("Deleted 1 Account record.");
    expect(await get("Account", id)).toMatchObject([{ errorCode: "ENTITY_IS_DELETED" }]);
  });

  test("what has no recycle bin says so; drift stops; a cut answer is settled for certain", async () => {
    const [member] = await select("SELECT Id FROM CampaignMember LIMIT 1");
    const step = await one(deleteRecord, { object: "CampaignMember", id: member.Id });
    expect(step.preview.warnings.map(({ code }) => code)).toEqual(["delete", "cannot_be_undone"]);
    const id = await givenLead();
    const drifted = await one(deleteRecord, { object: "Lead", id });
    await elsewhere("PATCH", `/sobjects/Lead/${id}`, { Rating: "Hot" });
    expect(await apply(deleteRecord, drifted)).toBe("drifted");
    const again = await one(deleteRecord, { object: "Lead", id });
    expect(await cut(deleteRecord, again, "before-work")).toMatchObject({ kind: "failed" });
    expect(await cut(deleteRecord, again, "after-work")).toMatchObject({ kind: "applied" });
  });
});

describe("upsert by external id", () => {
  const put = (records: object[], more = {}) => ({
    object: "Loyalty_Account__c",
    externalIdField: "member_number__c",
    records,
    ...more,
  });

  test("changes what is there, makes what is missing, leaves out what would stay", async () => {
    const key = fresh("NEW-");
    const [same] = await select(
      "SELECT Member_Number__c, Points__c FROM Loyalty_Account__c WHERE Tier__c = 'Gold' LIMIT 1",
    );
    const step = await one(
      upsertRecords,
      put([
        { key: "NP-700010", values: { Points__c: 77_777 } },
        { key: same.Member_Number__c, values: { Points__c: same.Points__c } },
        { key, values: { Name: "O'Neill\\ “new”", Points__c: 5 } },
      ]),
    );
    expect(step).toMatchObject({
      records: 2,
      title: "Create or update 2 Loyalty_Account__c records",
    });
    expect(step.preview.facts.map(({ value }) => value)).toEqual(["1", "1", "1"]);
    expect(applied(await apply(upsertRecords, step)).output).toMatchObject({
      succeeded: 2,
      created: 1,
    });
    const [made] = await select(
      `SELECT Name FROM Loyalty_Account__c WHERE Member_Number__c = '${key}'`,
    );
    expect(made.Name).toBe("O'Neill\\ “new”");
  });

  test("several with one key, a field that is no key, or a key among the values are refused", async () => {
    const legacy = {
      ...put([{ key: "OLD-1", values: { Points__c: 1 } }]),
      externalIdField: "Legacy_Number__c",
    };
    await expect(prepare(upsertRecords, legacy)).rejects.toMatchObject({
      code: "operations.conflict",
    });
    await expect(
      prepare(upsertRecords, { ...legacy, externalIdField: "Points__c" }),
    ).rejects.toMatchObject({ code: "operations.not_found" });
    await expect(
      prepare(upsertRecords, put([{ key: "a", values: { Member_Number__c: "b" } }])),
    ).rejects.toMatchObject({ code: "operations.refused_by_provider" });
    const twice = put([
      { key: "A", values: {} },
      { key: "a ", values: {} },
    ]);
    expect(upsertRecords.input.safeParse(twice).success).toBe(false);
  });

  test("drift is seen by key; a cut answer is settled record by record", async () => {
    const input = () => put([{ key: fresh("UP-"), values: { Name: "Up" } }]);
    const first = input();
    const drifted = await one(upsertRecords, first);
    await given("Loyalty_Account__c", {
      Name: "Up",
      Member_Number__c: (first.records[0] as { key: string }).key,
    });
    expect(await apply(upsertRecords, drifted)).toBe("drifted");
    const step = await one(upsertRecords, input());
    expect(await cut(upsertRecords, step, "before-work")).toMatchObject({
      code: "operations.not_applied",
    });
    expect(await cut(upsertRecords, step, "after-work")).toMatchObject({ kind: "applied" });
  });

  test("keys that no address could hold still work, 200 at a time", async () => {
    const records = Array.from({ length: 200 }, (_, index) => ({
      key: `../;%2f?#'\\"${index}`.padEnd(20, "木").slice(0, 20),
      values: { Name: `N${index}` },
    }));
    const step = await one(upsertRecords, put(records));
    expect(step.preview.warnings).toMatchObject([{ code: "bulk" }]);
    expect(step.request.path).toBe(
      "/services/data/v60.0/composite/sobjects/Loyalty_Account__c/Member_Number__c",
    );
    expect(applied(await apply(upsertRecords, step)).output).toMatchObject({ created: 200 });
  });
});

describe("several records at once", () => {
  test("one kind a step, 200 a step, each shown and counted", async () => {
    const [kept, changed, doomed] = [
      await givenLead({ Rating: "Hot" }),
      await givenLead({ Rating: "Warm" }),
      await givenLead(),
    ];
    const creates = Array.from({ length: 201 }, () => ({
      action: "create",
      object: "Lead",
      values: lead(fresh("Bulk ")),
    }));
    const steps = await prepare(changeRecords, {
      changes: [
        { action: "delete", object: "Lead", id: doomed },
        { action: "update", object: "lead", id: kept, values: { Rating: "Hot" } },
        { action: "update", object: "Lead", id: changed, values: { Rating: "Hot" } },
        ...creates,
      ],
    });
    expect(steps.map(({ title, effect, records }) => [title, effect, records])).toEqual([
      ["Create 200 Lead records", "write", 200],
      ["Create 1 Lead record", "write", 1],
      ["Update 1 Lead record", "write", 1],
      ["Delete 1 Lead record", "destructive", 1],
    ]);
    expect(steps[0]?.preview).toMatchObject({ changesTotal: 600, warnings: [{ code: "bulk" }] });
    expect(steps[0]?.preview.changes).toHaveLength(500);
    for (const step of steps) applied(await apply(changeRecords, step));
    expect(await get("Lead", changed)).toMatchObject({ Rating: "Hot" });
    expect(await get("Lead", doomed)).toMatchObject([{ errorCode: "ENTITY_IS_DELETED" }]);
  });

  test("all or none: one that is refused takes back the step, and is named", async () => {
    const ids = [await givenLead(), await givenLead(), await givenLead()];
    const changes = ids.map((id, index) => ({
      action: "update",
      object: "Lead",
      id,
      values: { Email: index === 1 ? "no address" : "a@b.example" },
    }));
    const [outcome] = await all(changeRecords, { changes });
    expect(outcome).toMatchObject({
      kind: "failed",
      code: "operations.refused_by_provider",
      summary:
        "Salesforce refused record 2 of the step (Lead): an email address is not one (Email).",
      output: { succeeded: 0, failed: 3, failures: [{ position: 2, id: ids[1] }] },
    });
    const emails = await select(`SELECT Email FROM Lead WHERE Id IN ('${ids.join("','")}')`);
    expect(emails.map(({ Email }) => Email)).toEqual([null, null, null]);
    const [partly] = await all(changeRecords, { changes, allOrNone: false });
    expect(partly).toMatchObject({
      kind: "applied",
      summary: "Updated 2 Lead records. 1 of 3 were not changed.",
      output: { succeeded: 2, failed: 1, failures: [{ position: 2 }] },
    });
  });

  test("a cut answer: all, none, a part that is certain, and what nobody can tell", async () => {
    const ids = [await givenLead(), await givenLead()];
    const change = (rating: string, allOrNone = true) => ({
      changes: ids.map((id) => ({
        action: "update",
        object: "Lead",
        id,
        values: { Rating: rating },
      })),
      allOrNone,
    });
    const none = await one(changeRecords, change("Hot"));
    expect(await cut(changeRecords, none, "before-work")).toMatchObject({
      code: "operations.not_applied",
    });
    expect(await cut(changeRecords, none, "after-work")).toMatchObject({
      kind: "applied",
      output: { succeeded: 2 },
    });
    const half = await one(changeRecords, change("Cold"));
    await elsewhere("PATCH", `/sobjects/Lead/${ids[0]}`, { Rating: "Cold" });
    expect(await cut(changeRecords, half, "before-work")).toMatchObject({ kind: "unknown" });
    const part = await one(changeRecords, {
      ...change("Warm", false),
    });
    await elsewhere("PATCH", `/sobjects/Lead/${ids[0]}`, { Rating: "Warm" });
    expect(await cut(changeRecords, part, "before-work")).toMatchObject({
      kind: "applied",
      output: { succeeded: 1, failed: 1 },
    });
    const made = await one(changeRecords, {
      changes: [1, 2].map(() => ({ action: "create", object: "Lead", values: lead(fresh("C ")) })),
    });
    expect(made.observed).toBeNull();
    expect(await cut(changeRecords, made, "after-work")).toMatchObject({ kind: "unknown" });
    const keyed = await one(changeRecords, {
      changes: [1, 2].map(() => ({
        action: "create",
        object: "Account",
        values: { Name: fresh("K "), ExternalKey__c: fresh("BULK-") },
      })),
    });
    expect(await cut(changeRecords, keyed, "before-work")).toMatchObject({ kind: "failed" });
    expect(await cut(changeRecords, keyed, "after-work")).toMatchObject({ kind: "applied" });
    const doomed = await one(changeRecords, {
      changes: ids.map((id) => ({ action: "delete", object: "Lead", id })),
    });
    expect(await cut(changeRecords, doomed, "before-work")).toMatchObject({ kind: "failed" });
    expect(await cut(changeRecords, doomed, "after-work")).toMatchObject({
      kind: "applied",
      summary: "Deleted 2 Lead records.",
    });
  });

  test("[PLN-10] one record of two hundred that moved stops them all", async () => {
    const rows = await select("SELECT Id FROM Contact ORDER BY Id LIMIT 200");
    const changes = rows.map(({ Id }) => ({
      action: "update",
      object: "Contact",
      id: Id,
      values: { Department: "Moved" },
    }));
    const step = await one(changeRecords, { changes });
    await elsewhere("PATCH", `/sobjects/Contact/${rows[137].Id}`, { Title: "Moved" });
    expect(await apply(changeRecords, step)).toBe("drifted");
  });

  test("a record named twice, or one that is not there, is no plan", async () => {
    const id = await givenLead();
    const values = { Rating: "Hot" };
    const twice = [
      { action: "update", object: "Lead", id, values },
      { action: "delete", object: "Lead", id: id.slice(0, 15) },
    ];
    expect(changeRecords.input.safeParse({ changes: twice }).success).toBe(false);
    const missing = { action: "update", object: "Lead", id: "00Q000000000000AAA", values };
    await expect(prepare(changeRecords, { changes: [missing] })).rejects.toMatchObject({
      code: "operations.not_found",
    });
  });
});
