import { CheckCard } from "#components/ui/choice-cards.tsx";

const words = {
  asksForConnections: {
    title: "Ask me for what it lacks",
    description:
      "A call that needs another connection waits while you choose one, connect one, or decline. Off: such a call is refused.",
  },
  pausesOnNewNetwork: {
    title: "Pause it on a new network",
    description:
      "After its first day, a key that comes from where it never was works again once you say it was you. Off, for builds and laptops on the move: you are told, and it goes on.",
  },
} as const;

/** One thing that an agent does or leaves, with what each means. */
export function AgentChoice({
  of,
  value,
  onChange,
}: {
  of: keyof typeof words;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <CheckCard checked={value} onChange={({ target }) => onChange(target.checked)} {...words[of]} />
  );
}
