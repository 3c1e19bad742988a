"use client";

import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { timelineOptions } from "#components/connections/detail-queries.ts";
import { timelineLine } from "#components/connections/event-words.ts";
import { cn } from "#components/ui/cn.ts";
import { useNow } from "#components/ui/now.tsx";
import { Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { TimelineEntryJson } from "#lib/audit/schema.ts";
import { lengthInWords } from "#lib/core/relative-time.ts";

const dots = {
  plain: "bg-ink-3",
  good: "bg-accent",
  warn: "bg-warn-solid",
  quiet: "border-[1.5px] border-ink-3 bg-surface",
};

/** What happened on the connection, newest first; what repeats is one line with its count and span. */
export function Timeline({ connectionId }: { connectionId: string }) {
  const { data } = useQuery(timelineOptions(connectionId));
  if (data === undefined) return null;
  const { items } = data;
  return (
    <Section
      title="Timeline"
      aside={
        <Link
          className="link"
          prefetch={false}
          href={`/activity?connection=${connectionId}&routine=true` as Route}
        >
          All in Activity
        </Link>
      }
    >
      {items.length === 0 ? (
        <p className="text-ink-3">Nothing has happened yet.</p>
      ) : (
        <ol>
          {items.map((entry, index) => (
            <Entry key={entry.id} entry={entry} isLast={index === items.length - 1} />
          ))}
        </ol>
      )}
    </Section>
  );
}

function Entry({ entry, isLast }: { entry: TimelineEntryJson; isLast: boolean }) {
  const now = useNow();
  const { title, tone } = timelineLine(entry);
  const reason = typeof entry.detail.reason === "string" ? entry.detail.reason : null;
  const spanMs = Date.parse(entry.at) - Date.parse(entry.firstAt);
  const isRepeated = entry.count > 1;
  return (
    <li className="relative flex gap-3 pb-3 last:pb-0">
      {!isLast && (
        <span
          aria-hidden
          className="absolute top-[9px] -bottom-[9px] left-[7.5px] w-px bg-line-strong"
        />
      )}
      <span aria-hidden className="relative grid w-4 justify-items-center">
        <span
          className={cn(
            "mt-1.5 size-[7px] rounded-full shadow-[0_0_0_3px_var(--surface)]",
            dots[tone],
          )}
        />
      </span>
      <p className="min-w-0 flex-1 text-ink-2 [overflow-wrap:anywhere]">
        <span className="nums font-label text-ink">{title}</span>
        {formerName(entry)}
        {entry.detail.isRaw === true && ", the access token itself"}
        {entry.actorName !== null && ` by ${entry.actorName}`}
        {isRepeated && lengthInWords(spanMs) !== "now" && (
          <span className="nums text-ink-3">
            {" "}
            over {lengthInWords(spanMs)}
            {now.getTime() - Date.parse(entry.at) < 60_000 && ", until now"}
          </span>
        )}
        {reason !== null && <span className="mono text-ink-3"> {reason}</span>}
      </p>
      <RelativeTime at={entry.at} className="text-ink-3 text-xs" />
    </li>
  );
}

function formerName({ action, detail }: TimelineEntryJson): string | null {
  const isRename = action === "connection.renamed" && typeof detail.from === "string";
  return isRename ? ` from ${detail.from}` : null;
}
