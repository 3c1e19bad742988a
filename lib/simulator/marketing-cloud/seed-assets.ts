import type { Asset, Loose } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { emailHtml, longHtml, suspiciousHtml } from "./seed-email-html.ts";
import { assetFolders, folderId, seedFolders } from "./seed-folders.ts";
import { otherScripts, stories, told, variants } from "./seed-stories.ts";
import { dayMs, portion, slug, type UnitSeed } from "./unit-seed.ts";
import { parentOf } from "./world.ts";

export const assetTypes = {
  4: "template",
  5: "message",
  23: "jpg",
  28: "png",
  195: "htmlsection",
  197: "htmlblock",
  207: "templatebasedemail",
  208: "htmlemail",
  209: "textonlyemail",
} as const;
type TypeId = keyof typeof assetTypes;

type Plan = Pick<Asset, "name" | "content" | "views"> & {
  folder: (typeof assetFolders)[number] | "";
  type: TypeId;
  description?: string;
  more?: Loose;
};

const view = (content: string): Loose => ({ content });
const mail = (subject: string, html: string, preheader: string): Loose => ({
  html: view(html),
  text: view(`${preheader}\n\n%%view_email_url%%`),
  subjectline: view(subject),
  preheader: view(preheader),
});

const lines = [
  "you asked us to keep you posted, and here is the short version of what changed since we last wrote.",
  "we put together what people like you took along this month. Have a look before the weekend.",
  "a small thank-you for being with us: it is in your account already, there is nothing to do.",
  "this is the last note about it. If it is not for you, the link at the bottom stops them for good.",
];

/** About a hundred and twenty: mails in nested folders, blocks, images, templates, and odd ones. */
export function seedAssets(unit: UnitSeed): Asset[] {
  const { tenant, mid, size, random } = unit;
  const base = (mid % 100000) * 1000;
  const folders = seedFolders(unit);
  const root = folderId(folders, "asset");
  const firstFolder = (mid % 100000) * 100 + 40;
  const plans = portion([...mails(unit), ...odd(unit), ...pieces(unit)], size, 10);
  const made = plans.map((plan, index): Asset => {
    const at = (assetFolders as readonly string[]).indexOf(plan.folder);
    const createdAtMs = seededUntilMs - random.int(30, 700) * dayMs;
    return {
      id: base + index + 1,
      mid,
      key: slug(plan.name) || random.uuid(),
      name: plan.name,
      description: plan.description ?? "",
      type: { id: plan.type, name: assetTypes[plan.type] },
      categoryId: at < 0 || size !== "full" ? root : firstFolder + at,
      content: plan.content,
      views: plan.views,
      more: plan.more ?? {},
      createdAtMs,
      modifiedAtMs: Math.min(seededUntilMs, createdAtMs + random.int(0, 400) * dayMs),
    };
  });
  return mid === parentOf(tenant).mid ? [...made, ...shared(unit, base, folders)] : made;
}

function mails({ tenant, random }: UnitSeed): Plan[] {
  const { company, industry } = tenant;
  const told3 = variants.flatMap((variant) =>
    stories[industry].map(([name, about]) => [told(name, variant), about, variant] as const),
  );
  return told3.flatMap(([name, about, variant], index) =>
    Array.from({ length: variant === "" ? 3 : 1 }, (_, step): Plan => {
      const title = `${name} ${step + 1}`;
      return {
        name: title,
        folder: index === 0 ? "Emails/Lifecycle/Welcome" : folderOf(index),
        type: index % 4 === 3 ? 207 : 208,
        description: about,
        content: null,
        views: mail(
          `${name}: part ${step + 1} from ${company}`,
          emailHtml({
            company,
            title,
            preheader: about,
            paragraphs: [`${random.pick(lines)}`, `${about}.`, random.pick(lines)],
            action: step === 0 ? "Have a look" : "Go on",
          }),
          about,
        ),
      };
    }),
  );
}

const folderOf = (index: number): Plan["folder"] =>
  (
    [
      "Emails/Lifecycle",
      "Emails/Newsletters/2025",
      "Emails/Newsletters/2026",
      "Emails/Transactional",
    ] as const
  )[index % 4] ?? "Emails";

function odd({ tenant }: UnitSeed): Plan[] {
  const { company } = tenant;
  const [japanese, , , arabic] = otherScripts;
  const inScript = ([name, about]: readonly [string, string], lang: string): Plan => ({
    name,
    folder: lang === "ja" ? "日本語" : "عربى",
    type: 208,
    content: null,
    views: mail(
      name,
      emailHtml({
        company,
        title: name,
        preheader: about,
        paragraphs: [about, about],
        action: lang === "ja" ? "クーポンを見る" : "عرض العروض",
        direction: lang === "ja" ? "ltr" : "rtl",
        lang,
      }),
      about,
    ),
  });
  return [
    inScript(japanese, "ja"),
    inScript(arabic, "ar"),
    {
      name: "Flash offer (from supplier)",
      folder: "Emails/Newsletters",
      type: 208,
      description: "Not cleaned yet",
      content: null,
      views: mail("Fla\u200bsh offer", suspiciousHtml(company), "\ufeff48 hours"),
    },
    {
      name: "Programme terms, in full",
      folder: "Blocks/Legal",
      type: 208,
      content: null,
      views: mail("The terms of our programme", longHtml(company), "All of them"),
    },
    { name: "Nothing in it yet", folder: "Emails", type: 208, content: null, views: {} },
    {
      name: "Plain reminder",
      folder: "Emails/Transactional",
      type: 209,
      content: null,
      views: {
        text: view("Your order is waiting.\n\n%%view_email_url%%"),
        subjectline: view("Reminder"),
      },
    },
  ];
}

const blockNames = [
  "Header",
  "Footer",
  "Hero",
  "Legal notice",
  "Product row",
  "Store finder",
  "Social links",
  "Review stars",
];
const imageNames = [
  "hero-spring",
  "hero-autumn",
  "logo",
  "logo-white",
  "icon-cart",
  "icon-heart",
  "map",
  "team",
  "sale-badge",
  "footer-hills",
];

function pieces({ tenant, random }: UnitSeed): Plan[] {
  const blocks = blockNames.flatMap((name) =>
    ["", " (dark)"].map(
      (kind): Plan => ({
        name: `${name}${kind}`,
        folder: name === "Legal notice" ? "Blocks/Legal" : "Blocks",
        type: 197,
        content: `<div class="${slug(name)}"${kind ? ' data-theme="dark"' : ""}>${tenant.company}</div>`,
        views: null,
      }),
    ),
  );
  const images = imageNames.map((name, index): Plan => {
    const type = index % 3 === 0 ? 23 : 28;
    const fileName = `${name}.${assetTypes[type]}`;
    return {
      name: fileName,
      folder: "Images",
      type,
      content: null,
      views: null,
      more: {
        fileProperties: {
          fileName,
          extension: assetTypes[type],
          fileSize: random.int(8_000, 420_000),
          width: random.int(2, 12) * 100,
          height: random.int(1, 8) * 100,
          publishedURL: `https://image.s10.sfmc-content.com/lib/${random.token(12)}/${fileName}`,
        },
      },
    };
  });
  const templates = ["One column", "Two columns", "Plain letter", "Receipt"].map(
    (name): Plan => ({
      name: `Template: ${name}`,
      folder: "Templates",
      type: 4,
      content: `<html><body><div data-type="slot" data-key="main" data-label="${name}"></div></body></html>`,
      views: null,
    }),
  );
  return [...blocks, ...images, ...templates];
}

/** What the parent shares with every unit. */
function shared(
  { tenant, mid }: UnitSeed,
  base: number,
  folders: ReturnType<typeof seedFolders>,
): Asset[] {
  const categoryId = folderId(folders, "asset-shared");
  return ["Group footer", "Group legal notice", "Group logo row"].map((name, index) => ({
    id: base + 901 + index,
    mid,
    key: `shared-${slug(name)}`,
    name,
    description: "For all business units",
    type: { id: 197, name: assetTypes[197] },
    categoryId,
    content: `<div class="group">${tenant.company} · ${name}</div>`,
    views: null,
    more: {},
    createdAtMs: seededUntilMs - 500 * dayMs,
    modifiedAtMs: seededUntilMs - 40 * dayMs,
  }));
}
