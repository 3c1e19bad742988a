"use client";

import { X } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useId } from "react";
import {
  activityParsers,
  areas,
  isFiltered,
  type Span,
  spans,
} from "#components/activity/search-params.ts";
import { type EventArea, eventAreas } from "#components/connections/event-words.ts";
import { Button } from "#components/ui/button.tsx";
import { CheckChip } from "#components/ui/checkbox.tsx";

const spanWords: Readonly<Record<Span, string>> = {
  "1d": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

export type Named = { id: string; name: string };

/** Kind, person and time, all of it kept in the address. */
export function ActivityFilters({ people }: { people: readonly Named[] }) {
  const [state, setState] = useQueryStates(activityParsers, { history: "push" });
  return (
    <div className="-m-1 mb-2 flex flex-wrap items-center gap-2 p-1">
      <Choice
        name="Kind"
        all="Every kind"
        chosen={state.area}
        options={areas.map((area) => ({ id: area, name: eventAreas[area] }))}
        onChoose={(area) => void setState({ area: area as EventArea | null })}
      />
      {people.length > 1 && (
        <Choice
          name="Person"
          all="Everybody"
          chosen={state.actor}
          options={people}
          onChoose={(actor) => void setState({ actor })}
        />
      )}
      <Choice
        name="Time"
        all="Any time"
        chosen={state.since}
        options={(Object.keys(spans) as Span[]).map((id) => ({ id, name: spanWords[id] }))}
        onChoose={(since) => void setState({ since: since as Span | null })}
      />
      {state.area === null && state.q.trim() === "" && (
        <CheckChip
          label="Leases and refreshes too"
          checked={state.routine}
          onChange={(event) => void setState({ routine: event.target.checked || null })}
        />
      )}
      {state.connection !== null && (
        <Button size="sm" onClick={() => void setState({ connection: null })}>
          One connection
          <X aria-hidden strokeWidth={1.5} />
          <span className="sr-only">: show all</span>
        </Button>
      )}
      {isFiltered(state) && (
        <Button tone="quiet" size="sm" onClick={() => void setState(null)}>
          <X aria-hidden strokeWidth={1.5} />
          Clear
        </Button>
      )}
    </div>
  );
}

function Choice({
  name,
  all,
  chosen,
  options,
  onChoose,
}: {
  name: string;
  /** The words for no choice. */
  all: string;
  chosen: string | null;
  options: readonly Named[];
  onChoose: (id: string | null) => void;
}) {
  const id = useId();
  const isUnknown = chosen !== null && options.every((option) => option.id !== chosen);
  return (
    <div className="max-w-full">
      <label htmlFor={id} className="sr-only">
        {name}
      </label>
      <select
        id={id}
        value={chosen ?? ""}
        onChange={(event) => onChoose(event.target.value || null)}
        className="h-7 max-w-full rounded-2 border border-line-control bg-raised px-2 text-ink text-xs pointer-coarse:h-11"
      >
        <option value="">{all}</option>
        {isUnknown && <option value={chosen}>A former member</option>}
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  );
}
