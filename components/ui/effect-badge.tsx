import { Badge } from "#components/ui/badge.tsx";

type EffectWords = { words: string; tone: "plain" | "warn" | "danger" };

/** What a call or an operation does at worst; one word for one thing, on every page. */
const known = new Map<string, EffectWords>([
  ["read", { words: "read", tone: "plain" }],
  ["write", { words: "write", tone: "plain" }],
  ["destructive", { words: "destructive", tone: "danger" }],
  ["send", { words: "send", tone: "warn" }],
  ["code", { words: "code", tone: "warn" }],
  ["credentials", { words: "credentials", tone: "warn" }],
]);
const unknown: EffectWords = { words: "not known", tone: "warn" };

export const effectWords = (effect: string): EffectWords => known.get(effect) ?? unknown;

/** What it does at worst, in a word. */
export function EffectBadge({ effect }: { effect: string }) {
  const { words, tone } = effectWords(effect);
  return <Badge tone={tone}>{words}</Badge>;
}
