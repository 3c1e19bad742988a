"use client";

import { useQueryStates } from "nuqs";
import { activityParsers } from "#components/activity/search-params.ts";
import { SearchField } from "#components/ui/search-field.tsx";

/** Searches names, details and ids; the text stands in the address. */
export function SearchEvents() {
  const [{ q }, setState] = useQueryStates(activityParsers);
  return (
    <SearchField
      label="Search activity"
      placeholder="Person, connection, ID"
      value={q}
      onSearch={(text) => void setState({ q: text.trim() || null })}
    />
  );
}
