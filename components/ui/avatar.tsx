import { cn } from "#components/ui/cn.ts";

/** First letters of the first and last word: "Dana Kowalczyk" gives "DK". */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** A person as initials. The name is spoken unless `isDecorative`: then it stands beside. */
export function Avatar({
  name,
  isMe = false,
  isDecorative = false,
  size = "md",
}: {
  name: string;
  isMe?: boolean;
  isDecorative?: boolean;
  size?: "sm" | "md";
}) {
  return (
    <span
      title={isDecorative ? undefined : name}
      className={cn(
        "grid shrink-0 place-items-center rounded-full border font-title leading-none tracking-none",
        size === "md" ? "size-[22px] text-[9.5px]" : "size-5 text-[9px]",
        isMe
          ? "border-accent-line bg-accent-tint text-accent-ink"
          : "border-line-strong bg-chip text-ink-2",
      )}
    >
      <span aria-hidden>{initialsOf(name)}</span>
      {!isDecorative && <span className="sr-only">{isMe ? `${name} (you)` : name}</span>}
    </span>
  );
}
