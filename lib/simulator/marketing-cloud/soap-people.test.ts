import { describe, expect, test } from "vitest";
import { connectedCloud, halden } from "./testing.ts";
import { api, bodyOf, results, simple, status } from "./testing-soap.ts";

const upsert =
  "<Options><SaveOptions><SaveOption><PropertyName>*</PropertyName><SaveAction>UpdateAdd</SaveAction></SaveOption></SaveOptions></Options>";
const dayMs = 24 * 3600 * 1000;

async function studio(scope?: string) {
  const cloud = await connectedCloud(scope);
  const retrieve = async (type: string, properties: string[], more = "") =>
    (await cloud.retrieve(cloud.access, type, properties, more)).text;
  /** Result and overall status of one write. */
  const write = async (verb: string, type: string, inside: string, options = "") => {
    const body = `<${verb}Request xmlns="${api}">${options}<Objects xsi:type="${type}">${inside}</Objects></${verb}Request>`;
    const response = bodyOf((await cloud.soap(cloud.access, verb, body)).text)[`${verb}Response`];
    return { ...response.Results, overall: response.OverallStatus };
  };
  /** All pages of a type. */
  const all = async (type: string, properties: string[], filter = "") => {
    let text = await retrieve(type, properties, filter);
    const found = results(text);
    while (status(text) === "MoreDataAvailable") {
      const id = bodyOf(text).RetrieveResponseMsg.RequestID;
      text = await retrieve(type, properties, `<ContinueRequest>${id}</ContinueRequest>`);
      found.push(...results(text));
    }
    return found;
  };
  return { ...cloud, retrieve, retrieveAs: cloud.retrieve, write, all };
}

describe("subscribers", () => {
  test("come in pages of 2500, with every status and names of all scripts", async () => {
    const { retrieve, all } = await studio();
    const properties = ["SubscriberKey", "EmailAddress", "Status", "UnsubscribedDate"];
    const text = await retrieve("Subscriber", properties);
    expect([status(text), results(text).length]).toEqual(["MoreDataAvailable", 2500]);
    const found = await all("Subscriber", properties);
    expect(found.length).toBeGreaterThan(3000);
    expect(new Set(found.map(({ SubscriberKey }) => SubscriberKey)).size).toBe(found.length);
    expect([...new Set(found.map(({ Status }) => Status))].sort()).toEqual([
      "Active",
      "Bounced",
      "Held",
      "Unsubscribed",
    ]);
    expect(text).toContain("<UnsubscribedDate xsi:nil=");
  });

  test("are found by key, with their attributes", async () => {
    const { retrieve } = await studio();
    const filter = simple("SubscriberKey", "equals", "山田太郎");
    const [found] = results(await retrieve("Subscriber", ["EmailAddress", "Attributes"], filter));
    expect(found.EmailAddress).toBe("taro.yamada@mail.example");
    expect(found.Attributes).toEqual([
      { Name: "First Name", Value: "太郎" },
      { Name: "Last Name", Value: "山田" },
    ]);
  });

  test("are made, made again only as an upsert, put on a list, changed and deleted", async () => {
    const { write, retrieve, all } = await studio();
    const [, newsletter] = results(await retrieve("List", ["ID", "ListName"]));
    const person = `<SubscriberKey>p-1</SubscriberKey><EmailAddress>p1@mail.example</EmailAddress><Attributes><Name>First Name</Name><Value>Ada &amp; Co</Value></Attributes><Lists><ID>${newsletter.ID}</ID></Lists>`;
    const made = await write("Create", "Subscriber", person);
    expect(made).toMatchObject({ StatusCode: "OK", StatusMessage: "Created Subscriber." });
    expect(Number(made.NewID)).toBeGreaterThan(0);
    expect(await write("Create", "Subscriber", person)).toMatchObject({
      overall: "Error",
      ErrorCode: "12014",
    });
    const again = await write("Create", "Subscriber", person, upsert);
    expect([again.overall, again.StatusMessage]).toEqual(["OK", "Updated Subscriber."]);
    const onList = await all(
      "ListSubscriber",
      ["ListID", "Status"],
      simple("SubscriberKey", "equals", "p-1"),
    );
    expect(onList.map(({ ListID }) => ListID)).toEqual([newsletter.ID]);

    const status = "<SubscriberKey>p-1</SubscriberKey><Status>Unsubscribed</Status>";
    expect((await write("Update", "Subscriber", status)).overall).toBe("OK");
    const filter = simple("SubscriberKey", "equals", "p-1");
    const [changed] = results(
      await retrieve("Subscriber", ["Status", "EmailAddress", "UnsubscribedDate"], filter),
    );
    expect(changed).toMatchObject({
      Status: "Unsubscribed",
      EmailAddress: "p1@mail.example",
      UnsubscribedDate: "2026-11-02T09:00:00.000",
    });
    expect((await write("Delete", "Subscriber", status)).overall).toBe("OK");
    expect((await write("Update", "Subscriber", status)).ErrorCode).toBe("12002");
  });

  test.each([
    ["no key", "<Status>Active</Status>"],
    ["a wrong address", "<EmailAddress>nowhere</EmailAddress>"],
    ["a status nobody knows", "<EmailAddress>a@b.example</EmailAddress><Status>Happy</Status>"],
    ["an unknown list", "<EmailAddress>a@b.example</EmailAddress><Lists><ID>1</ID></Lists>"],
    [
      "an unknown attribute",
      "<EmailAddress>a@b.example</EmailAddress><Attributes><Name>Shoe</Name><Value>1</Value></Attributes>",
    ],
  ])("with %s are refused, and nothing is left behind", async (_name, inside) => {
    const { write, retrieve } = await studio();
    expect((await write("Create", "Subscriber", inside)).overall).toBe("Error");
    const filter = simple("SubscriberKey", "equals", "a@b.example");
    expect(results(await retrieve("Subscriber", ["Status"], filter))).toEqual([]);
  });
});

describe("lists", () => {
  test("are eight, everybody is on the first", async () => {
    const { all } = await studio();
    const lists = await all("List", ["ID", "ListName", "CustomerKey", "Type"]);
    expect(lists).toHaveLength(8);
    const members = await all(
      "ListSubscriber",
      ["SubscriberKey"],
      simple("ListID", "equals", lists[0].ID),
    );
    expect(members).toHaveLength((await all("Subscriber", ["SubscriberKey"])).length);
  });

  test("are made, filled, changed and deleted with who was on them", async () => {
    const { write, all } = await studio();
    const made = await write("Create", "List", "<ListName>Autumn</ListName>");
    expect(made).toMatchObject({ overall: "OK", StatusMessage: "Created List." });
    expect((await write("Create", "List", "<ListName>autumn</ListName>")).overall).toBe("Error");
    const member = `<ListID>${made.NewID}</ListID><SubscriberKey>C000001</SubscriberKey>`;
    expect((await write("Create", "ListSubscriber", member)).overall).toBe("OK");
    expect((await write("Create", "ListSubscriber", member)).overall).toBe("Error");
    const off = `${member}<Status>Unsubscribed</Status>`;
    expect((await write("Update", "ListSubscriber", off, upsert)).overall).toBe("OK");
    const onList = () => all("ListSubscriber", ["Status"], simple("ListID", "equals", made.NewID));
    expect((await onList()).map(({ Status }) => Status)).toEqual(["Unsubscribed"]);
    const renamed = `<ID>${made.NewID}</ID><ListName>Autumn 2026</ListName>`;
    expect((await write("Update", "List", renamed)).StatusMessage).toBe("Updated List.");
    expect((await write("Delete", "List", renamed)).overall).toBe("OK");
    expect(await onList()).toEqual([]);
  });
});

describe("tracking events", () => {
  const common = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"];

  test("are some twenty thousand of the last thirty days", async () => {
    const { all, clock } = await studio();
    const counts: Record<string, number> = {};
    for (const type of ["Sent", "Open", "Click", "Bounce", "Unsub", "NotSent"]) {
      const found = await all(`${type}Event`, common);
      counts[type] = found.length;
      const dates = found.map(({ EventDate }) => Date.parse(`${EventDate}Z`));
      expect(Math.min(...dates)).toBeGreaterThan(clock.nowMs() - 30 * dayMs);
      expect(Math.max(...dates)).toBeLessThanOrEqual(clock.nowMs());
    }
    const sum = Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(15_000);
    expect(sum).toBeLessThan(25_000);
    expect(counts.Sent).toBeGreaterThan(counts.Open ?? 0);
    expect(counts.Open).toBeGreaterThan(counts.Click ?? 0);
  });

  test("say what their kind says", async () => {
    const { retrieve } = await studio();
    const [click] = results(await retrieve("ClickEvent", [...common, "URL"]));
    expect([click.EventType, click.URL]).toEqual(["Click", expect.stringMatching(/^https:/)]);
    const [bounce] = results(
      await retrieve("BounceEvent", [...common, "BounceCategory", "SMTPCode"]),
    );
    expect([bounce.BounceCategory, bounce.SMTPCode]).toEqual([
      expect.stringContaining("bounce"),
      expect.stringMatching(/^\d{3}$/),
    ]);
    expect(status(await retrieve("SentEvent", ["URL"]))).toMatch(/^Error: The Request Property/);
  });

  test("are filtered by time, person and send", async () => {
    const { all, clock } = await studio();
    const since = new Date(clock.nowMs() - 2 * dayMs).toISOString().slice(0, 19);
    const recent = await all("SentEvent", common, simple("EventDate", "greaterThan", since));
    expect(recent.length).toBeGreaterThan(300);
    expect(recent.length).toBeLessThan(2000);
    const { SubscriberKey, SendID } = recent[0];
    const filter = `<Filter xsi:type="ComplexFilterPart"><LeftOperand xsi:type="SimpleFilterPart"><Property>SubscriberKey</Property><SimpleOperator>equals</SimpleOperator><Value>${SubscriberKey}</Value></LeftOperand><LogicalOperator>AND</LogicalOperator><RightOperand xsi:type="SimpleFilterPart"><Property>SendID</Property><SimpleOperator>equals</SimpleOperator><Value>${SendID}</Value></RightOperand></Filter>`;
    const theirs = await all("SentEvent", common, filter);
    expect(theirs.length).toBeGreaterThan(0);
    expect(theirs.every((event) => event.SubscriberKey === SubscriberKey)).toBe(true);
  });

  test("move with the clock and stay what they were", async () => {
    const cloud = await studio();
    const before = await cloud.all("OpenEvent", common);
    cloud.clock.advanceSeconds(5 * 24 * 3600);
    const { access } = await cloud.connect();
    const { text } = await cloud.retrieveAs(access, "OpenEvent", common);
    const after = results(text);
    const key = (one: Record<string, string>) =>
      `${one.SendID}:${one.SubscriberKey}:${one.EventDate}`;
    const known = new Set(before.map(key));
    expect(after.filter((one) => known.has(key(one))).length).toBeGreaterThan(1000);
    expect(after[0].EventDate > before[0].EventDate).toBe(true);
  });

  test("hold the message that was just sent, once it has left", async () => {
    const { act, all, clock } = await studio();
    await act("POST", "/messaging/v1/email/messages/key-1", {
      definitionKey: "receipt",
      recipient: { contactKey: "watched", to: "watched@mail.example" },
    });
    const theirs = () => all("SentEvent", common, simple("SubscriberKey", "equals", "watched"));
    expect(await theirs()).toEqual([]);
    clock.advanceSeconds(4);
    expect(await theirs()).toHaveLength(1);
  });
});

test.each([
  ["Subscriber", "SubscriberKey", "audiences_read"],
  ["List", "ID", "list_and_subscribers_write"],
  ["ListSubscriber", "ListID", "email_read"],
  ["SentEvent", "SendID", "list_and_subscribers_read"],
  ["ClickEvent", "SendID", "email_read"],
])("%s is not for a token with other scopes", async (type, property, scope) => {
  const { retrieve, write } = await studio(scope);
  expect(status(await retrieve(type, [property]))).toBe("Error: API Permission Failed.");
  if (scope !== "list_and_subscribers_write" && !type.endsWith("Event")) {
    const answer = await write("Create", type, "<EmailAddress>a@b.example</EmailAddress>");
    expect(answer.StatusMessage).toBe("API Permission Failed.");
  }
});

test("another business unit has its own people", async () => {
  const here = await studio();
  const there = await connectedCloud(undefined, halden.mids.dach);
  const keys = ["SubscriberKey", "EmailAddress"];
  const filter = simple("SubscriberKey", "equals", "C000001");
  const [ours] = results(await here.retrieve("Subscriber", keys, filter));
  const { text } = await there.retrieve(there.access, "Subscriber", keys, filter);
  expect(results(text)[0].EmailAddress).not.toBe(ours.EmailAddress);
});
