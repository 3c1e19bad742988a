"use client";

import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";

const NowContext = createContext<Date | null>(null);

/**
 * The time that relative times are counted from: the server's at first, so that both sides render
 * the same words, then the browser's, moved on every `everySeconds` while the page is in view.
 */
export function NowProvider({
  initialNow,
  everySeconds = 20,
  children,
}: {
  /** ISO 8601, from the server's clock. */
  initialNow: string;
  everySeconds?: number;
  children: ReactNode;
}) {
  const [now, setNow] = useState(() => new Date(initialNow));
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === "visible") setNow(new Date());
    };
    tick();
    const timer = setInterval(tick, everySeconds * 1_000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [everySeconds]);
  return <NowContext value={now}>{children}</NowContext>;
}

export function useNow(): Date {
  const now = useContext(NowContext);
  if (now === null) throw new Error("useNow needs a NowProvider above it");
  return now;
}

const never = () => () => {};
const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const serverTimeZone = () => "UTC";

/** The reader's time zone; UTC on the server and while the page wakes up. */
export function useTimeZone(): string {
  return useSyncExternalStore(never, ownTimeZone, serverTimeZone);
}
