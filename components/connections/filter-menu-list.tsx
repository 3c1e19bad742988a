"use client";

import type { ReactNode } from "react";
import { DropdownMenu, MenuCheckboxItem } from "#components/ui/dropdown-menu.tsx";

export type FilterOption = { value: string; label: ReactNode; isChosen: boolean };

/** The ticks of one filter; opens at once, see `FilterMenu`. */
export function FilterMenuList({
  trigger,
  options,
  onToggle,
}: {
  trigger: ReactNode;
  options: readonly FilterOption[];
  onToggle: (value: string, isChosen: boolean) => void;
}) {
  return (
    <DropdownMenu startsOpen className="min-w-52" trigger={trigger}>
      {options.map((option) => (
        <MenuCheckboxItem
          key={option.value}
          checked={option.isChosen}
          onCheckedChange={(isChosen) => onToggle(option.value, isChosen)}
        >
          {option.label}
        </MenuCheckboxItem>
      ))}
    </DropdownMenu>
  );
}
