import { z } from "zod";

/** An event on a connection's timeline. */
export const connectionEventSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  action: z.string(),
  result: z.string(),
  actorName: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type ConnectionEventJson = z.infer<typeof connectionEventSchema>;
