import { parseArgs } from "node:util";
import { z } from "zod";
import { countKill, kill, liftKill } from "#lib/operator/kill.ts";
import { type KillTarget, pageOfReceipts } from "#lib/operator/kill-repository.ts";
import { withStudio } from "./with-studio.ts";

const kinds = ["agent", "connection", "user", "team"] as const;
const receiptsAtOnce = 200;
const dayMs = 24 * 60 * 60 * 1000;

const options = {
  agent: { type: "string" },
  connection: { type: "string" },
  user: { type: "string" },
  team: { type: "string" },
  all: { type: "boolean" },
  yes: { type: "boolean" },
  lift: { type: "boolean" },
  "no-wait": { type: "boolean" },
  status: { type: "boolean" },
  since: { type: "string" },
} as const;

/** The emergency stop: shows what it would end, and does so with --yes. */
export async function killVerb(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options });
  if (values.status) return status(values.since);
  const target = targetOf(values);
  return withStudio(async (deps) => {
    if (values.lift) {
      if (target.kind !== "user") throw new Error("only --user can be let in again with --lift");
      await liftKill(deps, target.id);
      console.log("may sign in again; sessions, agents' keys and connections are made anew");
      return 0;
    }
    const left = await countKill(deps, target);
    const words = Object.entries(left).map(([what, count]) => `${count} ${wordOf(what)}`);
    console.log(`to end: ${words.join(", ")}`);
    if (!values.yes) {
      console.log("nothing was done; say --yes to do it");
      return 1;
    }
    const asksProviders = !values["no-wait"];
    const result = await kill(deps, target, { asksProviders }, (step, done) =>
      console.log(`  ${wordOf(step)}: ${done}`),
    );
    for (const { id, state, connectionId, userId } of result.revocations) {
      console.log(`revocation ${id}  ${state}  connection ${connectionId}  person ${userId}`);
    }
    console.log("everything is blocked; `kill --status` shows what became of the revocations");
    return 0;
  });
}

const wordOf = (what: string) => (what === "unqueued" ? "tokens to revoke" : what);

function targetOf(values: Partial<Record<string, string | boolean>>): KillTarget {
  const given = kinds.filter((kind) => values[kind] !== undefined);
  const [kind] = given;
  if (given.length + (values.all ? 1 : 0) !== 1) {
    throw new Error("say one of --agent ID, --connection ID, --user ID, --team ID, --all");
  }
  if (kind === undefined) return { kind: "all", id: null };
  const id = z.uuid().safeParse(values[kind]);
  if (!id.success) throw new Error(`--${kind} wants an id`);
  return { kind, id: id.data };
}

/** The receipts: each token that a kill switch gave up, and what its provider said. */
async function status(since: string | undefined): Promise<number> {
  return withStudio(async (deps) => {
    const from = since === undefined ? new Date(deps.clock.now().getTime() - dayMs) : timeOf(since);
    const counts = new Map<string, number>();
    for (let after: string | null = null; ; ) {
      const page = await pageOfReceipts(deps.db, from, { after, limit: receiptsAtOnce });
      for (const { id, state, attempts, httpStatus, connectionId, settledAt } of page) {
        counts.set(state, (counts.get(state) ?? 0) + 1);
        const when = settledAt?.toISOString() ?? "not settled";
        console.log(
          `${id}  ${state}  connection ${connectionId}  ${when}  HTTP ${httpStatus ?? "-"}  attempts ${attempts}`,
        );
      }
      after = page.at(-1)?.id ?? null;
      if (after === null) break;
    }
    const sums = [...counts].map(([state, count]) => `${count} ${state}`);
    console.log(sums.length === 0 ? `none since ${from.toISOString()}` : sums.join(", "));
    return (counts.get("pending") ?? 0) > 0 ? 1 : 0;
  });
}

function timeOf(text: string): Date {
  const time = z.iso.datetime({ offset: true }).safeParse(text);
  if (!time.success) throw new Error("--since wants a time such as 2026-11-22T09:00:00Z");
  return new Date(time.data);
}
