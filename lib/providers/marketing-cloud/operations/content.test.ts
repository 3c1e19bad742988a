import { expect, test } from "vitest";
import {
  getContent,
  listContent,
  listFolders,
} from "#lib/providers/marketing-cloud/operations/content.ts";
import { createEmail } from "#lib/providers/marketing-cloud/operations/content-create.ts";
import { updateContent } from "#lib/providers/marketing-cloud/operations/content-update.ts";
import {
  type MarketingCloudBench,
  marketingCloudBench,
} from "#lib/testing/marketing-cloud-bench.ts";

type Listed = { id: number; key: string; name: string; type: string; folderId: number };

const firstOf = async ({ run }: MarketingCloudBench, type: string): Promise<Listed> => {
  const { content } = await run(listContent, { pageSize: 200 });
  const found = content.find((one: Listed) => one.type === type);
  if (!found) throw new Error(`no content of type ${type}`);
  return found;
};

test("folders come as a tree", async () => {
  const { run } = await marketingCloudBench();
  const { folders, total } = await run(listFolders, {});
  expect(folders).toHaveLength(total);
  const [top] = folders.filter(({ parentId }: { parentId: number | null }) => parentId === null);
  const inside = await run(listFolders, { parentId: top.id });
  expect(inside.total).toBeGreaterThan(0);
  expect(inside.folders.every((one: { parentId: number }) => one.parentId === top.id)).toBe(true);
});

test("content comes in pages, each once, and by kind, folder and words", async () => {
  const { run } = await marketingCloudBench();
  const ids: number[] = [];
  for (let page = 1; ; page += 1) {
    const part = await run(listContent, { page, pageSize: 20 });
    ids.push(...part.content.map(({ id }: Listed) => id));
    if (!part.hasMore) {
      expect(ids).toHaveLength(part.total);
      break;
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
  const emails = await run(listContent, { kind: "emails", pageSize: 200 });
  expect(emails.total).toBeLessThan(ids.length);
  const { folderId, name } = emails.content[0];
  const narrowed = await run(listContent, { kind: "emails", folderId, search: name });
  expect(narrowed.content.map((one: Listed) => one.name)).toContain(name);
  expect((await run(listContent, { search: '"}]' })).total).toBe(0);
});

test("an email is read by id or key, with its texts", async () => {
  const bench = await marketingCloudBench();
  const { id, key } = await firstOf(bench, "htmlemail");
  const byId = await bench.run(getContent, { content: String(id) });
  expect(await bench.run(getContent, { content: key })).toEqual(byId);
  expect(byId.html).toContain("<");
  expect(byId.subject).toBeTruthy();
  await expect(bench.run(getContent, { content: "no such mail" })).rejects.toMatchObject({
    code: "operations.not_found",
  });
});

const html = '<html><body><h1>Grüße & "mehr"</h1>\n</body></html>';

test("an email is made once, whatever was heard of it", async () => {
  const bench = await marketingCloudBench();
  const input = { name: "Autumn guests", subject: "Your room", preheader: "Soon", html };
  const step = await bench.prepareOne(createEmail, input);
  expect(step.preview.bodies).toEqual([{ label: "HTML", kind: "html", before: null, after: html }]);
  expect(await bench.cut(createEmail, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(createEmail, step, "after-work")).toMatchObject({ kind: "applied" });
  expect(await bench.apply(createEmail, step)).toBe("drifted");
  await expect(bench.prepare(createEmail, input)).rejects.toMatchObject({
    code: "operations.conflict",
  });
  const [outcome] = await bench.all(createEmail, { ...input, key: "another" });
  expect(outcome).toMatchObject({
    kind: "failed",
    code: "operations.conflict",
    summary: "There is already content of this kind with this name in the folder.",
  });
});

test("a change shows both bodies whole, keeps the views beside it, and is settled by reading back", async () => {
  const bench = await marketingCloudBench();
  const { id, key } = await firstOf(bench, "htmlemail");
  const before = await bench.run(getContent, { content: key });
  const step = await bench.prepareOne(updateContent, {
    ...{ content: key, subject: before.subject, preheader: "New & improved", html },
  });
  expect(step.preview.bodies).toEqual([
    { label: "HTML", kind: "html", before: before.html, after: html },
  ]);
  expect(step.preview.changes).toMatchObject([
    { field: "Preheader", before: before.preheader, after: "New & improved" },
  ]);
  expect(await bench.cut(updateContent, step, "before-work")).toMatchObject({
    code: "operations.not_applied",
  });
  expect(await bench.cut(updateContent, step, "after-work")).toMatchObject({ kind: "applied" });
  const after = await bench.run(getContent, { content: String(id) });
  expect(after).toMatchObject({ html, preheader: "New & improved", subject: before.subject });
  expect(after.text).toBe(before.text);
  await expect(
    bench.prepare(updateContent, { content: key, html, preheader: "New & improved" }),
  ).rejects.toMatchObject({ code: "operations.nothing_to_change" });
});

test("[PLN-10] content that somebody edited meanwhile is drift", async () => {
  const bench = await marketingCloudBench();
  const { key } = await firstOf(bench, "htmlemail");
  const step = await bench.prepareOne(updateContent, { content: key, html });
  await bench.all(updateContent, { content: key, subject: "Another subject" });
  expect(await bench.apply(updateContent, step)).toBe("drifted");
  expect(await bench.cut(updateContent, step, "before-work")).toMatchObject({ kind: "unknown" });
});

test.each([
  ["templatebasedemail", { html }],
  ["jpg", { subject: "x" }],
] as const)("what a %s does not have cannot be changed", async (type, change) => {
  const bench = await marketingCloudBench();
  const { id } = await firstOf(bench, type);
  await expect(
    bench.prepare(updateContent, { content: String(id), ...change }),
  ).rejects.toMatchObject({ code: "operations.bad_query" });
});

test("the HTML of a block is changed where it is, and anything can be renamed", async () => {
  const bench = await marketingCloudBench();
  const block = await firstOf(bench, "htmlblock");
  expect(
    await bench.all(updateContent, { content: String(block.id), html: "<p>New</p>" }),
  ).toMatchObject([{ kind: "applied" }]);
  expect((await bench.run(getContent, { content: String(block.id) })).html).toBe("<p>New</p>");
  const image = await firstOf(bench, "jpg");
  expect(
    await bench.all(updateContent, { content: String(image.id), name: "harbour (2).jpg" }),
  ).toMatchObject([{ kind: "applied" }]);
});
