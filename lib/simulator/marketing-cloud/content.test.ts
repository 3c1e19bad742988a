import { describe, expect, test } from "vitest";
import { connectedCloud, halden } from "./testing.ts";

const assets = "/asset/v1/content/assets";
const categories = "/asset/v1/content/categories";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

const html = (title: string) => `<html><body><h1>${title}</h1></body></html>`;
const mail = {
  name: "Autumn note",
  assetType: { id: 208, name: "htmlemail" },
  views: { html: { content: html("Autumn") }, subjectline: { content: "Leaves" } },
};

describe("assets", () => {
  test("are many, in nested folders, with bodies in their views", async () => {
    const { read } = await connectedCloud();
    const { count, items } = await read(`${assets}?$pagesize=500`);
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(150);
    const folders = (await read(`${categories}?$pageSize=100`)).items;
    const used = new Set(items.map(({ category }: Any) => category.id));
    expect(folders.filter(({ id }: Any) => used.has(id)).length).toBeGreaterThan(8);
    const deepest = folders.find(({ name }: Any) => name === "2026");
    const parent = folders.find(({ id }: Any) => id === deepest.parentId);
    const top = folders.find(({ id }: Any) => id === parent.parentId);
    expect([parent.name, top.name]).toEqual(["Newsletters", "Emails"]);
    const welcome = items.find(({ name }: Any) => name === "Welcome series 1");
    expect(welcome.views.html.content).toContain("%%unsub_center_url%%");
    expect(welcome.createdDate).toMatch(/-06:00$/);
  });

  test("have odd ones: hidden characters and script, one very long, one empty, one from right to left", async () => {
    const { read } = await connectedCloud();
    const { items } = await read(`${assets}?$pagesize=500`);
    const bodies = items.map(({ views }: Any) => views?.html?.content ?? "");
    expect(bodies.some((body: string) => /\u200b/.test(body) && /<script/.test(body))).toBe(true);
    expect(Math.max(...bodies.map((body: string) => body.length))).toBeGreaterThan(300_000);
    expect(bodies.some((body: string) => body.includes('dir="rtl"'))).toBe(true);
    expect(items.some(({ views }: Any) => views && Object.keys(views).length === 0)).toBe(true);
  });

  test("come with the fields that were named, and the id", async () => {
    const { read } = await connectedCloud();
    const { items } = await read(`${assets}?$fields=name,Category&$pagesize=1&$orderBy=name asc`);
    expect(Object.keys(items[0]).sort()).toEqual(["category", "id", "name"]);
  });

  const simple = (property: string, simpleOperator: string, value?: unknown) => ({
    property,
    simpleOperator,
    ...(value === undefined ? {} : { value }),
  });
  test.each([
    [simple("assetType.id", "in", [23, 28]), (one: Any) => /\.(jpg|png)$/.test(one.name)],
    [simple("assetType.name", "equal", "textonlyemail"), (one: Any) => one.assetType.id === 209],
    [simple("name", "startsWith", "copy of"), (one: Any) => /^Copy of/.test(one.name)],
    [simple("name", "contains", "cart"), (one: Any) => /cart/i.test(one.name)],
    [simple("views", "isNull"), (one: Any) => one.views === undefined],
    [simple("views.html.content", "isNotNull"), (one: Any) => one.views.html.content !== ""],
    [simple("id", "greaterThan", 1), (one: Any) => one.id > 1],
    [
      {
        leftOperand: simple("name", "like", "Welcome%"),
        logicalOperator: "AND",
        rightOperand: {
          leftOperand: simple("name", "like", "%2"),
          logicalOperator: "OR",
          rightOperand: simple("name", "like", "%3"),
        },
      },
      (one: Any) => /^Welcome.*[23]$/.test(one.name),
    ],
  ])("are found by the query %o", async (query, isWanted) => {
    const { act } = await connectedCloud();
    const body = { page: { page: 1, pageSize: 400 }, query };
    const { json } = await act("POST", `${assets}/query`, body);
    expect(json.count).toBeGreaterThan(0);
    expect(json.items.every(isWanted)).toBe(true);
  });

  test.each([
    [{ query: simple("name", "sounds", "x") }, 10005],
    [{ query: simple("name", "equal") }, 10002],
    [{ query: { leftOperand: simple("name", "isNull"), logicalOperator: "AND" } }, 10002],
    [{ sort: [{ property: "name", direction: "UP" }] }, 10005],
    [{ page: { page: 0 } }, 10001],
    [{ page: "first" }, 10001],
  ])("the query %o is refused", async (body, errorcode) => {
    const { act } = await connectedCloud();
    const answer = await act("POST", `${assets}/query`, body);
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });

  test("a query is sorted and paged", async () => {
    const { act } = await connectedCloud();
    const ask = async (page: number) =>
      (
        await act("POST", `${assets}/query`, {
          page: { page, pageSize: 10 },
          sort: [
            { property: "assetType.id", direction: "DESC" },
            { property: "name", direction: "ASC" },
          ],
          fields: ["name", "assetType"],
        })
      ).json;
    const [first, second] = [await ask(1), await ask(2)];
    expect(first.items[0].assetType.id).toBe(209);
    expect(first.items.at(-1).assetType.id).toBeGreaterThanOrEqual(second.items[0].assetType.id);
    expect(Object.keys(first.items[0]).sort()).toEqual(["assetType", "id", "name"]);
  });
});

describe("an asset", () => {
  test("is made, changed view by view, replaced whole and deleted", async () => {
    const { act, clock, read } = await connectedCloud();
    const made = await act("POST", assets, mail);
    expect([made.status, made.json.assetType.name]).toEqual([201, "htmlemail"]);
    const path = `${assets}/${made.json.id}`;
    clock.advanceSeconds(60);
    const views = { subjectline: { content: "More leaves" } };
    const patched = (await act("PATCH", path, { views })).json;
    expect(patched.views).toEqual({ ...mail.views, ...views });
    expect(patched.modifiedDate > made.json.modifiedDate).toBe(true);
    const put = (await act("PUT", path, { ...mail, views })).json;
    expect(put.views).toEqual(views);
    expect((await act("PUT", path, { name: "x" })).json.errorcode).toBe(10002);
    const gone = await act("DELETE", path);
    expect([gone.status, gone.json]).toEqual([200, "OK"]);
    expect((await read(path)).errorcode).toBe(30003);
  });

  test("of a taken name or key is refused with the reasons in validationErrors", async () => {
    const { act } = await connectedCloud();
    await act("POST", assets, { ...mail, customerKey: "autumn" });
    const name = await act("POST", assets, mail);
    expect([name.status, name.json.validationErrors[0].errorcode]).toEqual([400, 118077]);
    const key = await act("POST", assets, { ...mail, name: "Other", customerKey: "Autumn" });
    expect(key.json.validationErrors[0].errorcode).toBe(118078);
  });

  test.each([
    ["no type", { assetType: undefined }, 10002],
    ["a type nobody knows", { assetType: { id: 99999 } }, 10005],
    ["a type and another's name", { assetType: { id: 208, name: "png" } }, 10005],
    ["no name", { name: "" }, 10002],
    ["a folder of queries", { category: { id: 1234504 } }, 10005],
    ["views that are none", { views: "html" }, 10001],
  ])("with %s is refused", async (_name, change, errorcode) => {
    const { act } = await connectedCloud();
    const answer = await act("POST", assets, { ...mail, ...change });
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });

  test("that the parent shares is read everywhere and changed in the parent alone", async () => {
    const { act, read } = await connectedCloud(undefined, halden.mids.dach);
    const { items } = await read(`${assets}?scope=Shared`);
    expect(items.length).toBeGreaterThan(0);
    expect((await read(`${assets}/${items[0].id}`)).name).toBe(items[0].name);
    expect((await act("PATCH", `${assets}/${items[0].id}`, { name: "x" })).status).toBe(404);
    const parent = await connectedCloud();
    expect((await parent.act("PATCH", `${assets}/${items[0].id}`, { name: "x" })).status).toBe(200);
  });
});

test("a folder is made under another, once", async () => {
  const { act, read } = await connectedCloud();
  const emails = (await read(`${categories}?$filter=name eq 'Emails'`)).items[0];
  const made = await act("POST", categories, { Name: "2027", ParentId: emails.id });
  expect([made.status, made.json.parentId]).toEqual([201, emails.id]);
  expect((await read(`${categories}/${made.json.id}`)).name).toBe("2027");
  const inside = await read(`${categories}?$filter=parentId eq ${emails.id}`);
  expect(inside.items.map(({ name }: Any) => name)).toContain("2027");
  expect((await act("POST", categories, { Name: "2027", ParentId: emails.id })).status).toBe(409);
  expect((await act("POST", categories, { Name: "x", ParentId: 1 })).status).toBe(400);
  const asset = await act("POST", assets, { ...mail, category: { id: made.json.id } });
  expect(asset.json.category.name).toBe("2027");
});

test.each([
  ["GET", assets, "saved_content_read"],
  ["POST", assets, "documents_and_images_read documents_and_images_write"],
  ["POST", `${assets}/query`, "documents_and_images_write"],
  ["PATCH", `${assets}/1`, "documents_and_images_read saved_content_write"],
  ["PUT", `${assets}/1`, "documents_and_images_read saved_content_write"],
  ["DELETE", `${assets}/1`, "documents_and_images_read saved_content_write"],
  ["POST", categories, "documents_and_images_read"],
])("%s %s is not for a token with %s", async (method, path, scope) => {
  const { act } = await connectedCloud(scope);
  expect((await act(method, path, {})).status).toBe(403);
});
