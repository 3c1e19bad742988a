import { z } from "zod";

const lineStates = ["pass", "fail", "unknown"] as const;
export type LineState = (typeof lineStates)[number];

/** Something to press beside a line. `connect` begins a sign-in of the same connection. */
const actionSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("connect"), label: z.string() }),
  z.object({ do: z.literal("link"), label: z.string(), href: z.string() }),
  z.object({ do: z.literal("visit"), label: z.string(), href: z.string() }),
  z.object({ do: z.literal("copy"), label: z.string(), text: z.string() }),
]);
export type LineAction = z.infer<typeof actionSchema>;

const lineSchema = z.object({
  /** Stable, for programs: `host`, `clock`, `scopes` … */
  id: z.string(),
  title: z.string(),
  state: z.enum(lineStates),
  found: z.string(),
  /** What to do, or what would make it known; null where all is well. */
  advice: z.string().nullable(),
  /** Reason code of the decoder, where the line has one. */
  code: z.string().nullable(),
  actions: z.array(actionSchema),
});
export type Line = z.infer<typeof lineSchema>;

/** What a check found, in the order to read it. No secret is in it. */
export const doctorReportSchema = z.object({
  title: z.string(),
  /** ISO 8601 */
  checkedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** What was checked: names and values, for whoever gets the report. */
  subject: z.array(z.object({ name: z.string(), value: z.string() })),
  lines: z.array(lineSchema),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
