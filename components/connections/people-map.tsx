"use client";

import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ProviderIcon } from "#components/connections/provider-icon.tsx";
import { Avatar } from "#components/ui/avatar.tsx";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentMark, environmentWords } from "#components/ui/environment-badge.tsx";
import type { PeopleMap, PersonOnMap, PlaceOnMap } from "#lib/connections/schema.ts";

/** Height of a line at either side, and width of the threads' own drawing. */
const LINE = 34;
const WIDTH = 240;
/** Beyond so many a thread is no thicker. */
const THICKEST_AT = 20;

const counted = (count: number, one: string, many: string) =>
  `${count} ${count === 1 ? one : many}`;

const placeHref = (map: PeopleMap, place: PlaceOnMap) => {
  if (map.focus !== null || place.environment !== null) return `/integrations/${place.id}` as Route;
  const key = place.id.slice(place.provider.length + 1);
  return `/integrations/map?${new URLSearchParams({ provider: place.provider, group: key })}` as Route;
};

/**
 * People at the left, orgs and business units at the right, a thread for each approval between them.
 * Pointing at a line, or reaching it by keyboard, leaves only its own threads standing. The drawing
 * repeats what the lines say in words.
 */
export function PeopleMapView({ map }: { map: PeopleMap }) {
  const [active, setActive] = useState<string | null>(null);
  const height = Math.max(map.people.length, map.places.length) * LINE;
  // The shorter side stands in the middle of the longer one.
  const top = (count: number) => (height - count * LINE) / 2;
  const y = (index: number, count: number) => top(count) + index * LINE + LINE / 2;
  const personAt = new Map(map.people.map(({ id }, index) => [id, index]));
  const placeAt = new Map(map.places.map(({ id }, index) => [id, index]));
  const point = (id: string) => ({
    onPointerEnter: () => setActive(id),
    onPointerLeave: () => setActive(null),
    onFocus: () => setActive(id),
    onBlur: () => setActive(null),
  });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(2.5rem,15rem)_minmax(0,1fr)] text-sm">
      <ul aria-label="People" style={{ paddingTop: top(map.people.length) }}>
        {map.people.map((person) => (
          <li key={person.id} style={{ height: LINE }} className="flex items-center justify-end">
            <PersonLine person={person} map={map} {...point(person.id)} />
          </li>
        ))}
      </ul>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        className="h-full w-full overflow-visible"
        fill="none"
        strokeLinecap="round"
      >
        {map.threads.map((thread) => {
          const from = personAt.get(thread.personId);
          const to = placeAt.get(thread.placeId);
          if (from === undefined || to === undefined) return null;
          const y1 = y(from, map.people.length);
          const y2 = y(to, map.places.length);
          const isActive = active === thread.personId || active === thread.placeId;
          return (
            <path
              key={`${thread.personId} ${thread.placeId}`}
              vectorEffect="non-scaling-stroke"
              d={`M0 ${y1}C${WIDTH / 2} ${y1} ${WIDTH / 2} ${y2} ${WIDTH} ${y2}`}
              strokeWidth={1.25 + (Math.min(thread.count, THICKEST_AT) / THICKEST_AT) * 2.5}
              strokeDasharray={thread.troubled > 0 ? "2 5" : undefined}
              className={cn(
                "transition-opacity duration-hover",
                thread.troubled > 0 ? "stroke-danger-solid" : "stroke-ok-solid",
                active === null ? "opacity-50" : isActive ? "opacity-100" : "opacity-10",
              )}
            />
          );
        })}
      </svg>
      <ul aria-label="Orgs and business units" style={{ paddingTop: top(map.places.length) }}>
        {map.places.map((place) => (
          <li key={place.id} style={{ height: LINE }} className="flex items-center">
            <PlaceLine place={place} map={map} {...point(place.id)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What the threads mean, and what is left out. */
export function MapLegend({ map }: { map: PeopleMap }) {
  const { people, places } = map.hidden;
  return (
    <p className="mb-6 flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
      <LegendLine words="connected" className="stroke-ok-solid" />
      <LegendLine words="needs its person to reconnect" className="stroke-danger-solid" isDashed />
      {(people > 0 || places > 0) && (
        <span>
          Drawn are those with trouble and those with most threads;{" "}
          {[
            people > 0 ? counted(people, "person", "people") : "",
            places > 0 ? counted(places, "other place", "other places") : "",
          ]
            .filter(Boolean)
            .join(" and ")}{" "}
          not drawn. Press one to see it alone.
        </span>
      )}
    </p>
  );
}

function LegendLine({
  words,
  isDashed = false,
  className,
}: {
  words: string;
  isDashed?: boolean;
  className: string;
}) {
  return (
    <span className="inline-flex items-center gap-2">
      <svg viewBox="0 0 28 4" className={cn("h-1 w-7", className)} aria-hidden="true">
        <path d="M1 2h26" strokeWidth="2" strokeDasharray={isDashed ? "2 5" : undefined} />
      </svg>
      {words}
    </span>
  );
}

type Pointing = Record<"onPointerEnter" | "onPointerLeave" | "onFocus" | "onBlur", () => void>;

const line =
  "flex h-[30px] min-w-0 max-w-full items-center gap-2 rounded-2 px-2 hover:bg-hover focus-visible:bg-hover";

function PersonLine({
  person,
  map,
  ...pointing
}: { person: PersonOnMap; map: PeopleMap } & Pointing) {
  const troubled = map.threads
    .filter(({ personId }) => personId === person.id)
    .reduce((sum, thread) => sum + thread.troubled, 0);
  return (
    <Link
      {...pointing}
      href={`/integrations/map?person=${person.id}` as Route}
      className={cn(line, "text-right")}
    >
      <span className="min-w-0">
        <span className="block truncate">
          {person.name}
          {person.isMe && <span className="text-ink-3"> (you)</span>}
        </span>
      </span>
      <span className="nums shrink-0 text-ink-3 text-xs max-md:sr-only">
        {counted(person.count, "connection", "connections")}
        {troubled > 0 && <span className="text-danger-ink">, {troubled} to reconnect</span>}
      </span>
      <span className="max-md:hidden">
        <Avatar name={person.name} isMe={person.isMe} isDecorative />
      </span>
    </Link>
  );
}

function PlaceLine({ place, map, ...pointing }: { place: PlaceOnMap; map: PeopleMap } & Pointing) {
  const people = map.threads.filter(({ placeId }) => placeId === place.id).length;
  return (
    <Link {...pointing} href={placeHref(map, place)} className={line}>
      <span className="shrink-0 text-ink-3">
        {place.environment === null ? (
          <ProviderIcon provider={place.provider} className="size-4" />
        ) : (
          <EnvironmentMark environment={place.environment} />
        )}
      </span>
      <span className="min-w-0 truncate">{place.name}</span>
      {place.environment !== null && (
        <span className="shrink-0 text-ink-3 text-xs">{environmentWords[place.environment]}</span>
      )}
      <span className="nums shrink-0 text-ink-3 text-xs max-md:sr-only">
        {place.connections > 1 && `${place.connections} connections, `}
        {people === 0 ? "nobody yet" : counted(people, "person", "people")}
      </span>
    </Link>
  );
}
