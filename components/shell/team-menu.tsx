"use client";

import { ChevronsUpDown } from "lucide-react";
import type { ComponentProps } from "react";
import { Logo } from "#components/ui/logo.tsx";
import { useLazyMenu } from "#components/ui/use-lazy-menu.ts";

const load = async () => (await import("#components/shell/team-menu-list.tsx")).TeamMenuList;

/** Which team this is, and the way to one's others. */
export function TeamMenu({ name }: { name: string }) {
  const { menu: List, trigger } = useLazyMenu(load);
  return List === null ? (
    <TeamMenuTrigger name={name} {...trigger} />
  ) : (
    <List trigger={<TeamMenuTrigger name={name} />} />
  );
}

function TeamMenuTrigger({ name, ...rest }: { name: string } & ComponentProps<"button">) {
  return (
    <button
      {...rest}
      type="button"
      className="flex h-control w-full items-center gap-2 rounded-2 px-2 text-left font-title transition-colors duration-hover hover:bg-hover"
    >
      <Logo />
      <span className="min-w-0 flex-1 truncate">
        {name}
        <span className="sr-only">, team</span>
      </span>
      <ChevronsUpDown aria-hidden strokeWidth={1.5} className="size-3.5 text-ink-3" />
    </button>
  );
}
