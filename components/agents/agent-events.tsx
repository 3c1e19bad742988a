import type { Route } from "next";
import Link from "next/link";
import { eventLine } from "#components/connections/event-words.ts";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentEventJson } from "#lib/audit/schema.ts";

/** What the agent did and what was done to it, newest first. */
export function AgentEvents({
  events,
  agentName,
}: {
  events: readonly AgentEventJson[];
  agentName: string;
}) {
  return (
    <ol className="divide-y divide-line border-line border-t">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap items-baseline gap-x-3 py-2">
          <p className="min-w-0 flex-1 basis-56 text-ink-2 [overflow-wrap:anywhere]">
            <span className="font-label text-ink">{eventLine(event).title}</span>
            {about(event)}
            {event.connection !== null && (
              <>
                {" on "}
                <Link
                  href={`/integrations/${event.connection.id}` as Route}
                  className="hover:underline"
                >
                  {event.connection.name ?? "a deleted connection"}
                </Link>
              </>
            )}
            <span className="text-ink-3"> by {event.actorName ?? byItself(event, agentName)}</span>
          </p>
          <RelativeTime isPast at={event.at} className="text-ink-3 text-xs" />
        </li>
      ))}
    </ol>
  );
}

const ofTheStudio = ["agent_key.ended_unused", "agent.paused", "agent.new_network"];
const byItself = ({ action }: AgentEventJson, agentName: string) =>
  ofTheStudio.includes(action) ? "the studio" : agentName;

function about({ detail }: AgentEventJson): string {
  const { keyName, reason, operation, network } = detail;
  const words = [keyName, operation, network, reason].find((value) => typeof value === "string");
  return words === undefined ? "" : `, ${String(words).replaceAll("_", " ")}`;
}
