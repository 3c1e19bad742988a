"use client";

import { useQuery } from "@tanstack/react-query";
import { Building2, ChevronDown, type LucideIcon, Network, Play } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { createSerializer, useQueryStates } from "nuqs";
import { useMemo } from "react";
import { ConnectionRow } from "#components/connections/connection-row.tsx";
import styles from "#components/connections/connection-table.module.css";
import { groupRows, type RowGroup } from "#components/connections/group-rows.ts";
import { connectionListOptions } from "#components/connections/queries.ts";
import {
  isFiltered,
  type ListState,
  listParsers,
  PAGE_SIZE,
  toQuery,
} from "#components/connections/search-params.ts";
import { useCollapsed } from "#components/connections/use-collapsed.ts";
import { useLiveConnections } from "#components/connections/use-live-connections.ts";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { ListProblem } from "#components/ui/list-problem.tsx";
import { healthWords } from "#lib/connections/health.ts";

const heads: readonly { name: string; className?: string | undefined; isHidden?: boolean }[] = [
  { name: "State", isHidden: true },
  { name: "Name" },
  { name: "Environment" },
  { name: "Org ID or MID" },
  { name: "Connected as", className: styles.wide },
  { name: "Health" },
  { name: "Surfaces", className: styles.wide },
  { name: "Team" },
  { name: "Used", className: styles.wide },
  { name: "Action", isHidden: true },
];

/** The list itself: live, grouped, one page at a time. */
export function ConnectionTable() {
  useLiveConnections();
  const [state, setState] = useQueryStates(listParsers);
  const list = useQuery(connectionListOptions(toQuery(state)));
  const items = list.data?.items;
  const counted = list.data?.groups;
  const groups = useMemo(() => groupRows(items ?? [], counted), [items, counted]);
  const { collapsed, toggle } = useCollapsed();
  if (list.data === undefined) {
    return list.isError ? <ListProblem onRetry={list.refetch} /> : null;
  }
  if (groups.length === 0) {
    return (
      <EmptyState
        title={isFiltered(state) ? "No connection matches" : "This page is empty"}
        actions={
          <Button onClick={() => void setState(null)}>
            {isFiltered(state) ? "Clear search and filters" : "Back to the first page"}
          </Button>
        }
      >
        {isFiltered(state)
          ? "Try fewer filters, or part of a name, host, org ID or MID."
          : "The list has become shorter."}
      </EmptyState>
    );
  }
  return (
    <div className={cn("-mx-4 md:-mx-6", list.isPlaceholderData && "opacity-60")}>
      <table aria-label="Connections" className="block">
        <thead className="block max-md:sr-only">
          <tr
            className={cn(
              styles.grid,
              "h-row-head border-line border-b text-2xs text-ink-3 tracking-none",
            )}
          >
            {heads.map((head) => (
              <th
                key={head.name}
                scope="col"
                className={cn("p-0 text-left font-label", head.className)}
              >
                {head.isHidden ? <span className="sr-only">{head.name}</span> : head.name}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => {
          const isFolded = collapsed.includes(group.key);
          return (
            <tbody key={group.key} className="block">
              <GroupHead group={group} isFolded={isFolded} onFold={() => toggle(group.key)} />
              {!isFolded &&
                group.rows.map((row) => <ConnectionRow key={row.connection.id} row={row} />)}
            </tbody>
          );
        })}
      </table>
      <Foot state={state} shown={list.data.items.length} total={list.data.total} />
    </div>
  );
}

const kinds: Record<RowGroup["kind"], { icon: LucideIcon; words: (rows: number) => string }> = {
  salesforce: {
    icon: Building2,
    words: (rows) => `Salesforce · ${rows} ${rows === 1 ? "org" : "orgs"}`,
  },
  "marketing-cloud": {
    icon: Network,
    words: (rows) => `Marketing Cloud · ${rows} ${rows === 1 ? "business unit" : "business units"}`,
  },
  demo: { icon: Play, words: () => "Simulated, safe to break" },
};

function GroupHead({
  group,
  isFolded,
  onFold,
}: {
  group: RowGroup;
  isFolded: boolean;
  onFold: () => void;
}) {
  const { icon: Icon, words } = kinds[group.kind];
  const { total, trouble, worst, rows } = group;
  return (
    <tr className="block border-line border-b bg-canvas">
      <th scope="rowgroup" colSpan={heads.length} className="block text-left font-text text-xs">
        <button
          type="button"
          aria-expanded={!isFolded}
          onClick={onFold}
          className="group/head flex h-row-head w-full items-center gap-2 px-4 text-left hover:bg-hover pointer-coarse:h-11 md:px-6"
        >
          <span className="relative w-7 shrink-0 pl-[3px] text-ink-3 md:mr-1 md:w-[30px]">
            <Icon aria-hidden strokeWidth={1.5} className="size-4" />
          </span>
          <span className="truncate font-title">{group.name}</span>
          {group.tenantHost !== null && (
            <span className="mono truncate text-ink-3 max-lg:hidden">{group.tenantHost}</span>
          )}
          <span className="nums whitespace-nowrap text-ink-3 max-md:truncate">
            {words(total)}
            {rows.length < total && `, ${rows.length} on this page`}
          </span>
          {trouble > 0 && (
            <span
              className={cn(
                "flex items-center gap-1.5 whitespace-nowrap font-label",
                worst === "needs_reconnect" ? "text-danger-ink" : "text-warn-ink",
              )}
            >
              <LinkGlyph state={worst} />
              {trouble === 1 ? healthWords[worst] : `${trouble} need attention`}
            </span>
          )}
          <ChevronDown
            aria-hidden
            strokeWidth={1.5}
            className={cn(
              "ml-auto size-4 shrink-0 text-ink-3 transition-transform duration-menu",
              isFolded && "-rotate-90",
            )}
          />
        </button>
      </th>
    </tr>
  );
}

const serialize = createSerializer(listParsers);

function Foot({ state, shown, total }: { state: ListState; shown: number; total: number }) {
  const page = Math.max(1, state.page);
  const first = (page - 1) * PAGE_SIZE + 1;
  const last = first + shown - 1;
  const to = (other: number) =>
    serialize("/integrations", { ...state, page: other === 1 ? null : other }) as Route;
  return (
    <div className="flex flex-wrap items-center gap-4 px-4 py-3 text-ink-3 text-xs md:px-6">
      <span className="nums" role="status">
        {first}–{last} of {total}
      </span>
      {(page > 1 || last < total) && (
        <nav aria-label="Pages" className="flex gap-2">
          {page > 1 && (
            <Link href={to(page - 1)} className={buttonClass({ size: "sm" })}>
              Previous
            </Link>
          )}
          {last < total && (
            <Link href={to(page + 1)} className={buttonClass({ size: "sm" })}>
              Next
            </Link>
          )}
        </nav>
      )}
      <span aria-hidden className="ml-auto max-md:hidden">
        <Kbd>↑</Kbd> <Kbd>↓</Kbd> move · <Kbd>Enter</Kbd> open · <Kbd>R</Kbd> reconnect ·{" "}
        <Kbd>C</Kbd> connect
      </span>
    </div>
  );
}
