import { CheckCard } from "#components/ui/choice-cards.tsx";

/** Whether it may ask for a connection that it does not have. */
export function AsksCard({
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
      title="Ask me for what it lacks"
      description="A call that needs another connection waits while you choose one, connect one, or decline. Off: such a call is refused."
    />
  );
}
