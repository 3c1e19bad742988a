import { once } from "node:events";
import { parseArgs } from "node:util";
import { z } from "zod";
import { listTouched } from "#lib/operator/list-touched.ts";
import type { Touch } from "#lib/operator/touched-repository.ts";
import { withStudio } from "./with-studio.ts";

const time = (name: string) =>
  z.iso
    .datetime({ offset: true, error: `${name} wants a time such as 2026-11-22T09:00:00Z` })
    .transform((text) => new Date(text));
const argsSchema = z
  .object({
    since: time("--since"),
    until: time("--until"),
    team: z.uuid("--team wants a team's id").optional(),
    format: z.enum(["table", "ndjson"], "--format wants table or ndjson").default("table"),
  })
  .refine(({ since, until }) => since < until, "--since has to be before --until");

const columns = [
  "lastAt",
  "times",
  "action",
  "purpose",
  "actorKind",
  "actorId",
  "keyId",
  "grantId",
  "ownerId",
  "connectionId",
  "teamId",
] as const satisfies readonly (keyof Touch)[];

/** Which grants were opened, leased or refreshed in a window, and by whom. */
export async function touchedVerb(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      since: { type: "string" },
      until: { type: "string" },
      team: { type: "string" },
      format: { type: "string" },
    },
  });
  const given = argsSchema.safeParse(values);
  if (!given.success) throw new Error(given.error.issues[0]?.message);
  const { since, until, team, format } = given.data;
  return withStudio(async (deps) => {
    const touches = await listTouched(deps, { since, until, teamId: team ?? null });
    if (format === "table") console.log(columns.join("\t"));
    for (const touch of touches) {
      const line =
        format === "ndjson"
          ? JSON.stringify(touch)
          : columns.map((name) => cell(touch[name])).join("\t");
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
    }
    return 0;
  });
}

const cell = (value: string | number | Date | null) =>
  value instanceof Date ? value.toISOString() : String(value ?? "-");
