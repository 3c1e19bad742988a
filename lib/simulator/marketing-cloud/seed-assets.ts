import type { Asset } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { folderId, seedFolders } from "./seed-folders.ts";
import { stories } from "./seed-stories.ts";
import { portion, slug, type UnitSeed } from "./unit-seed.ts";

const blocks = ["Header", "Footer", "Hero", "Legal notice"];

/** Html emails (208) with a subject, and blocks (197); enough to page through. */
export function seedAssets(unit: UnitSeed): Asset[] {
  const { tenant, mid, size } = unit;
  const base = (mid % 100000) * 1000;
  const categoryId = folderId(seedFolders(unit), "asset");
  const common = {
    mid,
    categoryId,
    description: "",
    more: {},
    createdAtMs: seededUntilMs,
    modifiedAtMs: seededUntilMs,
  };
  const emails = stories[tenant.industry].flatMap(([name]) =>
    [1, 2, 3].map(
      (step): Omit<Asset, "id"> => ({
        ...common,
        key: `${slug(name)}-${step}`,
        name: `${name} ${step}`,
        type: { id: 208, name: "htmlemail" },
        content: null,
        views: {
          html: {
            content: `<html><body><h1>${name}</h1><p>Hello %%FirstName%%, this is part ${step}.</p></body></html>`,
          },
          subjectline: { content: `${name}: part ${step} from ${tenant.company}` },
        },
      }),
    ),
  );
  const others = blocks.map(
    (name): Omit<Asset, "id"> => ({
      ...common,
      key: slug(name),
      name,
      type: { id: 197, name: "htmlblock" },
      content: `<div class="${slug(name)}">${tenant.company}</div>`,
      views: null,
    }),
  );
  return portion([...emails, ...others], size, 10).map((asset, index) => ({
    id: base + index + 1,
    ...asset,
  }));
}
