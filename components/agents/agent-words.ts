import { counted } from "#components/ui/amounts.ts";
import type {
  AgentConnectionJson,
  AgentJson,
  AgentKeyJson,
  AgentMode,
} from "#lib/agents/schema.ts";

export const modeNames: Readonly<Record<AgentMode, string>> = { plan: "Plan", build: "Build" };

/** One honest sentence each. */
export const modeWords: Readonly<Record<AgentMode, string>> = {
  plan: "Reads what you can read. What it would change it proposes as a plan: you see each value before and after, approve, and it happens once.",
  build:
    "Reads what you can read, and applies a plan itself once you have approved it. Where you allow that, for a time, it changes things without one.",
};

export const liveKeys = (agent: Pick<AgentJson, "keys">): AgentKeyJson[] =>
  agent.keys.filter(({ state }) => state === "live");

/** The live key that goes on longest; null where none counts. */
export function longestKey(agent: Pick<AgentJson, "keys">): AgentKeyJson | null {
  const end = ({ expiresAt }: AgentKeyJson) => expiresAt ?? "9";
  return liveKeys(agent).toSorted((a, b) => (end(a) < end(b) ? 1 : -1))[0] ?? null;
}

/** Does an agent write here without a plan, at this moment? */
export const mayWriteNow = (
  agent: Pick<AgentJson, "mode">,
  { directWritesUntil }: Pick<AgentConnectionJson, "directWritesUntil">,
  now: Date,
): boolean =>
  agent.mode === "build" && directWritesUntil !== null && new Date(directWritesUntil) > now;

/** "Demo org, Halden and 3 more" */
export function connectionNames(connections: readonly Pick<AgentConnectionJson, "name">[]): string {
  const [first, second, ...more] = connections.map(({ name }) => name);
  if (first === undefined) return "No connection yet";
  if (second === undefined) return first;
  return more.length === 0
    ? `${first} and ${second}`
    : `${first}, ${second} and ${more.length} more`;
}

/** What stops it just now, worst first; null when it works. */
export function whatStops(agent: AgentJson): string | null {
  if (agent.disabledAt !== null) return "Disabled: no key of it works.";
  if (agent.pausedAt !== null) return "Paused: no key of it works until you have looked.";
  if (liveKeys(agent).length === 0) {
    return agent.keys.length === 0 ? "It has no key yet." : "None of its keys works any more.";
  }
  if (agent.connections.length > 0) return null;
  return agent.asksForConnections
    ? "It has no connection yet, and asks you when it needs one."
    : "It has no connection to use.";
}

const pauseReasons: Readonly<Record<string, string>> = {
  volume: "It made far more calls than on its other days.",
  bulk_reads: "It read far more rows than on its other days.",
  new_network: "A key of it came from a network where it never was before, and was refused.",
};
/** Where its keys were used that its owner has not looked at: refused there, or gone on. */
export function newNetworks(
  agent: Pick<AgentJson, "keys">,
): { network: string; keyName: string; isHeld: boolean; firstSeenAt: string }[] {
  return liveKeys(agent).flatMap((key) =>
    key.networks
      .filter(({ state }) => state !== "known")
      .map(({ network, state, firstSeenAt }) => {
        return { network, keyName: key.name, isHeld: state === "held", firstSeenAt };
      }),
  );
}

/** "203.0.113.0/24"; of an address that could not be read there is none. */
export const networkName = (network: string): string =>
  network === "unknown" ? "an unknown network" : network;

/** Why the studio paused it. */
export const pauseWords = (reason: string | null): string =>
  (reason === null ? undefined : pauseReasons[reason]) ??
  "What it did was not like on its other days.";

export const budgetKinds = ["calls", "rows", "sends"] as const;
export type BudgetKind = (typeof budgetKinds)[number];
export const budgetNames: Readonly<Record<BudgetKind, string>> = {
  calls: "Calls",
  rows: "Rows read",
  sends: "People written to",
};

export type Budget = Pick<AgentJson, "callsPerDay" | "rowsPerDay" | "sendsPerDay">;
/** Ready choices; a fourth is one's own figures. */
export const budgetPresets: Readonly<
  Record<"small" | "everyday" | "none", { name: string; words: string; budget: Budget }>
> = {
  small: {
    name: "Small",
    words: "500 calls and 5\u00a0000 rows a day. It writes to nobody.",
    budget: { callsPerDay: 500, rowsPerDay: 5_000, sendsPerDay: 0 },
  },
  everyday: {
    name: "Everyday",
    words: "5\u00a0000 calls, 100\u00a0000 rows and 100 people written to a day.",
    budget: { callsPerDay: 5_000, rowsPerDay: 100_000, sendsPerDay: 100 },
  },
  none: {
    name: "No budget",
    words: "Only the studio's own limits, and its pause when a day is unlike the others.",
    budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
  },
};

/** "5 000 calls · 100 000 rows · nobody written to"; null where there is no budget. */
export function budgetWords({ callsPerDay, rowsPerDay, sendsPerDay }: Budget): string | null {
  const parts = [
    ...(callsPerDay === null ? [] : [counted(callsPerDay, "call")]),
    ...(rowsPerDay === null ? [] : [counted(rowsPerDay, "row")]),
    ...(sendsPerDay === null
      ? []
      : sendsPerDay === 0
        ? ["nobody written to"]
        : [`${counted(sendsPerDay, "person", "people")} written to`]),
  ];
  return parts.length === 0 ? null : parts.join(" · ");
}
