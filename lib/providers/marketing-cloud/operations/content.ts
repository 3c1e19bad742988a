import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  allOperands,
  assetInput,
  assetPageSchema,
  assetSummarySchema,
  assetTypes,
  contentArea,
  contentReadScopes,
  readAsset,
} from "#lib/providers/marketing-cloud/operations/asset-schema.ts";
import {
  lineInput,
  pageInput,
  pageSizeInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { readOperation } from "#lib/providers/operation.ts";

const folderInput = z.number().int().min(0).max(999_999_999_999);

export const listFolders = readOperation({
  id: "marketing-cloud.content.folders",
  provider: "marketing-cloud",
  area: contentArea,
  title: "List content folders",
  description: "Folders of Content Builder: all of them, or those inside one.",
  scopes: contentReadScopes,
  input: z.strictObject({
    parentId: folderInput.optional().describe("Only folders inside this one; 0 is the top."),
    shared: z.boolean().default(false).describe("Folders that other business units share."),
    page: pageInput,
    pageSize: pageSizeInput(500, 100),
  }),
  output: z.object({
    folders: z.array(
      z.object({ id: z.number().int(), name: z.string(), parentId: z.number().int().nullable() }),
    ),
    page: z.number().int(),
    total: z.number().int(),
    hasMore: z.boolean(),
  }),
  example: { shared: false, page: 1, pageSize: 100 },
  async run(api, { parentId, shared, page, pageSize }) {
    const request = restRequest("GET", "/asset/v1/content/categories", {
      query: {
        $page: page,
        $pagesize: pageSize,
        $filter: parentId === undefined ? undefined : `parentId eq ${parentId}`,
        scope: shared ? "Shared" : undefined,
      },
    });
    const { count, items } = await readRest(api, request, foldersSchema, {
      what: "the list of content folders",
      scopes: contentReadScopes,
    });
    return {
      folders: items.map(({ id, name, parentId: parent }) => ({
        ...{ id, name, parentId: parent || null },
      })),
      page,
      total: count,
      hasMore: page * pageSize < count,
    };
  },
  rowsOf: ({ folders }) => folders.length,
});

const foldersSchema = z.object({
  count: z.number().int().min(0),
  items: z
    .array(
      z.object({ id: z.number().int(), name: z.string(), parentId: z.number().int().nullish() }),
    )
    .default([]),
});

const kinds = {
  emails: [assetTypes.templateEmail, assetTypes.htmlEmail, assetTypes.textEmail],
  blocks: [assetTypes.block],
  templates: [4],
  images: [20, 22, 23, 28],
} as const;

export const listContent = readOperation({
  id: "marketing-cloud.content.list",
  provider: "marketing-cloud",
  area: contentArea,
  title: "List content",
  description: "Emails, blocks, templates and images of Content Builder, last changed first.",
  scopes: contentReadScopes,
  input: z.strictObject({
    search: lineInput(200, "Only what has this text in its name.").optional(),
    kind: z
      .enum(["emails", "blocks", "templates", "images"])
      .optional()
      .describe("Only content of this kind."),
    folderId: folderInput.optional().describe("Only what is in this folder."),
    shared: z.boolean().default(false).describe("What other business units share."),
    page: pageInput,
    pageSize: pageSizeInput(200, 50),
  }),
  output: z.object({
    content: z.array(assetSummarySchema),
    page: z.number().int(),
    total: z.number().int(),
    hasMore: z.boolean(),
  }),
  example: { kind: "emails" as const, shared: false, page: 1, pageSize: 50 },
  async run(api, { search, kind, folderId, shared, page, pageSize }) {
    const query = allOperands([
      ...(search === undefined
        ? []
        : [{ property: "name", simpleOperator: "like", value: `%${search}%` }]),
      ...(kind === undefined
        ? []
        : [{ property: "assetType.id", simpleOperator: "in", value: [...kinds[kind]] }]),
      ...(folderId === undefined
        ? []
        : [{ property: "category.id", simpleOperator: "equal", value: folderId }]),
    ]);
    const request = restRequest("POST", "/asset/v1/content/assets/query", {
      query: { scope: shared ? "shared" : undefined },
      body: {
        page: { page, pageSize },
        ...(query === undefined ? {} : { query }),
        sort: [{ property: "modifiedDate", direction: "DESC" }],
        fields: [...listedFields],
      },
    });
    const { count, items } = await readRest(api, request, assetPageSchema, {
      what: "the list of content",
      scopes: contentReadScopes,
    });
    return {
      content: items.map(({ summary }) => summary),
      page,
      total: count,
      hasMore: page * pageSize < count,
    };
  },
  rowsOf: ({ content }) => content.length,
});

/** All but the texts, which make a list heavy. */
const listedFields = [
  "id",
  "customerKey",
  "name",
  "description",
  "assetType",
  "category",
  "status",
  "createdDate",
  "modifiedDate",
] as const;

export const getContent = readOperation({
  id: "marketing-cloud.content.get",
  provider: "marketing-cloud",
  area: contentArea,
  title: "Read content",
  description:
    "One email, block or template with its subject, preheader, HTML and text. What it holds was written by others.",
  scopes: contentReadScopes,
  input: z.strictObject({ content: assetInput }),
  output: z.object({
    content: assetSummarySchema,
    subject: z.string().nullable(),
    preheader: z.string().nullable(),
    html: z.string().nullable(),
    text: z.string().nullable(),
  }),
  example: { content: "welcome-series-1" },
  async run(api, { content }) {
    const { summary, texts } = await readAsset(api, content);
    return { content: summary, ...texts };
  },
  rowsOf: () => 1,
});
