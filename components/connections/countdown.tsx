"use client";

import { useEffect, useState } from "react";
import { clockText } from "#components/connect/time-left.ts";

/**
 * The time left until then, by the second; nothing once it is over, and before the page woke up. It is
 * seen and not spoken: what stands beside it says what happens then.
 */
export function Countdown({ until }: { until: string }) {
  const [leftMs, setLeftMs] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setLeftMs(Date.parse(until) - Date.now());
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [until]);
  if (leftMs === null || leftMs <= 0) return null;
  return (
    <span className="mono" role="timer" aria-live="off" aria-label="Time until the next try">
      {clockText(leftMs / 1_000)}
    </span>
  );
}
