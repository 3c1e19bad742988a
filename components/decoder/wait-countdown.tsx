"use client";

import { Clock } from "lucide-react";
import { useEffect, useState } from "react";
import { clockText } from "#components/connect/time-left.ts";
import type { NextAction } from "#lib/grants/decoder.ts";

type Wait = Extract<NextAction, { do: "wait" }>;
export type WaitStage = { stage: "early" | "maybe" | "late"; leftSeconds: number };

/**
 * How long a fresh app still needs: until the earliest moment, then until it surely is ready.
 *
 * @param since - ISO 8601, by the browser's clock; null or without a wait nothing is counted
 * @returns null before the first tick, so that server and browser render alike
 */
export function useWaitStage(wait: Wait | undefined, since: string | null): WaitStage | null {
  const [elapsedSeconds, setElapsedSeconds] = useState<number | null>(null);
  const isCounting = wait !== undefined && since !== null;
  useEffect(() => {
    if (!isCounting) return;
    const tick = () => setElapsedSeconds((Date.now() - Date.parse(since)) / 1_000);
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [isCounting, since]);
  if (!isCounting || elapsedSeconds === null) return null;
  const early = wait.fromSeconds - elapsedSeconds;
  const late = wait.toSeconds - elapsedSeconds;
  if (early > 0) return { stage: "early", leftSeconds: early };
  return { stage: late > 0 ? "maybe" : "late", leftSeconds: Math.max(0, late) };
}

const words: Record<WaitStage["stage"], string> = {
  early: "Usually ready in",
  maybe: "May be ready now, at the latest in",
  late: "Should be ready now",
};

/** The countdown in words. The stage is spoken when it changes, the seconds are only seen. */
export function WaitCountdown({ stage, leftSeconds }: WaitStage) {
  return (
    <span className="nums inline-flex items-center gap-1.5 text-ink-2 text-xs">
      <Clock aria-hidden className="size-3.5" strokeWidth={1.5} />
      <span aria-live="polite">{words[stage]}</span>
      {stage !== "late" && (
        <span className="mono" role="timer" aria-live="off" aria-label="Time left">
          {clockText(leftSeconds)}
        </span>
      )}
    </span>
  );
}
