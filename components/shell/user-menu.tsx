"use client";

import { ChevronsUpDown, LogOut, Settings } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { signOutHere } from "#components/shell/sign-out.ts";
import { Avatar } from "#components/ui/avatar.tsx";
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from "#components/ui/dropdown-menu.tsx";

/** Who is signed in, and the way out. */
export function UserMenu({ name, email }: { name: string; email: string }) {
  return (
    <DropdownMenu
      className="w-[calc(var(--rail)-1.5rem)]"
      trigger={
        <button
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
      }
    >
      <MenuLabel>
        <span className="block truncate">{email}</span>
      </MenuLabel>
      <MenuItem asChild>
        <Link href={"/settings" as Route}>
          <Settings aria-hidden strokeWidth={1.5} />
          Settings and sessions
        </Link>
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => void signOutHere()}>
        <LogOut aria-hidden strokeWidth={1.5} />
        Sign out
      </MenuItem>
    </DropdownMenu>
  );
}
