import { Badge } from "#components/ui/badge.tsx";
import type { OperationJson } from "#lib/operations/schema.ts";

const words: Record<OperationJson["effect"], string> = {
  read: "reads",
  write: "write",
  destructive: "deletes",
  send: "sends",
  code: "runs code",
};
const tones = {
  read: "plain",
  write: "plain",
  destructive: "danger",
  send: "warn",
  code: "warn",
} as const;

/** What an operation does at worst, in a word. */
export function EffectBadge({ effect }: { effect: OperationJson["effect"] }) {
  return <Badge tone={tones[effect]}>{words[effect]}</Badge>;
}
