import { createHash } from "node:crypto";
import { z } from "zod";
import { concludeRest, notHappened } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { assetFailure } from "#lib/providers/marketing-cloud/operations/asset-failure.ts";
import {
  assetTypes,
  contentArea,
  contentCreateScopes,
  findAssetByKey,
} from "#lib/providers/marketing-cloud/operations/asset-schema.ts";
import { lineInput, textInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

export const longestHtml = 1_000_000;
export const longestText = 200_000;

const input = z.strictObject({
  name: lineInput(200, "Name of the email, not used yet in its folder."),
  key: lineInput(
    36,
    "Customer key of the email, not used yet; made from its content where it is left out.",
  ).optional(),
  folderId: z
    .number()
    .int()
    .min(1)
    .max(999_999_999_999)
    .optional()
    .describe("Folder to put it in; the business unit's own where it is left out."),
  subject: lineInput(1_000, "Subject line."),
  preheader: lineInput(1_000, "What mail clients show beside the subject.").optional(),
  html: textInput(longestHtml, "The mail's HTML, whole.").min(1),
  text: textInput(longestText, "The mail as plain text.").optional(),
});
type Input = z.infer<typeof input>;

const contextSchema = z.object({ key: z.string(), name: z.string() });

export const createEmail = writeOperation({
  id: "marketing-cloud.content.create-email",
  provider: "marketing-cloud",
  effect: "write",
  area: contentArea,
  title: "Create an email",
  description: "Puts a new HTML email into Content Builder. Nothing is sent.",
  scopes: contentCreateScopes,
  input,
  output: z.object({ id: z.number().int().nullable(), key: z.string() }),
  example: {
    name: "Autumn guests",
    subject: "Your room is ready",
    html: "<html><body><h1>Welcome</h1></body></html>",
  },
  async prepare(api, asked) {
    const key = asked.key ?? keyOf(asked);
    if (await findAssetByKey(api, key)) {
      throw new OperationFailedError(
        "operations.conflict",
        "There is already content with this key.",
      );
    }
    const { name, folderId, subject, preheader, html, text } = asked;
    return [
      {
        title: `Create the email ${quotedName(name)}`,
        effect: "write",
        request: restRequest("POST", "/asset/v1/content/assets", {
          body: {
            name,
            customerKey: key,
            assetType: { id: assetTypes.htmlEmail, name: "htmlemail" },
            ...(folderId === undefined ? {} : { category: { id: folderId } }),
            views: {
              html: { content: html },
              subjectline: { content: subject },
              ...(preheader === undefined ? {} : { preheader: { content: preheader } }),
              ...(text === undefined ? {} : { text: { content: text } }),
            },
          },
        }),
        preview: {
          ...emptyPreview,
          bodies: [
            { label: "HTML", kind: "html", before: null, after: html },
            ...(text === undefined
              ? []
              : [{ label: "Text", kind: "text" as const, before: null, after: text }]),
          ],
          facts: [
            { label: "Name", value: name },
            { label: "Key", value: key },
            { label: "Subject", value: subject },
            ...(preheader === undefined ? [] : [{ label: "Preheader", value: preheader }]),
            ...(folderId === undefined ? [] : [{ label: "Folder", value: String(folderId) }]),
          ],
        },
        records: 1,
        recipients: 0,
        observed: { exists: false },
        context: { key, name },
      },
    ];
  },
  async observe(api, step) {
    const { key } = contextSchema.parse(step.context);
    return { exists: (await findAssetByKey(api, key)) !== null };
  },
  async conclude(api, step, response) {
    const { key } = contextSchema.parse(step.context);
    return concludeRest(response, z.object({ id: z.number().int() }), {
      done: ({ id }) => applied({ id, key }),
      refused: () => assetFailure(response, contentCreateScopes),
      settle: () => settle(api, step),
    });
  },
  settle,
});

/** By which it is found again, so that it is never made twice. */
const keyOf = ({ name, folderId, subject, html }: Input): string =>
  `studio-${createHash("sha256")
    .update(JSON.stringify([name, folderId ?? null, subject, html]))
    .digest("hex")
    .slice(0, 24)}`;

const applied = (output: { id: number | null; key: string }): Outcome => ({
  kind: "applied",
  summary: "The email is in Content Builder.",
  output,
});

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { key, name } = contextSchema.parse(step.context);
  const found = await findAssetByKey(api, key);
  if (!found) return notHappened("There is no email with this key: none was made.");
  if (found.summary.name === name) return applied({ id: found.summary.id, key });
  return { kind: "unknown", summary: "There is content with this key, but under another name." };
}
