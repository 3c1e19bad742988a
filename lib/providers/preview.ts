import { z } from "zod";

/**
 * What a person sees of a step before they approve it (PLN-9): complete, bounded, and text only. It is part
 * of what is hashed, so that the preview cannot be another one than the one that was approved.
 */
const shortText = z.string().max(4_000);
const cell = z.string().max(4_000).nullable();

/** One field of one record: what it is now, and what it will be; null where there is none. */
const changeSchema = z.strictObject({
  /** The record, as people know it; its id beside it. */
  subject: shortText,
  subjectId: shortText.nullable(),
  field: shortText,
  before: cell,
  after: cell,
});
export type Change = z.infer<typeof changeSchema>;

export const warningCodes = [
  "delete",
  "send",
  "bulk",
  "code",
  "cannot_be_undone",
  "no_preview",
  "undocumented_route",
  "part_may_fail",
  "overwrites_all",
  /** It changes who may do what there: never approved beforehand. */
  "rights",
] as const;

export const previewSchema = z.strictObject({
  /** At most 500, with the first ones of each kind; `changesTotal` says how many there are. */
  changes: z.array(changeSchema).max(500),
  changesTotal: z.number().int().min(0),
  /** Rows as they would be written or removed. */
  rows: z
    .strictObject({
      columns: z.array(shortText).max(200),
      sample: z.array(z.array(cell).max(200)).max(50),
      total: z.number().int().min(0),
    })
    .nullable(),
  /** Long bodies, whole: an HTML mail, a journey's definition. Shown folded, with their size. */
  bodies: z
    .array(
      z.strictObject({
        label: shortText,
        kind: z.enum(["html", "json", "text"]),
        before: z.string().max(2_000_000).nullable(),
        after: z.string().max(2_000_000).nullable(),
      }),
    )
    .max(10),
  /** Whom a send reaches. */
  recipients: z
    .strictObject({
      count: z.number().int().min(0),
      /** The count is the most there can be. */
      isAtMost: z.boolean(),
      sample: z.array(shortText).max(20),
    })
    .nullable(),
  /** What else there is to know: "Journey: Welcome, version 4". */
  facts: z.array(z.strictObject({ label: shortText, value: shortText })).max(30),
  warnings: z.array(z.strictObject({ code: z.enum(warningCodes), text: shortText })).max(20),
});
export type Preview = z.infer<typeof previewSchema>;
export type Warning = Preview["warnings"][number];

export const emptyPreview: Preview = {
  changes: [],
  changesTotal: 0,
  rows: null,
  bodies: [],
  recipients: null,
  facts: [],
  warnings: [],
};
