"use client";

import { useQueryStates } from "nuqs";
import { listParsers } from "#components/connections/search-params.ts";
import { SearchField } from "#components/ui/search-field.tsx";

/** Searches the list; the text stands in the address. */
export function SearchBox() {
  const [{ q }, setState] = useQueryStates(listParsers);
  return (
    <SearchField
      label="Search connections"
      placeholder="Name, host, org ID or MID"
      value={q}
      onSearch={(text) => void setState({ q: text || null, page: null })}
    />
  );
}
