import { Bot, Plus } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { AgentTable } from "#components/agents/agent-table.tsx";
import { SearchAgents } from "#components/agents/search-agents.tsx";
import { WaitingNote } from "#components/agents/waiting-note.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { counted } from "#components/ui/amounts.ts";
import { buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import type { AgentList } from "#lib/agents/schema.ts";

/** Who acts for whom: every agent that one may see. */
export function AgentsView({
  agents,
  q,
  isFirstPage,
  showsOwners,
  waiting,
}: {
  agents: AgentList;
  q: string;
  isFirstPage: boolean;
  /** Teammates' agents are among them. */
  showsOwners: boolean;
  /** Requests of one's own agents that wait. */
  waiting: number;
}) {
  const isEmpty = agents.total === 0 && q === "";
  return (
    <>
      <TopBar>
        <TopBarTitle>Agents</TopBarTitle>
        {!isEmpty && <SearchAgents placeholder={showsOwners ? "Agent or person" : "Agent"} />}
        {!isEmpty && (
          <Link href={"/agents/requests" as Route} className={buttonClass({ tone: "quiet" })}>
            Requests
          </Link>
        )}
        <Link
          href={"/agents/new" as Route}
          className={buttonClass({
            tone: isEmpty ? "plain" : "primary",
            className: "max-md:w-control max-md:px-0",
          })}
        >
          <Plus aria-hidden strokeWidth={1.5} />
          <span className="max-md:sr-only">New agent</span>
        </Link>
      </TopBar>
      <PageBody>
        <WaitingNote name={null} count={waiting} />
        {isEmpty ? (
          <Welcome />
        ) : (
          <>
            <p className="nums mb-3 text-right text-ink-3 text-xs" role="status">
              {counted(agents.total, "agent")}
            </p>
            {agents.items.length === 0 ? (
              <EmptyState title="No agent has that name">
                <Link href={"/agents" as Route} className="underline">
                  Show all of them
                </Link>
              </EmptyState>
            ) : (
              <AgentTable agents={agents.items} showsOwners={showsOwners} />
            )}
            {(agents.nextCursor !== null || !isFirstPage) && (
              <nav aria-label="Pages of agents" className="mt-3 flex gap-2">
                {!isFirstPage && (
                  <Link href={pageHref(q, null)} className={buttonClass({ size: "sm" })}>
                    First page
                  </Link>
                )}
                {agents.nextCursor !== null && (
                  <Link
                    href={pageHref(q, agents.nextCursor)}
                    className={buttonClass({ size: "sm" })}
                  >
                    Next page
                  </Link>
                )}
              </nav>
            )}
          </>
        )}
      </PageBody>
    </>
  );
}

const facts = [
  [
    "It holds a key, not your tokens",
    "Calls go through the studio, which adds the token on the way. You take the key back at any time, and it stops within a second.",
  ],
  [
    "It reads what you can read",
    "With your own connections, on the ones you choose. Nobody else's agent can use them, and yours can use nobody else's.",
  ],
  [
    "It writes only what you allowed",
    "What it would change becomes a plan: you see each value before and after, approve, and it happens once. In build mode you may let it write without one, until the time you set.",
  ],
] as const;

function Welcome() {
  return (
    <div className="mx-auto grid max-w-[44rem] gap-6 py-10">
      <div className="grid justify-items-center gap-2 text-center">
        <Bot aria-hidden strokeWidth={1.25} className="size-9 text-accent-ink" />
        <h2 className="text-lg">Let a tool work with your connections</h2>
        <p className="max-w-measure text-pretty text-ink-2 text-md leading-[1.375rem]">
          An agent is a name and a key for something that works for you: a script, an assistant, a
          Salesforce or Marketing Cloud tool that you use already.
        </p>
        <Link
          href={"/agents/new" as Route}
          className={buttonClass({ tone: "primary", className: "mt-3" })}
        >
          <Plus aria-hidden strokeWidth={1.5} />
          Make an agent
        </Link>
      </div>
      <dl className="grid gap-4 border-line border-t pt-6 md:grid-cols-3">
        {facts.map(([title, words]) => (
          <div key={title}>
            <dt className="mb-0.5 font-label">{title}</dt>
            <dd className="text-pretty text-ink-2 text-xs leading-[1.125rem]">{words}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function pageHref(q: string, after: string | null): Route {
  const query = new URLSearchParams({
    ...(q === "" ? {} : { q }),
    ...(after === null ? {} : { after }),
  }).toString();
  return (query === "" ? "/agents" : `/agents?${query}`) as Route;
}
