"use client";

import { LogOut, Settings } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { signOutHere } from "#components/shell/sign-out.ts";
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from "#components/ui/dropdown-menu.tsx";

/** What the account menu holds; opens at once, see `UserMenu`. */
export function UserMenuList({ email, trigger }: { email: string; trigger: ReactNode }) {
  return (
    <DropdownMenu startsOpen className="w-[calc(var(--rail)-1.5rem)]" trigger={trigger}>
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
