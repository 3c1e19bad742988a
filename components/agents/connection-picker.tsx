"use client";

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useId, useState } from "react";
import { toSearch } from "#components/connections/queries.ts";
import { callApi } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Radio } from "#components/ui/choice-cards.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Help, Input } from "#components/ui/field.tsx";
import type { ConnectionJson, Environment } from "#lib/connections/schema.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

const FOUND_AT_MOST = 12;

export type Picked = { connectionId: string; name: string; environment: Environment };

/**
 * Connections of the team, found by a few letters. What is chosen stays in sight above, whatever is
 * looked for next.
 */
export function ConnectionPicker({
  value,
  onChange,
  isSingle = false,
  provider = null,
}: {
  value: readonly Picked[];
  onChange: (picked: Picked[]) => void;
  /** One at most: another choice takes its place. */
  isSingle?: boolean;
  /** Only those of this one. */
  provider?: ProviderName | null;
}) {
  const [text, setText] = useState("");
  const searchId = useId();
  const asked = text.trim();
  const found = useQuery({
    queryKey: ["connections", "pick", asked, provider],
    queryFn: ({ signal }) =>
      callApi(
        `/api/connections${toSearch({ q: asked, limit: FOUND_AT_MOST, ...(provider !== null && { provider }) })}`,
        async () => (await import("#lib/connections/schema.ts")).connectionListSchema,
        { signal },
      ),
    placeholderData: (held) => held,
  });
  const items = found.data?.items ?? [];
  const isPicked = (id: string) => value.some(({ connectionId }) => connectionId === id);
  const remove = (id: string) => onChange(value.filter(({ connectionId }) => connectionId !== id));
  const toggle = ({ id, name, environment }: ConnectionJson) =>
    isPicked(id) && !isSingle
      ? remove(id)
      : onChange([...(isSingle ? [] : value), { connectionId: id, name, environment }]);
  // Of one choice the list itself says which, where it is in it.
  const shown = isSingle
    ? value.filter((each) => !items.some(({ id }) => id === each.connectionId))
    : value;
  const beyond = (found.data?.total ?? 0) - items.length;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 flex w-full items-baseline gap-2 font-label text-sm">
        {isSingle ? "Connection" : "Connections"}
        <span className="nums ml-auto font-text text-ink-3 text-xs">
          {isSingle ? "" : value.length === 0 ? "none chosen" : `${value.length} chosen`}
        </span>
      </legend>
      {shown.length > 0 && (
        <ul aria-label="Chosen connections" className="mb-2 flex flex-wrap gap-1.5">
          {shown.map(({ connectionId, name, environment }) => (
            <li
              key={connectionId}
              className="inline-flex max-w-full items-center gap-1.5 rounded-2 border border-line bg-chip py-0.5 pr-0.5 pl-2 text-xs"
            >
              <span className="truncate">{name}</span>
              <EnvironmentBadge environment={environment} />
              <Button
                tone="quiet"
                size="icon-sm"
                aria-label={`Take ${name} out`}
                onClick={() => remove(connectionId)}
              >
                <X aria-hidden strokeWidth={1.5} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <label htmlFor={searchId} className="sr-only">
        Search connections
      </label>
      <Input
        id={searchId}
        type="search"
        value={text}
        maxLength={200}
        placeholder="Name, org ID, MID or host"
        className="[&::-webkit-search-cancel-button]:appearance-none"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      <ul
        aria-label="Connections found"
        aria-busy={found.isFetching}
        className="mt-2 max-h-80 divide-y divide-line overflow-y-auto rounded-2 border border-line"
      >
        {items.map((connection) => (
          <li key={connection.id}>
            {/* biome-ignore lint/a11y/noLabelWithoutControl: `Checkbox` is the input */}
            <label className="flex min-h-11 cursor-pointer items-center gap-2.5 px-3 py-1.5 transition-colors duration-hover hover:bg-hover has-focus-visible:bg-hover">
              {isSingle ? (
                <Radio
                  name={`${searchId}-choice`}
                  checked={isPicked(connection.id)}
                  onChange={() => toggle(connection)}
                  className="shrink-0"
                />
              ) : (
                <Checkbox
                  checked={isPicked(connection.id)}
                  onChange={() => toggle(connection)}
                  className="shrink-0"
                />
              )}
              <span className="min-w-0 flex-1">
                <span className="block truncate font-label">{connection.name}</span>
                <span className="block truncate text-ink-3 text-xs">
                  {connection.health === "not_connected" || connection.health === "needs_reconnect"
                    ? "Not connected as you just now"
                    : connection.host}
                </span>
              </span>
              <EnvironmentBadge environment={connection.environment} />
            </label>
          </li>
        ))}
        {items.length === 0 && (
          <li role="status" className="px-3 py-4 text-center text-ink-3">
            {found.isPending
              ? "Looking"
              : found.isError
                ? "The connections did not load. Type again to try once more."
                : asked === ""
                  ? "The team has no connection yet."
                  : `No connection is called “${asked}”`}
          </li>
        )}
      </ul>
      {beyond > 0 && (
        <Help className="mt-1.5">
          {beyond === 1 ? "1 more matches" : `${beyond} more match`}: type a few letters of its
          name.
        </Help>
      )}
    </fieldset>
  );
}
