"use client";

import { useQuery } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { inboxOptions } from "#components/live/inbox.ts";

const FULL = 99;

/**
 * How much waits for this person; the frame brings the first answer.
 *
 * @param asks - false where there may be no frame: then only what the frame knows is shown
 */
function useInbox(asks: boolean): number {
  const { data } = useQuery({ ...inboxOptions(), enabled: asks });
  return data === undefined ? 0 : data.plans + data.requests + data.agents;
}
const shown = (count: number) => (count > FULL ? `${FULL}+` : String(count));

/** Beside the word; nothing where nothing waits. */
export function InboxCount({ className }: { className: string }) {
  const count = useInbox(true);
  if (count === 0) return null;
  return (
    <span className={className}>
      {shown(count)}
      <span className="sr-only"> waiting for you</span>
    </span>
  );
}

/** In the bar of every page but the inbox itself. */
export function InboxLink() {
  const count = useInbox(false);
  const path = usePathname();
  if (count === 0 || path === "/plans") return null;
  return (
    <Link
      href={"/plans" as Route}
      className="nums inline-flex h-control-sm shrink-0 items-center gap-1.5 rounded-2 border border-accent-line bg-accent-tint px-2 font-label text-accent-ink text-xs hover:border-accent pointer-coarse:h-11"
    >
      <Inbox aria-hidden strokeWidth={1.5} className="size-3.5" />
      <span>
        {shown(count)}
        <span className="max-md:sr-only"> waiting</span>
        <span className="sr-only"> for you</span>
      </span>
    </Link>
  );
}
