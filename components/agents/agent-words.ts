import type {
  AgentConnectionJson,
  AgentJson,
  AgentKeyJson,
  AgentMode,
} from "#lib/agents/schema.ts";

export const modeNames: Readonly<Record<AgentMode, string>> = { plan: "Plan", build: "Build" };

/** One honest sentence each. */
export const modeWords: Readonly<Record<AgentMode, string>> = {
  plan: "Reads what you can read. Everything that would write, send or run code is refused.",
  build:
    "Reads the same. Writes only on connections where you allow it, until a time that you set; code and credentials stay refused.",
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
  if (first === undefined) return "None yet";
  if (second === undefined) return first;
  return more.length === 0
    ? `${first} and ${second}`
    : `${first}, ${second} and ${more.length} more`;
}

/** What stops it just now, worst first; null when it works. */
export function whatStops(agent: AgentJson): string | null {
  if (agent.disabledAt !== null) return "Disabled: no key of it works.";
  if (liveKeys(agent).length === 0) {
    return agent.keys.length === 0 ? "It has no key yet." : "None of its keys works any more.";
  }
  return agent.connections.length === 0 ? "It has no connection to use." : null;
}
