import { LRUCache } from "lru-cache";
import {
  type AgentUse,
  addToDays,
  type CallRow,
  deleteActivityBefore,
  insertCalls,
  takeSends,
  type UseOfDay,
  usedOn,
} from "#lib/agents/activity-repository.ts";
import { type BudgetKind, BudgetSpentError } from "#lib/agents/errors.ts";
import { isSmall } from "#lib/agents/unusual-use.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { AgentBudget, AgentPrincipal } from "#lib/core/principal.ts";
import { announceChanges } from "#lib/db/changes.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import { sumRecipients } from "#lib/providers/vocabulary.ts";

/** Through which door an agent did something. */
const activityDoors = ["proxy", "lease", "operation", "tool", "plan", "request"] as const;
export type NotedCall = {
  door: (typeof activityDoors)[number];
  connectionId: string | null;
  /** Of the call table or the registry. */
  operation: string;
  /** A call's class, or an operation's effect. */
  effect: string;
  /** The provider's; null where nothing was sent. */
  status: number | null;
  /** Our refusal's code. */
  code: string | null;
  durationMs: number;
  rows?: number;
  bytes?: number;
};

type Noted = Pick<AgentPrincipal, "agentId" | "keyId" | "ownerId" | "teamId">;
type Budgeted = { agentId: string; budget: AgentBudget };

/**
 * What agents do: held against the budgets of a day before it happens (BRK-9), told to their live log
 * and looked at for what is unlike them after it (BRK-13). Over all instances calls and rows may go beyond
 * a budget by what happens within a second; people written to never do.
 */
export type AgentActivity = {
  /**
   * Counts what is about to happen; nothing is counted where it throws. Free for agents without budgets.
   *
   * @throws {BudgetSpentError}
   */
  admit(agent: Budgeted, use?: { calls?: number; sends?: number }): void | Promise<void>;
  /** Tells what happened. Whoever tells waits for nothing; a killed process loses a moment of it. */
  note(agent: Noted, call: NotedCall): void;
  /** Resolves when all that was told so far is written, or given up. */
  flush(): Promise<void>;
};

const FLUSH_EVERY_MS = 500;
/**
 * So many different lines of one agent between two flushes: more is nothing that anybody reads along, and
 * would be millions of rows a day. The rest is folded to one line for each operation and outcome.
 */
const LISTED_AN_AGENT = 100;
/** Beyond this many of all agents, the rest is counted but not listed. */
const MAX_LISTED = 5_000;
const MAX_KEPT_DAYS = 20_000;
/** As large as the column takes; the day counts all of them. */
const MAX_BYTES = 2 ** 31 - 1;
const CALLS_KEPT_DAYS = 14;
const DAYS_KEPT = 100;
const dayMs = 24 * 60 * 60 * 1000;
const none: AgentUse = { calls: 0, rows: 0, sends: 0, kilobytes: 0 };

export type AgentActivityDeps = {
  hotPool: HotPool;
  clock: Clock;
  log: Logger;
  /** Told of an agent whose day may be unlike its others. */
  onLargeDay(use: UseOfDay): Promise<void>;
};

export function createAgentActivity(deps: AgentActivityDeps): AgentActivity {
  const sql = sqlOfPool(deps.hotPool);
  /** What the database said last of an agent's day. */
  const known = new LRUCache<string, AgentUse>({ max: MAX_KEPT_DAYS });
  let listed = new Map<string, CallRow>();
  let listedOf = new Map<string, number>();
  let counted = new Map<string, UseOfDay>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const today = () => dayOf(deps.clock.now());
  const keyOf = (agentId: string, day: string) => `${agentId}${day}`;

  // For each lease and each proxied call: nothing is made that need not be.
  function count(agentId: string, day: string, use: Partial<AgentUse>): void {
    const key = keyOf(agentId, day);
    let held = counted.get(key);
    if (!held) {
      held = { agentId, day, ...none };
      counted.set(key, held);
    }
    held.calls += use.calls ?? 0;
    held.rows += use.rows ?? 0;
    held.sends = sumRecipients(held.sends, use.sends ?? 0);
    held.kilobytes += use.kilobytes ?? 0;
    timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS).unref();
  }

  function list(agent: Noted, call: NotedCall, at: Date): void {
    const { rows = 0, bytes = 0, ...same } = call;
    const durationMs = Math.round(call.durationMs);
    let key = lineOf(agent, call);
    let held = listed.get(key);
    const ofAgent = listedOf.get(agent.agentId) ?? 0;
    if (!held && ofAgent >= LISTED_AN_AGENT && call.connectionId !== null) {
      same.connectionId = null;
      key = lineOf(agent, same);
      held = listed.get(key);
    }
    if (held) {
      held.repeats += 1;
      held.rows += rows;
      held.bytes = Math.min(MAX_BYTES, held.bytes + bytes);
      held.durationMs = Math.max(held.durationMs, durationMs);
    } else if (listed.size < MAX_LISTED) {
      const { agentId, keyId, ownerId, teamId } = agent;
      listedOf.set(agentId, ofAgent + 1);
      listed.set(key, {
        ...{ agentId, keyId, ownerId, teamId, ...same, durationMs, rows },
        ...{ bytes: Math.min(MAX_BYTES, bytes), repeats: 1, at },
      });
    }
  }

  function requireRoom(agentId: string, day: string, budget: AgentBudget, calls: number): void {
    const key = keyOf(agentId, day);
    const used = sum(known.get(key) ?? none, counted.get(key) ?? none);
    const refuse = (kind: BudgetKind, limit: number) => {
      throw new BudgetSpentError(kind, limit, secondsToMidnight(deps.clock.now()));
    };
    const { callsPerDay, rowsPerDay } = budget;
    if (callsPerDay !== null && used.calls + calls > callsPerDay) refuse("calls", callsPerDay);
    if (rowsPerDay !== null && used.rows >= rowsPerDay) refuse("rows", rowsPerDay);
  }

  async function admitSlowly(
    { agentId, budget }: Budgeted,
    day: string,
    { calls, sends }: { calls: number; sends: number },
  ): Promise<void> {
    const key = keyOf(agentId, day);
    if (!known.has(key)) known.set(key, await usedOn(sql, agentId, day));
    requireRoom(agentId, day, budget, calls);
    if (sends > 0 && budget.sendsPerDay !== null) {
      const most = budget.sendsPerDay;
      if (!(await takeSends(sql, { agentId, day, sends, most }))) {
        throw new BudgetSpentError("sends", most, secondsToMidnight(deps.clock.now()));
      }
    } else if (sends > 0) count(agentId, day, { sends });
    count(agentId, day, { calls });
  }

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    running = running.then(async () => {
      const [rows, uses] = [[...listed.values()], [...counted.values()]];
      if (rows.length + uses.length === 0) return;
      // What is written here is neither lost nor counted twice by whoever asks meanwhile.
      [listed, listedOf, counted] = [new Map(), new Map(), new Map()];
      for (const use of uses) addKnown(use);
      try {
        if (rows.length > 0) await insertCalls(sql, rows);
        const days = await addToDays(sql, uses);
        await announceChanges(
          sql,
          [...new Set(rows.map(({ agentId }) => agentId))].map((id) => ({ kind: "calls", id })),
        );
        for (const use of days) {
          known.set(keyOf(use.agentId, use.day), use);
          if (!isSmall(use)) await deps.onLargeDay(use);
        }
      } catch (error) {
        deps.log.warn("what agents did was not noted", { error, count: rows.length });
      }
    });
    return running;
  };
  function addKnown(use: UseOfDay): void {
    const key = keyOf(use.agentId, use.day);
    const held = known.get(key);
    if (held) known.set(key, sum(held, use));
  }

  return {
    admit(agent, { calls = 1, sends = 0 } = {}) {
      const day = today();
      const { callsPerDay, rowsPerDay, sendsPerDay } = agent.budget;
      const isFree = callsPerDay === null && rowsPerDay === null;
      if (isFree && (sends === 0 || sendsPerDay === null)) {
        count(agent.agentId, day, { calls, sends });
        return;
      }
      return admitSlowly(agent, day, { calls, sends });
    },
    note(agent, call) {
      const { rows = 0, bytes = 0 } = call;
      const at = deps.clock.now();
      count(agent.agentId, dayOf(at), { rows, kilobytes: Math.ceil(bytes / 1024) });
      list(agent, call, at);
    },
    flush,
  };
}

/** Forgets what is older than any view shows. */
export async function sweepAgentActivity(deps: { hotPool: HotPool; clock: Clock }): Promise<void> {
  const before = (days: number) => new Date(deps.clock.now().getTime() - days * dayMs);
  await deleteActivityBefore(sqlOfPool(deps.hotPool), {
    calls: before(CALLS_KEPT_DAYS),
    days: before(DAYS_KEPT),
  });
}

/** Today's use of an agent, as far as it is written. */
export const usedToday = (
  deps: { hotPool: HotPool; clock: Clock },
  agentId: string,
): Promise<AgentUse> => usedOn(sqlOfPool(deps.hotPool), agentId, dayOf(deps.clock.now()));

let lastDay = { at: 0, text: "1970-01-01" };
/** `2026-11-22`, in UTC. */
export function dayOf(at: Date): string {
  const day = Math.floor(at.getTime() / dayMs);
  if (day !== lastDay.at) lastDay = { at: day, text: at.toISOString().slice(0, 10) };
  return lastDay.text;
}

/** Calls that are alike in all of this are one line. */
const lineOf = (
  { keyId }: Noted,
  { connectionId, door, operation, effect, status, code }: Omit<NotedCall, "durationMs">,
): string => `${keyId} ${connectionId} ${door} ${operation} ${effect} ${status} ${code}`;

export const secondsToMidnight = (now: Date) => Math.ceil((dayMs - (now.getTime() % dayMs)) / 1000);
const sum = (one: AgentUse, other: AgentUse): AgentUse => ({
  calls: one.calls + other.calls,
  rows: one.rows + other.rows,
  sends: sumRecipients(one.sends, other.sends),
  kilobytes: one.kilobytes + other.kilobytes,
});
