import { Bot } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { AgentDanger } from "#components/agents/agent-danger.tsx";
import { AgentEvents } from "#components/agents/agent-events.tsx";
import { AgentLive } from "#components/agents/agent-live.tsx";
import { budgetWords, modeWords, whatStops } from "#components/agents/agent-words.ts";
import { EditAgent, EnableAgent } from "#components/agents/edit-agent.tsx";
import { KeyList } from "#components/agents/key-list.tsx";
import { LeaseList } from "#components/agents/lease-list.tsx";
import { ModeBadge } from "#components/agents/mode-badge.tsx";
import { PausedNote } from "#components/agents/paused-note.tsx";
import { ReachList } from "#components/agents/reach-list.tsx";
import { SnippetTabs, type Usable } from "#components/agents/snippet-tabs.tsx";
import { StandingList } from "#components/agents/standing-list.tsx";
import { WaitingNote } from "#components/agents/waiting-note.tsx";
import { WritesBadge } from "#components/agents/writes-badge.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Facts, Note, Section, SectionTitle } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentCallList, AgentJson } from "#lib/agents/schema.ts";
import type { AgentEventJson } from "#lib/audit/schema.ts";
import type { LeaseJson } from "#lib/broker/schema.ts";
import type { StandingJson } from "#lib/plans/schema.ts";

/** One agent: its keys, where it may go, how to use it, and what it did. */
export function AgentView({
  agent,
  studioUrl,
  usable,
  calls,
  standing,
  waiting,
  leases,
  events,
  hasPassword,
}: {
  agent: AgentJson;
  studioUrl: string;
  /** What it did last, and what it used of its day. */
  calls: AgentCallList;
  /** What its owner approved beforehand. */
  standing: readonly StandingJson[];
  /** Its requests that wait for the person who looks. */
  waiting: number;
  /** Its connections with what snippets need of each. */
  usable: readonly Usable[];
  /** Under way now. */
  leases: readonly LeaseJson[];
  events: readonly AgentEventJson[];
  hasPassword: boolean;
}) {
  const stops = whatStops(agent);
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Agents", href: "/agents" as Route }, { name: agent.name }]}
        />
        {agent.canEdit && agent.disabledAt !== null && (
          <EnableAgent agent={agent} hasPassword={hasPassword} />
        )}
        {agent.canEdit && <EditAgent agent={agent} hasPassword={hasPassword} />}
      </TopBar>
      <PageBody>
        <div className="grid max-w-[76rem] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="min-w-0">
            <div className="flex items-start gap-3 pb-5">
              <Bot aria-hidden strokeWidth={1.4} className="mt-1 size-6 shrink-0 text-accent-ink" />
              <div className="min-w-0 flex-1">
                <h1 className="flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
                  <span className="min-w-0 [overflow-wrap:anywhere]">{agent.name}</span>
                  <ModeBadge mode={agent.mode} />
                  <WritesBadge agent={agent} />
                  {agent.disabledAt !== null && <Badge tone="warn">Disabled</Badge>}
                  {agent.pausedAt !== null && <Badge tone="warn">Paused</Badge>}
                </h1>
                <p className="max-w-measure text-pretty text-ink-2">
                  {modeWords[agent.mode]}
                  {stops !== null && <b className="font-label text-warn-ink"> {stops}</b>}
                </p>
              </div>
            </div>
            {!agent.isMine && (
              <Note className="mb-6 max-w-measure">
                This is {agent.owner.name}'s agent. You can stop it and end its keys; only they
                change it, make keys for it, or use it.
              </Note>
            )}
            <PausedNote agent={agent} hasPassword={hasPassword} />
            <WaitingNote name={agent.name} count={waiting} />
            {(agent.lastUsedAt !== null || calls.items.length > 0) && (
              <AgentLive agentId={agent.id} initial={calls} />
            )}
            <Section title="Keys">
              <KeyList agent={agent} hasPassword={hasPassword} />
            </Section>
            <Section
              title="Connections"
              aside={
                agent.isMine ? "used as you, with your own login" : `used as ${agent.owner.name}`
              }
            >
              <ReachList agent={agent} hasPassword={hasPassword} />
            </Section>
            <Section title="Approved beforehand" aside="plans that need not wait">
              <StandingList agent={agent} items={standing} hasPassword={hasPassword} />
            </Section>
            {agent.isMine && (
              <Section title="Use it">
                <SnippetTabs studioUrl={studioUrl} connections={usable} />
              </Section>
            )}
            {leases.length > 0 && (
              <Section
                title="Active leases"
                aside={leases.length === 1 ? "1 under way" : `${leases.length} under way`}
              >
                <LeaseList
                  leases={leases}
                  connectionNames={Object.fromEntries(
                    agent.connections.map(({ connectionId, name }) => [connectionId, name]),
                  )}
                />
              </Section>
            )}
            <Section
              title="In the trail"
              aside={
                <Link className="link" href={"/activity" as Route}>
                  All in Activity
                </Link>
              }
              {...(!agent.canEnd && { isLast: true })}
            >
              {events.length === 0 ? (
                <p className="text-ink-3">Nothing yet.</p>
              ) : (
                <AgentEvents events={events} agentName={agent.name} />
              )}
            </Section>
            {agent.canEnd && <AgentDanger agent={agent} />}
          </div>
          <aside className="grid content-start gap-6">
            <section>
              <SectionTitle>About it</SectionTitle>
              <Facts
                className="grid-cols-[6rem_minmax(0,1fr)]"
                items={[
                  { name: "Owner", value: agent.isMine ? "You" : agent.owner.name },
                  {
                    name: "Last used",
                    value:
                      agent.lastUsedAt === null ? (
                        "Never"
                      ) : (
                        <RelativeTime isPast at={agent.lastUsedAt} />
                      ),
                  },
                  { name: "Asks you", value: agent.asksForConnections ? "Yes" : "No" },
                  {
                    name: "New network",
                    value: agent.pausesOnNewNetwork ? "Pauses it" : "Tells you",
                  },
                  { name: "A day", value: budgetWords(agent) ?? "No budget" },
                  { name: "Made", value: <RelativeTime isPast at={agent.createdAt} /> },
                  { name: "Agent ID", value: agent.id, isMono: true },
                ]}
              />
            </section>
            <section>
              <SectionTitle>Plans</SectionTitle>
              <Link
                className="link"
                href={`/plans?tab=open&q=${encodeURIComponent(agent.name)}` as Route}
              >
                Plans of {agent.name}
              </Link>
            </section>
          </aside>
        </div>
      </PageBody>
    </>
  );
}
