import { createHash } from "node:crypto";
import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  type Asked,
  named,
  notFound,
  readRest,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { lineInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const contentArea = "Content";
export const contentReadScopes = ["documents_and_images_read"] as const;
export const contentCreateScopes = ["documents_and_images_read", "saved_content_write"] as const;
export const contentWriteScopes = [
  "documents_and_images_read",
  "documents_and_images_write",
] as const;

/** @see contract of Marketing Cloud, section 10 */
export const assetTypes = { block: 197, templateEmail: 207, htmlEmail: 208, textEmail: 209 };

export const assetInput = lineInput(200, "Id (a number) or customer key of the content.");

const view = z.looseObject({ content: z.string().nullish() });
const rawSchema = z.object({
  id: z.number().int(),
  customerKey: z.string().catch(""),
  name: z.string(),
  description: z.string().nullish(),
  assetType: z.object({ id: z.number().int(), name: z.string() }),
  category: z.object({ id: z.number().int(), name: z.string().nullish() }).nullish(),
  createdDate: z.string().nullish(),
  modifiedDate: z.string().nullish(),
  status: z.object({ name: z.string().nullish() }).nullish(),
  content: z.string().nullish(),
  views: z.record(z.string(), z.unknown()).nullish(),
});

export const assetSummarySchema = z.object({
  id: z.number().int(),
  key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  folderId: z.number().int().nullable(),
  folder: z.string().nullable(),
  status: z.string().nullable(),
  createdAt: z.string().nullable(),
  modifiedAt: z.string().nullable(),
});

/** Their asset: a summary under our names, and its texts. */
const assetSchema = rawSchema.transform((one) => ({
  summary: {
    id: one.id,
    key: one.customerKey,
    name: one.name,
    description: one.description || null,
    type: one.assetType.name,
    folderId: one.category?.id ?? null,
    folder: one.category?.name ?? null,
    status: one.status?.name ?? null,
    createdAt: one.createdDate ?? null,
    modifiedAt: one.modifiedDate ?? null,
  },
  texts: {
    subject: textOfView(one.views, "subjectline"),
    preheader: textOfView(one.views, "preheader"),
    html: textOfView(one.views, "html") ?? one.content ?? null,
    text: textOfView(one.views, "text"),
  },
  typeId: one.assetType.id,
  views: (one.views ?? {}) as JsonObject,
}));
export type Asset = z.infer<typeof assetSchema>;

const textOfView = (
  views: Record<string, unknown> | null | undefined,
  name: string,
): string | null => view.safeParse(views?.[name]).data?.content || null;

export const assetPageSchema = z.object({
  count: z.number().int().min(0),
  items: z.array(assetSchema).default([]),
});

const askedOfAsset = (asset: string, scopes: readonly string[] = contentReadScopes): Asked => ({
  what: named("the content", asset),
  scopes,
});

type Operand = { property: string; simpleOperator: string; value: string | number | number[] };
export type AssetQuery =
  | Operand
  | { leftOperand: AssetQuery; logicalOperator: "AND" | "OR"; rightOperand: AssetQuery };

/** All of them; undefined where there is none. */
export const allOperands = (operands: readonly Operand[]): AssetQuery | undefined =>
  operands.reduce<AssetQuery | undefined>(
    (query, operand) =>
      query === undefined
        ? operand
        : { leftOperand: query, logicalOperator: "AND", rightOperand: operand },
    undefined,
  );

/**
 * An asset with its texts, by id or key.
 *
 * @throws {OperationFailedError} no such content, or none that this person may see
 */
export async function readAsset(api: ProviderApi, asset: string): Promise<Asset> {
  const asked = askedOfAsset(asset);
  if (/^\d{1,12}$/.test(asset)) {
    const request = restRequest("GET", pathOf`/asset/v1/content/assets/${asset}`);
    return readRest(api, request, assetSchema, asked);
  }
  const found = await findAssetByKey(api, asset);
  if (!found) throw notFound(asked);
  return found;
}

export async function findAssetByKey(api: ProviderApi, key: string): Promise<Asset | null> {
  const request = restRequest("POST", "/asset/v1/content/assets/query", {
    body: {
      page: { page: 1, pageSize: 10 },
      query: { property: "customerKey", simpleOperator: "equal", value: key },
    },
  });
  const { items } = await readRest(api, request, assetPageSchema, askedOfAsset(key));
  return items.find(({ summary }) => summary.key.toLowerCase() === key.toLowerCase()) ?? null;
}

/** What a step was prepared on. */
export const observedAsset = ({ summary, texts, views }: Asset) => ({
  modifiedAt: summary.modifiedAt,
  holds: createHash("sha256")
    .update(JSON.stringify([summary.name, summary.folderId, texts, views]))
    .digest("hex"),
});
