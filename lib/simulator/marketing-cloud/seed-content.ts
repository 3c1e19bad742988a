import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Asset, Automation, Folder, Journey, Query } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { plansByIndustry } from "./seed-data-extensions.ts";
import type { Tenant } from "./world.ts";

const dayMs = 24 * 3600 * 1000;
const slug = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/** Root folders of a business unit, then those of its data extensions. */
export function seedFolders(tenant: Tenant, mid: number): Folder[] {
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
  ];
  const names = [...new Set(plansByIndustry[tenant.industry].map((plan) => plan.folder))];
  return [
    ...roots,
    ...names.map((name, index) => folder(10 + index, name, "dataextension", base + 1)),
  ];
}

export function folderId(folders: readonly Folder[], contentType: string, name?: string): number {
  const found = folders.find(
    (one) => one.contentType === contentType && (name === undefined || one.name === name),
  );
  return found?.id ?? 0;
}

const stories = {
  retail: [
    ["Welcome series", "Three mails over ten days for new sign-ups"],
    ["Abandoned cart", "One reminder after an hour, one after a day"],
    ["Birthday treat", "A voucher in the week of the birthday"],
    ["Win back", "People who opened nothing for half a year"],
    ["Spring catalogue", "Kept as a draft for next year"],
  ],
  freight: [
    ["Booking confirmation", "Mail and text when a load is booked"],
    ["Delay notice", "Tells the shipper when a load runs late"],
    ["Driver onboarding", "Papers and first week for new drivers"],
    ["Contract renewal", "Starts ninety days before the end"],
  ],
} as const;

const journeyStatuses: readonly Journey["status"][] = ["Draft", "Published", "Stopped"];

export function seedJourneys(random: SeededRandom, tenant: Tenant, mid: number): Journey[] {
  return stories[tenant.industry].map(([name, description], index): Journey => {
    const status = index === 0 ? "Published" : random.pick(journeyStatuses);
    return {
      id: random.uuid(),
      mid,
      key: slug(name),
      name,
      description,
      version: random.int(1, 6),
      status,
      publishedAtMs: status === "Draft" ? null : seededUntilMs - random.int(3, 400) * dayMs,
      population: status === "Published" ? random.int(40, 900) : 0,
    };
  });
}

export function seedQueries(random: SeededRandom, tenant: Tenant, mid: number): Query[] {
  const source = tenant.industry === "retail" ? "Customers" : "Shippers";
  return [
    {
      id: random.uuid(),
      mid,
      key: "fill-winback-audience",
      name: "Fill winback audience",
      text: `SELECT c.EmailAddress FROM ${source} c WHERE c.EmailAddress IS NOT NULL`,
      targetKey: "Winback_Audience",
    },
  ];
}

export function seedAutomations(
  random: SeededRandom,
  mid: number,
  folders: readonly Folder[],
): Automation[] {
  const made = (
    name: string,
    description: string,
    statusId: number,
    activities: Automation["activities"],
  ): Automation => ({
    id: random.uuid(),
    mid,
    key: slug(name),
    name,
    description,
    statusId,
    categoryId: folderId(folders, "automations"),
    lastRunAtMs: statusId === 1 ? null : seededUntilMs - random.int(0, 5) * dayMs,
    activities,
  });
  return [
    made("Nightly import", "Files from the SFTP drop", 6, [
      { name: "Fetch file", objectTypeId: 53 },
      { name: "Import customers", objectTypeId: 43 },
    ]),
    made("Winback refresh", "Runs the audience query", 6, [
      { name: "Fill winback audience", objectTypeId: 300 },
    ]),
    made("Monthly extract", "Tracking extract for the warehouse", 4, [
      { name: "Tracking extract", objectTypeId: 73 },
    ]),
    made("Newsletter send", "Tuesday newsletter", 2, [{ name: "Newsletter", objectTypeId: 42 }]),
  ];
}

const blocks = ["Header", "Footer", "Hero", "Legal notice"];

/** Html emails (208) with a subject, and blocks (197); enough to page through. */
export function seedAssets(tenant: Tenant, mid: number, folders: readonly Folder[]): Asset[] {
  const base = (mid % 100000) * 1000;
  const categoryId = folderId(folders, "asset");
  const emails = stories[tenant.industry].flatMap(([name]) =>
    [1, 2, 3].map(
      (step): Omit<Asset, "id"> => ({
        mid,
        key: `${slug(name)}-${step}`,
        name: `${name} ${step}`,
        type: { id: 208, name: "htmlemail" },
        categoryId,
        subject: `${name}: part ${step} from ${tenant.company}`,
        html: `<html><body><h1>${name}</h1><p>Hello %%FirstName%%, this is part ${step}.</p></body></html>`,
      }),
    ),
  );
  const others = blocks.map(
    (name): Omit<Asset, "id"> => ({
      mid,
      key: slug(name),
      name,
      type: { id: 197, name: "htmlblock" },
      categoryId,
      subject: null,
      html: `<div class="${slug(name)}">${tenant.company}</div>`,
    }),
  );
  return [...emails, ...others].map((asset, index) => ({ id: base + index + 1, ...asset }));
}
