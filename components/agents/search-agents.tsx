"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { SearchField } from "#components/ui/search-field.tsx";

const parsers = { q: parseAsString.withDefault(""), after: parseAsString };

/** The search of the agents' list; another word begins at the first page. */
export function SearchAgents({ placeholder }: { placeholder: string }) {
  const [{ q }, setState] = useQueryStates(parsers, { shallow: false });
  return (
    <SearchField
      label="Search agents"
      placeholder={placeholder}
      value={q}
      onSearch={(text) => void setState({ q: text === "" ? null : text, after: null })}
    />
  );
}
