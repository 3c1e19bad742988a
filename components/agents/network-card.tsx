import { CheckCard } from "#components/ui/choice-cards.tsx";

/** Whether a key on a network where it never was stops the agent. */
export function NetworkCard({
  value,
  onChange,
}: {
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <CheckCard
      checked={value}
      onChange={({ target }) => onChange(target.checked)}
      title="Pause it on a new network"
      description="After its first day, a key that comes from where it never was works again once you say it was you. Off, for builds and laptops on the move: you are told, and it goes on."
    />
  );
}
