import {
  BookOpen,
  Bot,
  History,
  Link2,
  ListChecks,
  type LucideIcon,
  Settings,
  Users,
} from "lucide-react";
import type { Route } from "next";

export type Destination = { name: string; href: Route; icon: LucideIcon };

/** What the studio has to show now; a page that is not there is not promised. */
export const mainDestinations: readonly Destination[] = [
  { name: "Integrations", href: "/integrations" as Route, icon: Link2 },
  { name: "Agents", href: "/agents" as Route, icon: Bot },
  { name: "Plans", href: "/plans" as Route, icon: ListChecks },
  { name: "Team", href: "/team" as Route, icon: Users },
  { name: "Activity", href: "/activity" as Route, icon: History },
];
export const personalDestinations: readonly Destination[] = [
  { name: "Guide", href: "/docs" as Route, icon: BookOpen },
  { name: "Settings", href: "/settings" as Route, icon: Settings },
];
