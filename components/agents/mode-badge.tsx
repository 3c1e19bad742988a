import { BookOpenText, PencilLine } from "lucide-react";
import { modeNames } from "#components/agents/agent-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import type { AgentMode } from "#lib/agents/schema.ts";

/** How far an agent may go, by word and shape. */
export function ModeBadge({ mode }: { mode: AgentMode }) {
  const Mark = mode === "plan" ? BookOpenText : PencilLine;
  return (
    <Badge tone={mode === "plan" ? "plain" : "accent"}>
      <Mark aria-hidden strokeWidth={1.5} />
      {modeNames[mode]}
    </Badge>
  );
}
