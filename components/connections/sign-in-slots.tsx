import { cn } from "#components/ui/cn.ts";

const STEP = 22;

/** How many of the provider's sign-ins of one user through one app are in use, as knots on a thread. */
export function SignInSlots({ used, of }: { used: number; of: number }) {
  const isFull = used >= of;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
      <svg
        viewBox={`0 0 ${of * STEP} 16`}
        aria-hidden
        fill="none"
        className="h-4 shrink-0"
        style={{ width: of * STEP }}
      >
        <path
          d={`M${STEP / 2} 8H${(of - 0.5) * STEP}`}
          stroke="var(--line-strong)"
          strokeWidth="1"
        />
        {Array.from({ length: of }, (_, slot) => {
          const isUsed = slot < used;
          return (
            <circle
              // biome-ignore lint/suspicious/noArrayIndexKey: the slots never move
              key={slot}
              cx={(slot + 0.5) * STEP}
              cy="8"
              r={isUsed ? 5 : 4.5}
              strokeWidth="1.5"
              fill={isUsed ? (isFull ? "var(--warn-solid)" : "var(--accent)") : "var(--surface)"}
              stroke={
                isUsed ? (isFull ? "var(--warn-solid)" : "var(--accent)") : "var(--line-control)"
              }
            />
          );
        })}
      </svg>
      <p className={cn("text-pretty text-xs", isFull ? "text-warn-ink" : "text-ink-3")}>
        {slotWords(used, of)}
      </p>
    </div>
  );
}

const numbers = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const ordinals: Readonly<Record<number, string>> = { 3: "fourth", 4: "fifth", 5: "sixth" };

/** "3 of 5 sign-ins of this user through this app are in use; a sixth ends the oldest." */
export function slotWords(used: number, of: number): string {
  const next = ordinals[of] ?? `one beyond ${numbers[of] ?? of}`;
  const inUse = `${used} of ${of} sign-ins of this user through this app ${used === 1 ? "is" : "are"} in use`;
  return used >= of
    ? `${inUse}: all. The next one ends the oldest.`
    : `${inUse}; a ${next} ends the oldest.`;
}
