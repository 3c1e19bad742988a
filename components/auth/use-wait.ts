"use client";

import { useCallback, useEffect, useState } from "react";

/** Counts down whole seconds after a throttled attempt; zero when one may try again. */
export function useWait(): { seconds: number; wait: (seconds: number) => void } {
  const [until, setUntil] = useState<number | null>(null);
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (until === null) return;
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
      setSeconds(left);
      if (left === 0) setUntil(null);
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [until]);
  const wait = useCallback((span: number) => setUntil(Date.now() + span * 1_000), []);
  return { seconds, wait };
}

/** "40 seconds", "2 minutes". */
export function spanWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
