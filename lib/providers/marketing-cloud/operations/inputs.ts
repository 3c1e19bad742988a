import { z } from "zod";
import { isWritable } from "#lib/providers/marketing-cloud/xml.ts";

// Line ends and tabs belong in values; other controls belong nowhere.
const unfitForLine = /[\p{Cc}\p{Cs}]/u;

/** A name or key: one line, no controls. */
export const lineInput = (longest: number, description: string) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !unfitForLine.test(text), "Use printable text on one line.")
    .describe(description);

/** A text over lines, as XML and JSON can carry it. */
export const textInput = (longest: number, description: string) =>
  z
    .string()
    .max(longest)
    .refine((text) => isWritable(text), "Use text without control characters.")
    .describe(description);

export const customerKey = (description = "Customer key (external key) of the data extension.") =>
  lineInput(200, description);

const guidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isGuid = (text: string) => guidForm.test(text);

export const pageInput = z
  .number()
  .int()
  .min(1)
  .max(100_000)
  .default(1)
  .describe("Which page, from 1.");
export const pageSizeInput = (most: number, usual: number) =>
  z.number().int().min(1).max(most).default(usual).describe(`How many a page, at most ${most}.`);

/** Of a catalogue that is read part after part. */
export const mostInput = z
  .number()
  .int()
  .min(1)
  .max(10_000)
  .default(2_500)
  .describe("Stop after so many; `next` then goes on from there.");
export const nextInput = lineInput(
  100,
  "`next` of the answer before, to go on from there.",
).optional();

export const cellInput = z.union([
  textInput(4_000, "Text, also of numbers and dates."),
  z.number(),
  z.boolean(),
  z.null(),
]);
export type Cell = z.infer<typeof cellInput>;

export const cellText = (cell: Cell): string | null => (cell === null ? null : String(cell));

/** Cut to what a preview holds. */
export const shown = (text: string | null): string | null =>
  text === null || text.length <= 4_000 ? text : `${text.slice(0, 3_999)}…`;
