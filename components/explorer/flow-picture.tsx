import { Mail } from "lucide-react";
import type { Flow } from "#components/explorer/flow-of.ts";
import { StateMark } from "#components/explorer/state-mark.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";

const OPEN_UP_TO_ROWS = 12;

/** A journey or an automation as the thread it is: one knot a stop, splits side by side. */
export function FlowPicture({ flow }: { flow: Flow }) {
  const stops = flow.rows.reduce((sum, row) => sum + row.length, 0);
  return (
    <Disclosure
      isOpen={flow.rows.length <= OPEN_UP_TO_ROWS}
      summary={
        <span className="flex flex-wrap items-center gap-2">
          <b className="font-label text-ink">{flow.name}</b>
          <StateMark state={flow.status} />
          <span className="nums text-ink-3 text-xs">
            {stops} {stops === 1 ? "stop" : "stops"}
          </span>
        </span>
      }
    >
      <ol aria-label={`Way of ${flow.name}`} className="mt-3 ml-1 max-w-measure">
        {flow.entry.map((name) => (
          <li key={name} className="relative border-line-strong border-l pb-3 pl-5">
            <Knot isHollow />
            <span className="text-ink-2 text-sm">Enters by {name}</span>
          </li>
        ))}
        {flow.rows.map((row) => (
          <li
            key={row.map(({ key }) => key).join(" ")}
            className="relative border-line-strong border-l pb-3 pl-5 last:border-transparent last:pb-0"
          >
            <Knot />
            <span className="flex flex-wrap gap-2">
              {row.map((stop) => (
                <span
                  key={stop.key}
                  className="inline-flex min-w-0 items-baseline gap-2 rounded-2 border border-line bg-raised px-2.5 py-1 text-sm"
                >
                  <span className="min-w-0 [overflow-wrap:anywhere]">{stop.name}</span>
                  <span className="whitespace-nowrap text-ink-3 text-xs">{stop.kind}</span>
                  {stop.reachesPeople && (
                    <span className="inline-flex items-center gap-1 text-warn-ink text-xs">
                      <Mail aria-hidden className="size-3" strokeWidth={1.5} />
                      reaches people
                    </span>
                  )}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </Disclosure>
  );
}

function Knot({ isHollow = false }: { isHollow?: boolean }) {
  return (
    <span
      aria-hidden
      className={`absolute top-1.5 -left-[5px] size-[9px] rounded-full border border-line-strong ${isHollow ? "bg-surface" : "bg-ink-3"}`}
    />
  );
}
