import { counted, grouped, sizeWords } from "#components/ui/amounts.ts";
import type { AgentCallJson } from "#lib/agents/schema.ts";

const doors: Readonly<Record<string, string>> = {
  proxy: "Proxy",
  operation: "Operation",
  tool: "MCP tool",
  lease: "Lease",
  plan: "Plan",
  request: "Request",
};
export const doorWords = (door: string): string => doors[door] ?? door;

/** What an agent does with plans, in its interface's words. */
const planCalls = new Map([
  ["plan.propose", "Proposed a plan"],
  ["plan.propose_call", "Proposed a call as a plan"],
  ["plan.edit", "Changed a plan"],
  ["plan.apply", "Ran an approved plan"],
  ["plan.cancel", "Took a plan back"],
]);

/** What it did: the registry's words, or the call table's name with its dots and dashes as spaces. */
export const callTitle = ({ title, operation, door }: AgentCallJson): string => {
  if (title !== null) return title;
  if (door === "lease") return "Lease issued";
  if (door === "request") return "Asked for a connection";
  const ofPlan = planCalls.get(operation);
  if (ofPlan !== undefined) return ofPlan;
  const words = operation.replaceAll(/[._-]+/g, " ").trim();
  return words === "" ? "Call" : words.charAt(0).toUpperCase() + words.slice(1);
};

/** Whether it did more than read: what asks, borrows or proposes changes nothing at a provider. */
export const hasEffect = ({ door, operation, effect }: AgentCallJson): boolean =>
  effect !== "read" && door !== "request" && door !== "lease" && !planCalls.has(operation);

/** How it went: the provider's status, or the studio's code; nothing where there is nothing to say. */
export function callOutcome({ status, code }: AgentCallJson): {
  words: string | null;
  tone: "plain" | "warn" | "danger";
} {
  if (code !== null) return { words: code, tone: "warn" };
  if (status === null) return { words: null, tone: "plain" };
  if (status < 400) return { words: String(status), tone: "plain" };
  return { words: String(status), tone: status < 500 ? "warn" : "danger" };
}

/** "42 rows · 3 kB · 120 ms" */
export function amountWords({ rows, bytes, durationMs, repeats }: AgentCallJson): string {
  const parts = [
    ...(repeats > 1 ? [`${grouped(repeats)} times`] : []),
    ...(rows > 0 ? [counted(rows, "row")] : []),
    ...(bytes > 0 ? [sizeWords(bytes)] : []),
    durationMs < 1_000 ? `${durationMs} ms` : `${(durationMs / 1_000).toFixed(1)} s`,
  ];
  return parts.join(" · ");
}
