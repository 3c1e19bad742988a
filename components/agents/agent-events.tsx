import type { Route } from "next";
import Link from "next/link";
import { eventLine } from "#components/connections/event-words.ts";
import { grouped } from "#components/ui/amounts.ts";
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
      {withoutRepeats(events, agentName).map(({ event, times }) => (
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
            <span className="text-ink-3">
              {" by "}
              {event.actorName ?? byItself(event, agentName)}
              {times > 1 && `, ${grouped(times)} times`}
            </span>
          </p>
          <RelativeTime isPast at={event.at} className="text-ink-3 text-xs" />
        </li>
      ))}
    </ol>
  );
}

const ofTheStudio = ["agent_key.ended_unused", "agent.paused", "agent.new_network"];

/** What repeats is one line with its number, at the time of the newest. */
function withoutRepeats(
  events: readonly AgentEventJson[],
  agentName: string,
): { event: AgentEventJson; times: number }[] {
  const lines: { event: AgentEventJson; words: string; times: number }[] = [];
  for (const event of events) {
    const who = event.actorName ?? byItself(event, agentName);
    const words = [eventLine(event).title, about(event), event.connection?.id, who].join("\n");
    const last = lines.at(-1);
    if (last?.words === words) last.times += 1;
    else lines.push({ event, words, times: 1 });
  }
  return lines;
}

const byItself = ({ action }: AgentEventJson, agentName: string) =>
  ofTheStudio.includes(action) ? "the studio" : agentName;

function about({ detail }: AgentEventJson): string {
  const { keyName, reason, operation, network } = detail;
  const words = [keyName, operation, network, reason].find((value) => typeof value === "string");
  return words === undefined ? "" : `, ${String(words).replaceAll("_", " ")}`;
}
