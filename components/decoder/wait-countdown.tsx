"use client";

import { Clock } from "lucide-react";
import { useEffect, useState } from "react";
import { clockText } from "#components/connect/time-left.ts";
import type { NextAction } from "#lib/grants/decoder.ts";

type Wait = Extract<NextAction, { do: "wait" }>;

/**
 * How long a fresh app still needs: a countdown to the earliest moment, then that it may be ready,
 * and when it surely is. Nothing is locked meanwhile.
 */
export function WaitCountdown({ wait, since }: { wait: Wait; since: string }) {
  const [elapsedSeconds, setElapsedSeconds] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setElapsedSeconds((Date.now() - Date.parse(since)) / 1_000);
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [since]);
  if (elapsedSeconds === null) return null;
  const early = wait.fromSeconds - elapsedSeconds;
  const late = wait.toSeconds - elapsedSeconds;
  const stage = early > 0 ? "early" : late > 0 ? "maybe" : "late";
  const words = {
    early: "Usually ready in",
    maybe: "May be ready now, at the latest in",
    late: "Should be ready now",
  }[stage];
  return (
    <span className="nums inline-flex items-center gap-1.5 text-ink-2 text-xs">
      <Clock aria-hidden className="size-3.5" strokeWidth={1.5} />
      <span aria-live="polite">{words}</span>
      {stage !== "late" && (
        <span className="mono" aria-hidden>
          {clockText(stage === "early" ? early : late)}
        </span>
      )}
    </span>
  );
}
