import type { Folder } from "./data-types.ts";
import { plansFor } from "./seed-data-extensions.ts";
import { slug, type UnitSeed } from "./unit-seed.ts";
import { parentOf } from "./world.ts";

/** Folders of Content Builder, `/` for nesting; the first of a path stands before its children. */
export const assetFolders = [
  "Emails",
  "Emails/Newsletters",
  "Emails/Newsletters/2025",
  "Emails/Newsletters/2026",
  "Emails/Lifecycle",
  "Emails/Lifecycle/Welcome",
  "Emails/Transactional",
  "Blocks",
  "Blocks/Legal",
  "Images",
  "Templates",
  "日本語",
  "عربى",
] as const;

/** Root folders of a business unit, then those of its data extensions and of its content. */
export function seedFolders({
  tenant,
  mid,
  size,
}: Pick<UnitSeed, "tenant" | "mid" | "size">): Folder[] {
  const base = (mid % 100000) * 100;
  const folder = (offset: number, name: string, contentType: string, parentId = 0): Folder => ({
    id: base + offset,
    mid,
    name,
    contentType,
    parentId,
    key: parentId === 0 ? `${contentType}_default` : slug(name),
  });
  const roots = [
    folder(1, "Data Extensions", "dataextension"),
    folder(2, "Content Builder", "asset"),
    folder(3, "my automations", "automations"),
    folder(4, "Query", "queryactivity"),
    folder(5, "Journeys", "journey"),
    ...(mid === parentOf(tenant).mid ? [folder(6, "Shared Content", "asset-shared")] : []),
  ];
  const names = [...new Set(plansFor(tenant.industry, size).map((plan) => plan.folder))];
  const content = size === "full" ? assetFolders : [];
  return [
    ...roots,
    ...names.map((name, index) => folder(10 + index, name, "dataextension", base + 1)),
    ...content.map((path, index) => {
      const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
      const at = (assetFolders as readonly string[]).indexOf(parent);
      const name = path.slice(path.lastIndexOf("/") + 1);
      return folder(40 + index, name, "asset", base + (at < 0 ? 2 : 40 + at));
    }),
  ];
}

export function folderId(folders: readonly Folder[], contentType: string, name?: string): number {
  const found = folders.find(
    (one) => one.contentType === contentType && (name === undefined || one.name === name),
  );
  return found?.id ?? 0;
}
