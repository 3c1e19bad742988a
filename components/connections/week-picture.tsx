"use client";

import { HOURS, type Hour, weekByDay, weekByHour } from "#components/connections/week.ts";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import type { GrantHealth } from "#lib/grants/schema.ts";

/** The drawing's own units: five an hour. */
const STEP = 5;
const WIDTH = HOURS * STEP;
const TOP = 16;
const AXIS = 96;
const BOTTOM = 128;
const LABELS = 144;
const HOUR_MS = 60 * 60 * 1000;

/**
 * A week by the hour: uses rise above the line, failures hang below it, a dot on the line is a refresh. The
 * table under it says the same by the day.
 */
export function WeekPicture({ hours }: { hours: GrantHealth["hours"] }) {
  const now = useNow();
  const timeZone = useTimeZone();
  const week = weekByHour(hours, now);
  const mostUses = Math.max(1, ...week.map(({ uses }) => uses));
  const mostFailed = Math.max(1, ...week.map(({ failed }) => failed));
  // A root keeps a quiet hour to be seen beside a busy one.
  const height = (value: number, most: number, room: number) =>
    value === 0 ? 0 : Math.max(2, room * Math.sqrt(value / most));
  const total = (of: (hour: Hour) => number) => week.reduce((sum, hour) => sum + of(hour), 0);
  const words = `By the hour for seven days: ${total(({ uses }) => uses)} leases and calls, ${total(({ refreshes }) => refreshes)} refreshes, ${total(({ failed }) => failed)} failures. The busiest hour had ${mostUses}.`;
  return (
    <div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the keyboard
        tabIndex={0}
        aria-label="The week by the hour"
        className="overflow-x-auto max-md:[direction:rtl]"
      >
        <svg
          viewBox={`0 0 ${WIDTH} ${LABELS + 4}`}
          fill="none"
          role="img"
          aria-label={words}
          className="nums h-auto w-full min-w-[640px] text-[11px] [direction:ltr]"
        >
          {midnights(week, timeZone).map(({ index, label }) => (
            <g key={index}>
              <path
                d={`M${index * STEP} ${TOP}V${BOTTOM}`}
                stroke="var(--line)"
                strokeWidth="1"
                strokeDasharray="1 4"
              />
              <text x={index * STEP + 4} y={LABELS} className="fill-ink-3">
                {label}
              </text>
            </g>
          ))}
          <path d={`M0 ${AXIS}H${WIDTH}`} stroke="var(--line-strong)" strokeWidth="1" />
          {week.map(({ at, uses, refreshes, failed }, index) => {
            const x = index * STEP + 0.75;
            const up = height(uses, mostUses, AXIS - TOP - 2);
            const down = height(failed, mostFailed, BOTTOM - AXIS - 3);
            return (
              <g key={at.getTime()}>
                {up > 0 && (
                  <rect
                    x={x}
                    y={AXIS - 1 - up}
                    width={STEP - 1.5}
                    height={up}
                    rx="1"
                    fill="var(--accent)"
                  />
                )}
                {down > 0 && (
                  <rect
                    x={x}
                    y={AXIS + 3}
                    width={STEP - 1.5}
                    height={down}
                    rx="1"
                    fill="var(--danger-solid)"
                  />
                )}
                {refreshes > 0 && (
                  <circle
                    cx={x + (STEP - 1.5) / 2}
                    cy={AXIS}
                    r="2"
                    fill="var(--surface)"
                    stroke="var(--ink-3)"
                    strokeWidth="1"
                  />
                )}
              </g>
            );
          })}
          <text x={WIDTH} y="10" textAnchor="end" className="fill-ink-3">
            busiest hour {mostUses}
          </text>
        </svg>
      </section>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-ink-3 text-xs">
        <Key label="leases and calls" mark="h-2.5 w-1 rounded-[1px] bg-accent" />
        <Key label="failures, below the line" mark="h-2.5 w-1 rounded-[1px] bg-danger-solid" />
        <Key label="refresh" mark="size-2 rounded-full border border-ink-3" />
      </ul>
      <Disclosure summary="As a table" className="mt-3">
        <DayTable week={week} timeZone={timeZone} />
      </Disclosure>
    </div>
  );
}

function Key({ label, mark }: { label: string; mark: string }) {
  return (
    <li className="flex items-center gap-1.5">
      <span aria-hidden className={mark} />
      {label}
    </li>
  );
}

/** Where a day of the reader's begins. */
function midnights(week: readonly Hour[], timeZone: string): { index: number; label: string }[] {
  const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", timeZone });
  return week.flatMap(({ at }, index) => {
    const label = day.format(at);
    const isNew = day.format(new Date(at.getTime() - HOUR_MS)) !== label;
    // The last hours of the week have no room for a label.
    return isNew && index < week.length - 8 ? [{ index, label }] : [];
  });
}

function DayTable({ week, timeZone }: { week: readonly Hour[]; timeZone: string }) {
  const cell = "py-1.5 pr-4 text-right last:pr-0";
  return (
    <table aria-label="The week by the day" className="nums mt-2 w-full max-w-[36rem]">
      <thead>
        <tr className="border-line border-b text-2xs text-ink-3">
          <th scope="col" className="py-1.5 pr-4 text-left font-text">
            Day
          </th>
          {["Leases and calls", "Refreshes", "Failures"].map((name) => (
            <th key={name} scope="col" className="py-1.5 pr-4 text-right font-text last:pr-0">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weekByDay(week, timeZone).map(({ day, uses, refreshes, failed }) => (
          <tr key={day} className="border-line border-b">
            <th scope="row" className="py-1.5 pr-4 text-left font-text">
              {day}
            </th>
            <td className={cell}>{uses.toLocaleString("en-GB")}</td>
            <td className={cell}>{refreshes}</td>
            <td className={cell}>{failed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
