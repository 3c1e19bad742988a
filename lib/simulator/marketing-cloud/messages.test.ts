import { describe, expect, test } from "vitest";
import { connectedCloud, halden } from "./testing.ts";

const definitions = "/messaging/v1/email/definitions";
const messages = "/messaging/v1/email/messages";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

const recipient = { contactKey: "C000001", to: "first@mail.example", attributes: { Code: "A1" } };
const one = (definitionKey = "order-confirmation", change: object = {}) => ({
  definitionKey,
  recipient: { ...recipient, ...change },
});
async function studio(scope?: string) {
  const cloud = await connectedCloud(scope);
  const sends = () => cloud.cloud.sends(halden.subdomain, halden.mids.parent);
  return { ...cloud, sends };
}

describe("definitions", () => {
  test("are listed with the count of the page, filtered and paged", async () => {
    const { read } = await studio();
    const active = await read(`${definitions}?$filter=status eq active&$pageSize=4&$page=2`);
    expect([active.count, active.definitions.length, active.page]).toEqual([4, 4, 2]);
    const all = await read(`${definitions}/?$pageSize=50`);
    expect(all.count).toBe(12);
    expect(new Set(all.definitions.map(({ status }: Any) => status)).size).toBe(2);
  });

  test("are made of a mail that is there, changed and deleted", async () => {
    const { act, read } = await studio();
    const body = {
      definitionKey: "fresh",
      name: "Fresh",
      content: { customerKey: "welcome-series-1" },
    };
    const made = await act("POST", definitions, body);
    expect([made.status, made.json.status]).toEqual([201, "Active"]);
    expect(made.json).toMatchObject({
      requestId: expect.any(String),
      definitionId: expect.any(String),
    });
    const again = await act("POST", definitions, body);
    expect([again.status, again.json.errorcode]).toEqual([409, 30004]);
    const changed = await act("PATCH", `${definitions}/fresh`, { status: "inactive" });
    expect(changed.json.status).toBe("Inactive");
    expect((await read(`${definitions}/FRESH`)).name).toBe("Fresh");
    expect((await act("DELETE", `${definitions}/fresh`)).json).toMatchObject({
      message: "Success",
      deletedDefinitionKey: "fresh",
    });
    expect((await read(`${definitions}/fresh`)).errorcode).toBe(30003);
  });

  test.each([
    [{ name: "x", content: { customerKey: "welcome-series-1" } }, 10002],
    [{ definitionKey: "x", content: { customerKey: "welcome-series-1" } }, 10002],
    [{ definitionKey: "x", name: "x" }, 10002],
    [{ definitionKey: "x", name: "x", content: { customerKey: "nothing" } }, 10005],
    [{ definitionKey: "x", name: "x", content: { customerKey: "header" } }, 10005],
  ])("%o is refused", async (body, errorcode) => {
    const { act } = await studio();
    const answer = await act("POST", definitions, body);
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });
});

describe("one message", () => {
  test("is queued, then sent; it is sent once", async () => {
    const { act, clock, read, sends } = await studio();
    const sent = await act("POST", `${messages}/key-1`, one());
    expect([sent.status, sent.json]).toEqual([
      202,
      { requestId: expect.any(String), errorcode: 0, responses: [{ messageKey: "key-1" }] },
    ]);
    const queued = await read(`${messages}/key-1`);
    expect(queued.eventCategoryType).toBe("TransactionalSendEvents.EmailQueued");
    expect(queued).not.toHaveProperty("info");
    clock.advanceSeconds(4);
    expect(await read(`${messages}/key-1`)).toMatchObject({
      eventCategoryType: "TransactionalSendEvents.EmailSent",
      compositeId: expect.any(String),
      info: { messageKey: "key-1", contactKey: "C000001", to: "first@mail.example" },
    });
    expect(sends()).toHaveLength(1);
  });

  test("whose key was taken before is refused, whatever else it says, and nothing is sent twice", async () => {
    const { act, clock, sends } = await studio();
    await act("POST", `${messages}/key-1`, one());
    for (const body of [
      one(),
      one("receipt"),
      one("order-confirmation", { contactKey: "x@y.example" }),
    ]) {
      const again = await act("POST", `${messages}/key-1`, body);
      expect([again.status, again.json.errorcode]).toEqual([409, 30004]);
    }
    clock.advanceSeconds(4);
    expect(sends().map(({ messageKey }) => messageKey)).toEqual(["key-1"]);
  });

  test("of an inactive definition stays in the queue until it is active", async () => {
    const { act, clock, read, sends } = await studio();
    expect((await act("POST", `${messages}/key-1`, one("account-closed"))).status).toBe(202);
    clock.advanceSeconds(600);
    const type = async () => (await read(`${messages}/key-1`)).eventCategoryType;
    expect(await type()).toBe("TransactionalSendEvents.EmailQueued");
    await act("PATCH", `${definitions}/account-closed`, { status: "Active" });
    clock.advanceSeconds(4);
    expect([await type(), sends().length]).toEqual(["TransactionalSendEvents.EmailSent", 1]);
  });

  test.each([
    [{ attributes: { Code: { deep: 1 } } }, 16, "InvalidAttributeValue"],
    [{ to: "nobody@host.invalid" }, 12, "InvalidEmailAddress"],
  ])("to %o is taken and not sent", async (change, statusCode, statusMessage) => {
    const { act, clock, read } = await studio();
    await act("POST", `${messages}/key-1`, one("receipt", change));
    clock.advanceSeconds(4);
    expect(await read(`${messages}/key-1`)).toMatchObject({
      eventCategoryType: "TransactionalSendEvents.EmailNotSent",
      info: { statusCode, statusMessage },
    });
    const list = await read(`${messages}/?type=notSent`);
    expect(list.messages.map(({ info }: Any) => info.messageKey)).toEqual(["key-1"]);
    const rest = await read(`${messages}/?type=notSent&lastEventId=${list.lastEventId}`);
    expect(rest.messages).toEqual([]);
  });

  test.each([
    ["nothing", one("nothing"), 404],
    ["no recipient", { definitionKey: "receipt" }, 400],
    ["no contact key", one("receipt", { contactKey: undefined }), 400],
    ["no address", one("receipt", { contactKey: "C1", to: undefined }), 400],
    ["a list of addresses", one("receipt", { to: "a@b.example,c@d.example" }), 400],
  ])("with %s is refused", async (_name, body, status) => {
    const { act, read } = await studio();
    expect((await act("POST", `${messages}/key-1`, body)).status).toBe(status);
    expect((await read(`${messages}/key-1`)).errorcode).toBe(30003);
  });

  test("has a key of up to a hundred characters", async () => {
    const { act } = await studio();
    expect((await act("POST", `${messages}/${"k".repeat(100)}`, one())).status).toBe(202);
    expect((await act("POST", `${messages}/${"k".repeat(101)}`, one())).status).toBe(400);
  });
});

describe("many messages", () => {
  test("are taken one by one: what is wrong with some is told, the others leave", async () => {
    const { act, clock, sends } = await studio();
    const body = {
      definitionKey: "receipt",
      attributes: { Season: "autumn" },
      recipients: [
        { ...recipient, messageKey: "m-1" },
        { contactKey: "C000002", to: "nowhere", messageKey: "m-2" },
        { ...recipient, messageKey: "m-1" },
        { contactKey: "third@mail.example" },
      ],
    };
    const { status, json } = await act("POST", messages, body);
    expect([status, json.errorcode]).toEqual([202, 109001]);
    expect(json.message).toContain("2 subscribers failed to queue out of 4");
    expect(json.responses.map(({ errorcode }: Any) => errorcode)).toEqual([
      undefined,
      109106,
      109106,
      undefined,
    ]);
    clock.advanceSeconds(4);
    expect(sends().map(({ to }) => to)).toEqual(["first@mail.example", "third@mail.example"]);
    const again = await act("POST", messages, body);
    expect(again.json.responses[0].errorcode).toBe(109106);
  });

  test("without a fault answer 0 alone", async () => {
    const { act } = await studio();
    const { json } = await act("POST", messages, {
      definitionKey: "receipt",
      recipients: [recipient],
    });
    expect([json.errorcode, json.message]).toEqual([0, undefined]);
    expect(json.responses[0].messageKey).toHaveLength(22);
    expect((await act("POST", messages, { definitionKey: "receipt" })).status).toBe(400);
  });
});

test.each([
  ["GET", definitions, "email_write email_send"],
  ["POST", definitions, "email_read email_send"],
  ["PATCH", `${definitions}/receipt`, "email_read email_send"],
  ["DELETE", `${definitions}/receipt`, "email_read email_send"],
  ["POST", messages, "email_read email_write"],
  ["POST", `${messages}/key-1`, "email_read email_write"],
  ["GET", `${messages}/key-1`, "email_send"],
])("%s %s is not for a token with %s", async (method, path, scope) => {
  const { act } = await studio(scope);
  expect((await act(method, path, one())).status).toBe(403);
});
