import { cn } from "#components/ui/cn.ts";

export type ThreadState = "waiting" | "connected" | "failed" | "confirm" | "expired";

const second: Record<ThreadState, { stroke: string; isDashed: boolean }> = {
  waiting: { stroke: "var(--line-strong)", isDashed: true },
  confirm: { stroke: "var(--warn-solid)", isDashed: true },
  connected: { stroke: "var(--accent)", isDashed: false },
  failed: { stroke: "var(--danger-solid)", isDashed: false },
  expired: { stroke: "var(--line-strong)", isDashed: true },
};

/**
 * The glyph drawn large for flow screens: You, the provider, the studio, and how far the thread has
 * come. On "connected" it closes once, in 240 ms; nothing loops.
 *
 * @param props.label - what the picture says, for those who do not see it
 */
export function ThreadPicture({
  state,
  provider,
  label,
  className,
}: {
  state: ThreadState;
  provider: string;
  label: string;
  className?: string;
}) {
  const knot =
    state === "failed"
      ? "var(--danger-solid)"
      : state === "confirm"
        ? "var(--warn-solid)"
        : state === "expired"
          ? "var(--line-control)"
          : "var(--accent)";
  const { stroke, isDashed } = second[state];
  return (
    <svg
      viewBox="0 0 576 78"
      fill="none"
      strokeLinecap="round"
      role="img"
      aria-label={label}
      className={cn("mb-6 block h-auto w-full overflow-visible", className)}
    >
      <g stroke="var(--line)" strokeWidth="1.25">
        <path d="M14 34C70 4 232 4 288 34S506 64 562 34M14 34C70 64 232 64 288 34S506 4 562 34" />
        <path d="M14 34C80 20 222 20 288 34S496 48 562 34M14 34C80 48 222 48 288 34S496 20 562 34" />
      </g>
      <path
        d="M20 34h250"
        stroke={state === "expired" ? "var(--line-strong)" : "var(--accent)"}
        strokeWidth="1.5"
      />
      {state === "failed" ? (
        <>
          <path d="M306 34h86" stroke={stroke} strokeWidth="1.5" />
          <path
            d="M452 34h100"
            stroke="var(--line-strong)"
            strokeWidth="1.5"
            strokeDasharray="2 6"
          />
          <path d="M414 44l16-20" stroke={stroke} strokeWidth="1.8" />
        </>
      ) : (
        <path
          d="M306 34h246"
          stroke={stroke}
          strokeWidth="1.5"
          strokeDasharray={isDashed ? "2 6" : undefined}
          pathLength={state === "connected" ? 1 : undefined}
          className={state === "connected" ? "thread-closing" : undefined}
        />
      )}
      <circle cx="14" cy="34" r="5" fill="var(--accent)" />
      <circle cx="288" cy="34" r="17" fill="var(--surface)" />
      <circle cx="288" cy="34" r="11" stroke={knot} strokeWidth="1.5" fill="var(--surface)" />
      <circle cx="288" cy="34" r="4" fill={knot} />
      {state === "connected" ? (
        <circle cx="562" cy="34" r="5" fill="var(--accent)" />
      ) : (
        <circle
          cx="562"
          cy="34"
          r="5"
          fill="var(--surface)"
          stroke="var(--line-control)"
          strokeWidth="1.5"
        />
      )}
      <g className="fill-ink-2 font-label text-[11px]">
        <text x="9" y="72">
          You
        </text>
        <text x="288" y="74" textAnchor="middle">
          {provider}
        </text>
        <text x="567" y="72" textAnchor="end">
          Studio
        </text>
      </g>
    </svg>
  );
}
