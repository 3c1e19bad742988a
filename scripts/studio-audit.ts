import { once } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { createChainKey, instanceChain } from "#lib/audit/chain.ts";
import { exportForOperator } from "#lib/audit/export-events.ts";
import { exportFormats } from "#lib/audit/schema.ts";
import type { ChainProblem, ChainReport } from "#lib/audit/verify-chain.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { parseKey } from "#lib/vault/key-quality.ts";
import { withStudio } from "./with-studio.ts";

const problemWords: Readonly<Record<ChainProblem, string>> = {
  altered: "is not what the studio wrote",
  out_of_place: "does not follow the event before it: moved, inserted, or that one was replaced",
  missing: "was removed",
  cut: "and all after it were removed",
  beyond_head: "stands behind the end that the studio noted",
  head_missing: "is the last, and the note of the chain's end was removed",
  head_differs: "is the last, and the note of the chain's end was rewritten",
  anchor_differs: "is not the one that was noted in the data folder",
  unknown_key: "was written under another SESSION_SECRET: give that with --session-secret-file",
};

const teamId = z.uuid("--team wants a team's id");
const format = z.enum(exportFormats, "--format wants ndjson or csv");

/** A word of the command line, or a sentence about what is wanted instead. */
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(parsed.error.issues[0]?.message);
  return parsed.data;
}

/** Names the first bad event of each chain; 0 when there is none, 1 when there is. */
export async function auditVerify(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      team: { type: "string" },
      "session-secret-file": { type: "string", multiple: true },
    },
  });
  const chainIds = values.team === undefined ? undefined : [parse(teamId, values.team)];
  const olderKeys = (values["session-secret-file"] ?? []).map((file) => {
    const text = readFileSync(file, "utf8").trim();
    return createChainKey(
      deriveKeys(parseKey(file, text, { allowHex: true, exactly32: false })).auditChain,
    );
  });
  return withStudio(async (deps) => {
    const report = await verifyTrail(deps, { ...(chainIds && { chainIds }), olderKeys });
    for (const chain of report.chains) console.log(lineOf(chain));
    for (const line of report.badAnchorLines) {
      console.log(`audit-anchors.ndjson, line ${line}: not as the studio wrote it`);
    }
    const bad = report.chains.filter(({ firstBad }) => firstBad !== null).length;
    const events = report.chains.reduce((sum, { checked }) => sum + checked, 0);
    console.log(
      `${report.chains.length} chains, ${events} events found good, ${bad} chains broken`,
    );
    return bad + report.badAnchorLines.length > 0 ? 1 : 0;
  });
}

function lineOf({ chainId, checked, firstBad }: ChainReport): string {
  const name = chainId === instanceChain ? "the instance" : `team ${chainId}`;
  if (!firstBad) return `${name}: intact, ${checked} events`;
  const id = firstBad.eventId === null ? "" : ` (${firstBad.eventId})`;
  return `${name}: BROKEN, event ${firstBad.sequence}${id} ${problemWords[firstBad.problem]}`;
}

/** Writes a team's events to standard output; that it did is in the trail. */
export async function auditExport(args: string[]): Promise<number> {
  const options = { team: { type: "string" }, format: { type: "string" } } as const;
  const { values } = parseArgs({ args, options });
  const team = parse(teamId, values.team);
  const wanted = parse(format, values.format);
  return withStudio(async (deps) => {
    if ((await deps.db.team.count({ where: { id: team } })) === 0) {
      throw new Error(`there is no team ${team}`);
    }
    for await (const text of await exportForOperator(deps, team, wanted)) {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    }
    return 0;
  });
}
