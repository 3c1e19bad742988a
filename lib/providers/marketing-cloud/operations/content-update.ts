import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  concludeRest,
  isNotFound,
  notHappened,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { assetFailure } from "#lib/providers/marketing-cloud/operations/asset-failure.ts";
import {
  type Asset,
  assetInput,
  assetTypes,
  contentArea,
  contentWriteScopes,
  observedAsset,
  readAsset,
} from "#lib/providers/marketing-cloud/operations/asset-schema.ts";
import {
  longestHtml,
  longestText,
} from "#lib/providers/marketing-cloud/operations/content-create.ts";
import { lineInput, shown, textInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type ProviderApi,
  type ProviderRequest,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview, type Preview } from "#lib/providers/preview.ts";

const input = z.strictObject({
  content: assetInput,
  name: lineInput(200, "Its new name.").optional(),
  subject: lineInput(1_000, "Its new subject line.").optional(),
  preheader: lineInput(1_000, "What mail clients show beside the subject.").optional(),
  html: textInput(longestHtml, "Its new HTML, whole.").min(1).optional(),
  text: textInput(longestText, "Its new plain text.").optional(),
});

const parts = ["name", "subject", "preheader", "html", "text"] as const;
type Part = (typeof parts)[number];
type Wanted = Partial<Record<Part, string>>;

const contextSchema = z.object({
  id: z.number().int(),
  parts: z.array(z.enum(parts)),
});

export const updateContent = writeOperation({
  id: "marketing-cloud.content.update",
  provider: "marketing-cloud",
  effect: "write",
  area: contentArea,
  title: "Change content",
  description:
    "Changes name, subject, preheader, HTML or text of an email, or the HTML of a block. Whatever uses it shows the change.",
  scopes: contentWriteScopes,
  input,
  output: z.object({ id: z.number().int() }),
  example: { content: "welcome-series-1", subject: "Welcome aboard" },
  async prepare(api, { content, ...asked }) {
    const asset = await readAsset(api, content);
    const now = partsOf(asset);
    const wanted: Wanted = Object.fromEntries(
      parts.flatMap((part) => {
        const value = asked[part];
        return value === undefined || value === (now[part] ?? "") ? [] : [[part, value]];
      }),
    );
    const changed = parts.filter((part) => wanted[part] !== undefined);
    if (changed.length === 0) {
      throw new OperationFailedError(
        "operations.nothing_to_change",
        "The content is already as it would be written.",
      );
    }
    requireFit(asset, wanted);
    const { name, id, key, type } = asset.summary;
    return [
      {
        title: `Change ${changed.map((part) => labels[part].toLowerCase()).join(", ")} of ${quotedName(name)}`,
        effect: "write",
        request: requestOf(asset, wanted),
        preview: {
          ...emptyPreview,
          ...shownChanges(asset, now, wanted),
          facts: [
            { label: "Content", value: name },
            { label: "Key", value: key },
            { label: "Kind", value: type },
          ],
        },
        records: 1,
        recipients: 0,
        observed: observedAsset(asset),
        context: { id, parts: changed },
      },
    ];
  },
  observe,
  async conclude(api, step, response) {
    return concludeRest(response, z.object({ id: z.number().int() }), {
      done: () => applied(step),
      refused: () => assetFailure(response, contentWriteScopes),
      settle: () => settle(api, step),
    });
  },
  settle,
});

const labels: Readonly<Record<Part, string>> = {
  name: "Name",
  subject: "Subject",
  preheader: "Preheader",
  html: "HTML",
  text: "Text",
};
const viewOf = { subject: "subjectline", preheader: "preheader", html: "html", text: "text" };

const partsOf = ({ summary, texts }: Asset): Record<Part, string | null> => ({
  name: summary.name,
  ...texts,
});

/** @throws {OperationFailedError} this kind of content has no such part, or not one that can be replaced */
function requireFit({ typeId }: Asset, wanted: Wanted): void {
  const bad = (words: string) => new OperationFailedError("operations.bad_query", words);
  const { block, templateEmail, htmlEmail, textEmail } = assetTypes;
  if (typeId === templateEmail && wanted.html !== undefined) {
    throw bad("This email is built of blocks in the editor: its HTML cannot be replaced whole.");
  }
  if (typeId === textEmail && wanted.html !== undefined) throw bad("A text email has no HTML.");
  const isMail = [templateEmail, htmlEmail, textEmail].includes(typeId);
  const isOnlyHtml = Object.keys(wanted).every((part) => part === "html" || part === "name");
  if (!isMail && !(typeId === block && isOnlyHtml)) {
    if (Object.keys(wanted).every((part) => part === "name")) return;
    throw bad("Only emails, and the HTML of blocks, can be changed here.");
  }
}

/** All views as they are, with the new texts: whether a patch keeps a view that is left out, nobody wrote down. */
function requestOf(asset: Asset, wanted: Wanted): ProviderRequest {
  const { name, ...texts } = wanted;
  const isBlock = asset.typeId === assetTypes.block;
  const views: JsonObject = {
    ...asset.views,
    ...Object.fromEntries(
      Object.entries(texts).map(([part, content]) => {
        const view = viewOf[part as keyof typeof viewOf];
        return [view, { ...(asset.views[view] as JsonObject | undefined), content }];
      }),
    ),
  };
  const hasTexts = Object.keys(texts).length > 0;
  return restRequest("PATCH", pathOf`/asset/v1/content/assets/${asset.summary.id}`, {
    body: {
      ...(name === undefined ? {} : { name }),
      ...(isBlock && texts.html !== undefined ? { content: texts.html } : {}),
      ...(!isBlock && hasTexts ? { views } : {}),
    },
  });
}

/** What a preview takes of one body. */
const longestShown = 2_000_000;

function shownChanges(
  { summary }: Asset,
  now: Record<Part, string | null>,
  wanted: Wanted,
): Pick<Preview, "changes" | "changesTotal" | "bodies"> {
  const lines = (["name", "subject", "preheader"] as const).flatMap((part) => {
    const value = wanted[part];
    if (value === undefined) return [];
    return [
      {
        subject: summary.name,
        subjectId: String(summary.id),
        field: labels[part],
        before: shown(now[part]),
        after: shown(value),
      },
    ];
  });
  const bodies = (["html", "text"] as const).flatMap((part) => {
    const value = wanted[part];
    if (value === undefined) return [];
    if ((now[part]?.length ?? 0) > longestShown) {
      throw new OperationFailedError(
        "operations.too_much",
        "What this content holds now is too long to be shown beside the change.",
      );
    }
    return [{ label: labels[part], kind: part, before: now[part], after: value }];
  });
  return { changes: lines, changesTotal: lines.length, bodies };
}

function applied(step: StoredStep): Outcome {
  const { id } = contextSchema.parse(step.context);
  return { kind: "applied", summary: "The content is changed.", output: { id } };
}

const gone = { modifiedAt: null, holds: "gone" };

async function observe(api: ProviderApi, step: StoredStep) {
  const { id } = contextSchema.parse(step.context);
  try {
    return observedAsset(await readAsset(api, String(id)));
  } catch (error) {
    if (isNotFound(error)) return gone;
    throw error;
  }
}

const bodySchema = z.object({
  name: z.string().optional(),
  content: z.string().optional(),
  views: z.record(z.string(), z.looseObject({ content: z.string().nullish() })).optional(),
});

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { id, parts: changed } = contextSchema.parse(step.context);
  const body = bodySchema.parse(JSON.parse(step.request.body ?? "{}"));
  const asset = await readAsset(api, String(id));
  const now = partsOf(asset);
  const wantedOf = (part: Part): string | null | undefined =>
    part === "name"
      ? body.name
      : part === "html" && body.content !== undefined
        ? body.content
        : body.views?.[viewOf[part]]?.content;
  if (changed.every((part) => now[part] === (wantedOf(part) || null))) return applied(step);
  if (JSON.stringify(observedAsset(asset)) === JSON.stringify(step.observed)) {
    return notHappened("The content is as it was before.");
  }
  return { kind: "unknown", summary: "The content was changed meanwhile, but not in this way." };
}
