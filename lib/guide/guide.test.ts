import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { guidePages } from "#lib/guide/contents.ts";
import { parseGuide } from "#lib/guide/parse-guide.ts";
import { readGuidePage } from "#lib/guide/read-guide-page.ts";
import { reasonCodes } from "#lib/providers/reason-codes.ts";

const files = globSync("**/*.md", { cwd: "docs" }).map((file) => file.replaceAll(path.sep, "/"));
const read = (file: string) => readFileSync(path.join("docs", file), "utf8");

test("every file of the guide is in its contents, or is a reason's page", () => {
  const listed = new Set(guidePages.map(({ file }) => file));
  const unlisted = files.filter((file) => !listed.has(file));
  expect(unlisted.filter((file) => !/^troubleshooting\/[a-z_]+\.md$/.test(file))).toEqual([]);
  expect([...listed].filter((file) => !files.includes(file))).toEqual([]);
});

test("every reason has a page, which the overview links; no page is about a reason that is gone", () => {
  const pages = files
    .map((file) => /^troubleshooting\/([a-z_]+)\.md$/.exec(file)?.[1])
    .filter((code) => code !== undefined);
  expect(pages.sort()).toEqual([...reasonCodes].sort());
  const overview = read("troubleshooting/README.md");
  expect(reasonCodes.filter((code) => !overview.includes(`](${code}.md)`))).toEqual([]);
});

test("every link between files leads to a file, and to a heading that is there", () => {
  const broken = files.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([\w-]+))?\)/g)]
      .map(([whole, target = "", heading]) => {
        const to = target === "" ? file : path.posix.join(path.posix.dirname(file), target);
        if (!existsSync(path.join("docs", to))) return `${file}: ${whole}`;
        const ids = parseGuide(read(to), to).headings.map(({ id }) => id);
        return heading === undefined || ids.includes(heading) ? "" : `${file}: ${whole}`;
      })
      .filter(Boolean),
  );
  expect(broken).toEqual([]);
});

test("links between files become links between pages; others stay", () => {
  const { title, body, headings } = parseGuide(
    "# A `title`\n\nSee [one](../a.md#b), [start](../README.md), [out](https://example.com/x.md).\n\n## What *comes*, then\n",
    "troubleshooting/x.md",
  );
  expect(title).toBe("A `title`");
  expect(body).toContain("[one](/docs/a#b), [start](/docs), [out](https://example.com/x.md)");
  expect(headings).toEqual([{ id: "what-comes-then", text: "What comes, then" }]);
});

test("the studio's own address stands where it is to be copied", async () => {
  const guide = await readGuidePage("connect-salesforce", "https://studio.example");
  expect(guide?.body).toContain("https://studio.example/auth/salesforce-callback");
});

test.each(["nothing", "../README", "..%2FREADME", "troubleshooting/../operating", "operating.md"])(
  "%s is no page",
  async (slug) => {
    expect(await readGuidePage(slug, "https://studio.example")).toBeNull();
  },
);
