"use client";

import { useQuery } from "@tanstack/react-query";
import { Check, Plus, Users } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { goToTeam } from "#components/shell/switch-team.ts";
import { callApi, problemWords } from "#components/ui/api.ts";
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from "#components/ui/dropdown-menu.tsx";

const schema = async () => (await import("#lib/team/schema.ts")).teamListSchema;

/** One's teams; opens at once, see `TeamMenu`. */
export function TeamMenuList({ trigger }: { trigger: ReactNode }) {
  const teams = useQuery({
    queryKey: ["teams"],
    queryFn: ({ signal }) => callApi("/api/teams", schema, { signal }),
  });
  return (
    <DropdownMenu startsOpen className="w-[calc(var(--rail)-1.5rem)]" trigger={trigger}>
      <MenuLabel>{teams.error ? problemWords(teams.error) : "Your teams"}</MenuLabel>
      {(teams.data?.items ?? []).map(({ id, name, isCurrent }) => (
        <MenuItem key={id} disabled={isCurrent} onSelect={() => void goToTeam(id)}>
          {isCurrent ? (
            <Check aria-hidden strokeWidth={1.5} />
          ) : (
            <Users aria-hidden strokeWidth={1.5} />
          )}
          <span className="min-w-0 truncate">{name}</span>
          {isCurrent && <span className="sr-only">, you are here</span>}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem asChild>
        <Link href={"/settings#teams" as Route}>
          <Plus aria-hidden strokeWidth={1.5} />
          Another team
        </Link>
      </MenuItem>
    </DropdownMenu>
  );
}
