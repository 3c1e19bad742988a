"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useQueryStates } from "nuqs";
import { useMemo, useState } from "react";
import { aboutText, actorName } from "#components/activity/event-text.ts";
import { eventListOptions } from "#components/activity/queries.ts";
import { activityParsers, isFiltered, toFirstPage } from "#components/activity/search-params.ts";
import { eventLine } from "#components/connections/event-words.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ListProblem } from "#components/ui/list-problem.tsx";
import { useNow } from "#components/ui/now.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { ShowMore } from "#components/ui/show-more.tsx";
import type { AuditEventJson } from "#lib/audit/schema.ts";

const EventDrawer = dynamic(async () => (await import("./event-drawer.tsx")).EventDrawer);

const columns =
  "grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[minmax(11rem,15rem)_minmax(9rem,12rem)_minmax(0,1fr)_5.5rem] md:px-6";

/** The events, newest first; older ones behind a button, each one whole in a drawer. */
export function EventList() {
  const [state, setState] = useQueryStates(activityParsers);
  const list = useInfiniteQuery(eventListOptions(toFirstPage(state, useNow())));
  const [open, setOpen] = useState<{ event: AuditEventJson; from: HTMLElement } | null>(null);
  const events = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  if (list.data === undefined) {
    return list.isError ? <ListProblem onRetry={list.refetch} /> : null;
  }
  if (events.length === 0) {
    return isFiltered(state) ? (
      <EmptyState
        title="No event matches"
        actions={<Button onClick={() => void setState(null)}>Clear search and filters</Button>}
      >
        Try a longer time, or part of a name.
      </EmptyState>
    ) : (
      <EmptyState title="Nothing has happened yet">
        Sign-ins, connections and every use of a token will stand here.
      </EmptyState>
    );
  }
  return (
    <div className={cn("-mx-4 md:-mx-6", list.isPlaceholderData && "opacity-60")}>
      <table aria-label="Events" className="block">
        <thead className="block max-md:sr-only">
          <tr
            className={cn(
              columns,
              "h-row-head items-center border-line border-b text-2xs text-ink-3",
            )}
          >
            {["What", "Who", "About", "When"].map((head) => (
              <th
                key={head}
                scope="col"
                className={cn("text-left font-text", head === "When" && "text-right")}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="block">
          {events.map((event) => (
            <EventRow key={event.id} event={event} onOpen={(from) => setOpen({ event, from })} />
          ))}
        </tbody>
      </table>
      {list.hasNextPage ? (
        <ShowMore pages={list} />
      ) : (
        <p className="py-4 text-center text-ink-3 text-xs">That is all of it.</p>
      )}
      {open !== null && (
        <EventDrawer
          event={open.event}
          returnTo={open.from}
          onClose={() => setOpen(null)}
          onShowAll={(filter) => {
            setOpen(null);
            void setState({
              area: null,
              q: null,
              since: null,
              actor: null,
              connection: null,
              ...filter,
            });
          }}
        />
      )}
    </div>
  );
}

const dots = {
  plain: "bg-line-control",
  quiet: "border border-line-control",
  good: "bg-ok-solid",
  warn: "bg-warn-solid",
} as const;

function EventRow({
  event,
  onOpen,
}: {
  event: AuditEventJson;
  onOpen: (from: HTMLElement) => void;
}) {
  const { title, tone } = eventLine(event);
  const about = aboutText(event);
  return (
    <tr
      data-row
      className={cn(
        columns,
        "relative min-h-row items-center border-line border-b py-1.5 hover:bg-hover has-[button:focus-visible]:bg-hover",
      )}
    >
      <th scope="row" className="flex min-w-0 items-center gap-2.5 text-left font-label">
        <span aria-hidden className={cn("size-1.5 shrink-0 rounded-full", dots[tone])} />
        <button
          type="button"
          data-row-link
          onClick={(press) => onOpen(press.currentTarget)}
          className="truncate rounded-1 text-left after:absolute after:inset-0 after:content-['']"
        >
          {title}
          <span className="sr-only">, event {event.sequence}</span>
        </button>
      </th>
      <td className="truncate text-ink-2 max-md:order-3 max-md:pl-4 max-md:text-xs">
        {actorName(event)}
      </td>
      <td className="truncate text-ink-3 text-xs max-md:order-4 max-md:col-span-2 max-md:pl-4">
        {about}
      </td>
      <td className="relative text-right text-ink-3 text-xs max-md:order-2">
        <RelativeTime at={event.at} />
      </td>
    </tr>
  );
}
