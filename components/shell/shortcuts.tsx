"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { goKeys } from "#components/shell/keys.ts";
import { areSingleKeysOn } from "#components/shell/single-keys.ts";
import { isTyping } from "#components/shell/typing.ts";

/** How long after `g` the second key counts. */
const CHORD_MS = 1_000;

const rowLinks = () => [...document.querySelectorAll<HTMLElement>("[data-row-link]")];

function moveRow(step: 1 | -1): boolean {
  const links = rowLinks();
  if (links.length === 0) return false;
  const row = document.activeElement?.closest("[data-row]");
  const at = links.findIndex((link) => row?.contains(link));
  const next = at < 0 ? (step === 1 ? 0 : links.length - 1) : at + step;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
  return true;
}

/**
 * The studio's keys: `/` search, `g` and a second key go, `c` connects, `j` `k` and the arrows move
 * between rows, `r` reconnects the row with focus. Nothing happens while somebody types, in a
 * dialog, or with a modifier; single keys can be turned off.
 */
export function Shortcuts() {
  const router = useRouter();
  useEffect(() => {
    let goUntil = 0;
    const go = (to: Route) => {
      router.push(to);
      return true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector("[role=alertdialog], [role=dialog]"))
        return;
      const isInRow = document.activeElement?.closest("[data-row]") != null;
      if (isInRow && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        if (moveRow(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
        return;
      }
      if (!areSingleKeysOn()) return;
      const wasGoing = event.timeStamp < goUntil;
      goUntil = 0;
      const acts: Record<string, () => boolean> = wasGoing
        ? Object.fromEntries(Object.entries(goKeys).map(([key, { to }]) => [key, () => go(to)]))
        : {
            g: () => {
              goUntil = event.timeStamp + CHORD_MS;
              return true;
            },
            "/": () => {
              const search = document.querySelector<HTMLInputElement>("[data-search]");
              search?.focus();
              search?.select();
              return search !== null;
            },
            c: () => go("/integrations/new" as Route),
            j: () => moveRow(1),
            k: () => moveRow(-1),
            r: () => {
              const row = document.activeElement?.closest("[data-row]");
              const button = row?.querySelector<HTMLElement>("[data-connects]");
              button?.click();
              return button != null;
            },
          };
      if (acts[event.key]?.()) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router]);
  return null;
}
