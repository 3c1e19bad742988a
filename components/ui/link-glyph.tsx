import { cn } from "#components/ui/cn.ts";

const linkStates = [
  "connected",
  "idle_soon",
  "provider_down",
  "refresh_failing",
  "app_refused",
  "missing_scopes",
  "needs_reconnect",
  "not_connected",
  "waiting",
] as const;
export type LinkState = (typeof linkStates)[number];

const tones: Record<LinkState, string> = {
  connected: "text-ok-ink",
  idle_soon: "text-warn-ink",
  provider_down: "text-warn-ink",
  refresh_failing: "text-warn-ink",
  app_refused: "text-danger-ink",
  missing_scopes: "text-warn-ink",
  needs_reconnect: "text-danger-ink",
  not_connected: "text-ink-3",
  waiting: "text-accent-ink",
};

const threads: Record<
  LinkState,
  { d: string; isDashed?: boolean; right: "solid" | "hollow" } | null
> = {
  connected: { d: "M5 6h12", right: "solid" },
  idle_soon: { d: "M7.5 6h7", isDashed: true, right: "solid" },
  provider_down: { d: "M7.5 6h7", isDashed: true, right: "solid" },
  refresh_failing: { d: "M7.5 6h7", isDashed: true, right: "solid" },
  app_refused: { d: "M5 6h3M9.8 8.8l2.4-5.6", right: "solid" },
  missing_scopes: { d: "M5 6h10.5", right: "hollow" },
  needs_reconnect: { d: "M5 6h3M9.8 8.8l2.4-5.6", right: "hollow" },
  not_connected: null,
  waiting: { d: "M7.5 6h7", isDashed: true, right: "solid" },
};

/**
 * Two knots and the thread between them. The shape says the state, colour only repeats it; words
 * always stand beside it, so it is hidden from screen readers.
 *
 * @param props.tone - "inherit" leaves the colour to the surroundings (a banner)
 */
export function LinkGlyph({
  state,
  tone = "own",
  className,
}: {
  state: LinkState;
  tone?: "own" | "inherit";
  className?: string;
}) {
  const thread = threads[state];
  return (
    <svg
      viewBox="0 0 22 12"
      aria-hidden="true"
      strokeWidth="1.5"
      strokeLinecap="round"
      className={cn(
        "h-3 w-[22px] shrink-0 fill-current stroke-current",
        tone === "own" && tones[state],
        className,
      )}
    >
      {thread !== null && (
        <path d={thread.d} fill="none" strokeDasharray={thread.isDashed ? "1.6 2.7" : undefined} />
      )}
      {thread === null ? (
        <circle cx="4" cy="6" r="2.3" fill="none" />
      ) : (
        <circle cx="4" cy="6" r="2.4" stroke="none" />
      )}
      {thread?.right === "solid" ? (
        <circle cx="18" cy="6" r="2.4" stroke="none" />
      ) : (
        <circle cx="18" cy="6" r="2.3" fill="none" />
      )}
    </svg>
  );
}
