"use client";

import { Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { Kbd } from "#components/ui/kbd.tsx";

const PAUSE_MS = 200;

/**
 * Searches as one types, after a pause; Enter and leaving the field search at once, Escape leaves it
 * with what was found. `/` goes there. At phone width an icon that opens over the bar.
 *
 * @param props.value - what the address says now
 * @param props.onSearch - gets the text as typed, empty when there is nothing to look for
 */
export function SearchField({
  label,
  placeholder,
  value,
  onSearch,
}: {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // Back, forward and "Clear" change the address under the field.
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (text: string, waitMs: number) => {
    clearTimeout(timer.current);
    const apply = () => {
      timer.current = undefined;
      onSearch(text.trim() === "" ? "" : text);
    };
    if (waitMs === 0) apply();
    else timer.current = setTimeout(apply, waitMs);
  };
  return (
    <label className="flex h-control w-68 items-center gap-2 rounded-2 border border-line-control bg-surface pr-2 pl-2.5 text-ink-3 transition-colors duration-hover focus-within:border-transparent focus-within:shadow-(--focus-ring) hover:border-ink-3 max-md:w-control max-md:justify-center max-md:p-0 max-md:focus-within:absolute max-md:focus-within:inset-x-4 max-md:focus-within:z-10 max-md:focus-within:w-auto max-md:focus-within:justify-start max-md:focus-within:px-2.5">
      <Search aria-hidden strokeWidth={1.5} className="size-4 shrink-0" />
      <input
        ref={input}
        data-search
        type="search"
        aria-label={label}
        placeholder={placeholder}
        defaultValue={value}
        maxLength={200}
        onChange={(event) => search(event.target.value, PAUSE_MS)}
        onKeyDown={(event) => {
          if (event.key === "Enter") search(event.currentTarget.value, 0);
          if (event.key !== "Escape") return;
          // Chromium would empty the field: Escape leaves it with what was found.
          event.preventDefault();
          event.currentTarget.blur();
        }}
        // Whoever leaves the field has said it all: a late search must not pull them back from a row.
        onBlur={(event) => {
          if (timer.current !== undefined) search(event.currentTarget.value, 0);
        }}
        className="min-w-0 flex-1 bg-transparent text-ink shadow-none! [&::-webkit-search-cancel-button]:appearance-none max-md:absolute max-md:size-px max-md:opacity-0 max-md:focus:static max-md:focus:size-auto max-md:focus:text-lg max-md:focus:opacity-100"
      />
      <span aria-hidden className="max-md:hidden">
        <Kbd>/</Kbd>
      </span>
    </label>
  );
}
