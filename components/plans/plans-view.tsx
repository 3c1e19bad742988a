"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import type { ReactNode } from "react";
import { inboxOptions } from "#components/live/inbox.ts";
import { PlanTable } from "#components/plans/plan-table.tsx";
import { planListOptions } from "#components/plans/queries.ts";
import {
  plansParsers,
  type Tab,
  tabs,
  tabWords,
  toListed,
} from "#components/plans/search-params.ts";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { counted } from "#components/ui/amounts.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ListProblem } from "#components/ui/list-problem.tsx";
import { SearchField } from "#components/ui/search-field.tsx";
import { ShowMore } from "#components/ui/show-more.tsx";

/** What agents and people propose: first what waits for this person. */
export function PlansView() {
  const [state, setState] = useQueryStates(plansParsers);
  const inbox = useQuery(inboxOptions());
  return (
    <>
      <TopBar>
        <TopBarTitle>Plans</TopBarTitle>
        <SearchField
          label="Search plans"
          placeholder="Title, agent or person"
          value={state.q}
          onSearch={(q) => void setState({ q: q === "" ? null : q })}
        />
      </TopBar>
      <PageBody>
        {(inbox.data?.requests ?? 0) > 0 && (
          <Waits href="/agents/requests" verb="Answer">
            {counted(inbox.data?.requests ?? 0, "agent asks", "agents ask")} for a connection.
          </Waits>
        )}
        {(inbox.data?.agents ?? 0) > 0 && (
          <Waits href="/agents" verb="Look">
            {counted(inbox.data?.agents ?? 0, "agent was", "agents were")} used in an unusual way.
          </Waits>
        )}
        <nav
          aria-label="Which plans"
          className="-mx-4 mb-3 flex gap-4 border-line border-b px-4 md:-mx-6 md:px-6"
        >
          {tabs.map((tab) => (
            <Link
              key={tab}
              href={(tab === "waiting" ? "/plans" : `/plans?tab=${tab}`) as Route}
              aria-current={state.tab === tab ? "page" : undefined}
              className="-mb-px flex h-9 items-center gap-1.5 border-transparent border-b-2 text-ink-2 hover:text-ink aria-[current]:border-accent aria-[current]:font-label aria-[current]:text-ink pointer-coarse:h-11"
            >
              {tabWords[tab]}
              {tab === "waiting" && (inbox.data?.plans ?? 0) > 0 && (
                <span className="nums text-warn-ink">{inbox.data?.plans}</span>
              )}
            </Link>
          ))}
        </nav>
        <PlanList tab={state.tab} q={state.q} onClear={() => void setState({ q: null })} />
      </PageBody>
    </>
  );
}

/** What waits beside plans, and where. */
function Waits({ href, verb, children }: { href: string; verb: string; children: ReactNode }) {
  return (
    <p className="mb-3 flex flex-wrap items-center gap-2 rounded-3 border border-accent-line bg-[color-mix(in_oklab,var(--accent-tint)_50%,var(--surface))] px-4 py-2.5">
      <span className="min-w-0 flex-1">{children}</span>
      <Link href={href as Route} className="link">
        {verb}
      </Link>
    </p>
  );
}

function PlanList({ tab, q, onClear }: { tab: Tab; q: string; onClear: () => void }) {
  const list = useInfiniteQuery(planListOptions(toListed({ tab, q })));
  if (list.data === undefined) {
    return list.isError ? <ListProblem onRetry={list.refetch} /> : null;
  }
  const plans = list.data.pages.flatMap(({ items }) => items);
  if (plans.length === 0) {
    return q.trim() === "" ? (
      <Nothing tab={tab} />
    ) : (
      <EmptyState
        title="No plan matches"
        actions={<Button onClick={onClear}>Clear the search</Button>}
      >
        Try part of a title, an agent’s name or a person’s.
      </EmptyState>
    );
  }
  return (
    <div className={cn(list.isPlaceholderData && "opacity-60")}>
      <PlanTable plans={plans} name={tabWords[tab]} />
      <ShowMore pages={list} />
    </div>
  );
}

function Nothing({ tab }: { tab: Tab }) {
  if (tab === "waiting") {
    return (
      <EmptyState glyph="connected" title="Nothing waits for you">
        When an agent wants to change something, it stands here first: what, where and how much. It
        happens once you approve it, and exactly as shown.
      </EmptyState>
    );
  }
  return tab === "open" ? (
    <EmptyState glyph="connected" title="No plan is open">
      Plans that wait for somebody, are approved or are running stand here.
    </EmptyState>
  ) : (
    <EmptyState title="No plan has ended yet">
      Applied, declined and expired plans stay here, with what came of each step.
    </EmptyState>
  );
}
