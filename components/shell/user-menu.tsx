"use client";

import { ChevronsUpDown } from "lucide-react";
import type { ComponentProps } from "react";
import { Avatar } from "#components/ui/avatar.tsx";
import { useLazyMenu } from "#components/ui/use-lazy-menu.ts";

const load = async () => (await import("#components/shell/user-menu-list.tsx")).UserMenuList;

/** Who is signed in, and the way out. */
export function UserMenu({ name, email }: { name: string; email: string }) {
  const { menu: List, trigger } = useLazyMenu(load);
  return List === null ? (
    <UserMenuTrigger name={name} {...trigger} />
  ) : (
    <List email={email} trigger={<UserMenuTrigger name={name} />} />
  );
}

function UserMenuTrigger({ name, ...rest }: { name: string } & ComponentProps<"button">) {
  return (
    <button
      {...rest}
      type="button"
      className="flex h-9 w-full items-center gap-2 rounded-2 px-2 text-left text-ink-2 transition-colors duration-hover hover:bg-hover hover:text-ink"
    >
      <Avatar name={name} isMe isDecorative />
      <span className="min-w-0 flex-1 truncate">
        {name}
        <span className="sr-only">, account</span>
      </span>
      <ChevronsUpDown aria-hidden strokeWidth={1.5} className="size-3.5 text-ink-3" />
    </button>
  );
}
