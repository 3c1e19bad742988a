"use client";

import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { InboxCount } from "#components/shell/inbox-count.tsx";
import {
  type Destination,
  mainDestinations,
  personalDestinations,
} from "#components/shell/navigation.ts";

const INBOX = "/plans" as Route;

const isWithin = (path: string, href: string) => path === href || path.startsWith(`${href}/`);

function useCurrent() {
  const path = usePathname();
  return (destination: Destination) => (isWithin(path, destination.href) ? "page" : undefined);
}

/** The rail's links. */
export function RailLinks() {
  const current = useCurrent();
  return (
    <nav aria-label="Main" className="grid gap-px">
      {[...mainDestinations, ...personalDestinations].map((destination) => (
        <Link
          key={destination.href}
          href={destination.href}
          aria-current={current(destination)}
          className="group flex h-[1.875rem] items-center gap-2.5 rounded-2 px-2 text-ink-2 transition-colors duration-hover hover:bg-hover hover:text-ink aria-[current]:bg-[light-dark(oklch(0.925_0.008_198),oklch(0.25_0.012_205))] aria-[current]:font-label aria-[current]:text-ink pointer-coarse:h-11"
        >
          <destination.icon
            aria-hidden
            strokeWidth={1.5}
            className="size-4 group-aria-[current]:text-accent-ink"
          />
          {destination.name}
          {destination.href === INBOX && (
            <InboxCount className="nums ml-auto font-label text-warn-ink text-xs" />
          )}
        </Link>
      ))}
    </nav>
  );
}

/** The same below the page, at phone width. */
export function BottomBar() {
  const current = useCurrent();
  return (
    <nav
      aria-label="Main, narrow"
      className="fixed inset-x-0 bottom-0 z-30 flex h-14 justify-between border-line px-1 border-t bg-canvas md:hidden print:hidden"
    >
      {[...mainDestinations, ...personalDestinations].map((destination) => (
        <Link
          key={destination.href}
          href={destination.href}
          aria-current={current(destination)}
          className="grid min-w-11 place-content-center place-items-center gap-0.5 px-1 text-2xs text-ink-3 aria-[current]:font-label aria-[current]:text-accent-ink"
        >
          <span className="relative">
            <destination.icon aria-hidden strokeWidth={1.5} className="size-4" />
            {destination.href === INBOX && (
              <InboxCount className="nums absolute -top-1.5 left-2.5 min-w-4 rounded-full bg-warn-solid px-1 text-center font-label text-[10px] text-[oklch(0.2_0.03_70)] leading-4" />
            )}
          </span>
          {destination.name}
        </Link>
      ))}
    </nav>
  );
}
