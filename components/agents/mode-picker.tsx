import { modeNames, modeWords } from "#components/agents/agent-words.ts";
import { ChoiceGroup, RadioCard } from "#components/ui/choice-cards.tsx";
import { type AgentMode, agentModes } from "#lib/agents/terms.ts";

/** The two modes with what each means. */
export function ModePicker({
  value,
  onChange,
}: {
  value: AgentMode;
  onChange: (mode: AgentMode) => void;
}) {
  return (
    <ChoiceGroup legend="Mode">
      {agentModes.map((mode) => (
        <RadioCard
          key={mode}
          name="mode"
          value={mode}
          checked={value === mode}
          onChange={() => onChange(mode)}
          title={modeNames[mode]}
          description={modeWords[mode]}
        />
      ))}
    </ChoiceGroup>
  );
}
