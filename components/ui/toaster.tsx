"use client";

import { useTheme } from "next-themes";
import { useEffect, useRef, useState } from "react";
import { type Saying, TOAST_EVENT } from "#components/ui/toast.ts";

type Sonner = typeof import("sonner");

/** Where `sayDone` and `sayProblem` show. Its script is loaded with the first thing there is to say. */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  const [sonner, setSonner] = useState<Sonner | null>(null);
  const waiting = useRef<Saying[]>([]);

  useEffect(() => {
    const show = ({ tone, words }: Saying) =>
      tone === "done" ? sonner?.toast.success(words) : sonner?.toast.error(words);
    for (const saying of sonner === null ? [] : waiting.current.splice(0)) show(saying);
    const hear = (event: Event) => {
      const saying = (event as CustomEvent<Saying>).detail;
      if (sonner !== null) {
        show(saying);
        return;
      }
      waiting.current.push(saying);
      void import("sonner").then(setSonner);
    };
    window.addEventListener(TOAST_EVENT, hear);
    return () => window.removeEventListener(TOAST_EVENT, hear);
  }, [sonner]);

  if (sonner === null) return null;
  return (
    <sonner.Toaster
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      offset={16}
      mobileOffset={{ bottom: 72 }}
      toastOptions={{
        style: {
          background: "var(--raised)",
          color: "var(--ink)",
          borderColor: "var(--line)",
          boxShadow: "var(--shadow-2)",
          borderRadius: "var(--r-3)",
          fontFamily: "var(--font-sans)",
          fontSize: "var(--text-sm)",
        },
      }}
    />
  );
}
