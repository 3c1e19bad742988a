"use client";

import { Search } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useEffect, useRef } from "react";
import { activityParsers } from "#components/activity/search-params.ts";
import { Kbd } from "#components/ui/kbd.tsx";

const PAUSE_MS = 300;

/** Searches names, details and ids as one types, after a pause. */
export function SearchEvents() {
  const [{ q }, setState] = useQueryStates(activityParsers);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (text: string, waitMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void setState({ q: text.trim() || null }), waitMs);
  };
  return (
    <label className="flex h-control w-68 min-w-0 items-center gap-2 rounded-2 border border-line-control bg-surface pr-2 pl-2.5 text-ink-3 transition-colors duration-hover focus-within:border-transparent focus-within:shadow-(--focus-ring) hover:border-ink-3 max-md:w-40">
      <Search aria-hidden strokeWidth={1.5} className="size-4 shrink-0" />
      <input
        ref={input}
        data-search
        type="search"
        aria-label="Search activity"
        placeholder="Person, connection, ID"
        defaultValue={q}
        maxLength={200}
        onChange={(event) => search(event.target.value, PAUSE_MS)}
        onKeyDown={(event) => {
          if (event.key === "Enter") search(event.currentTarget.value, 0);
          if (event.key !== "Escape") return;
          // Chromium would empty the field: Escape leaves it with what was found.
          event.preventDefault();
          event.currentTarget.blur();
        }}
        className="min-w-0 flex-1 bg-transparent text-ink shadow-none! [&::-webkit-search-cancel-button]:appearance-none"
      />
      <span aria-hidden className="max-md:hidden">
        <Kbd>/</Kbd>
      </span>
    </label>
  );
}
