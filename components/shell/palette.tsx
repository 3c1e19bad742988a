"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import {
  BookOpen,
  Bot,
  HeartPulse,
  Keyboard,
  Link2,
  LogOut,
  type LucideIcon,
  Plus,
  Search,
  SunMoon,
  TriangleAlert,
  Waypoints,
} from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import * as Radix from "radix-ui/dialog";
import { useEffect, useState } from "react";
import { toSearch } from "#components/connections/queries.ts";
import { mainDestinations, personalDestinations } from "#components/shell/navigation.ts";
import { signOutHere } from "#components/shell/sign-out.ts";
import { callApi } from "#components/ui/api.ts";
import { dialogScrim } from "#components/ui/dialog.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { guidePages } from "#lib/guide/contents.ts";

const FOUND_AT_MOST = 8;
/** With more found, their health would push pages and commands away. */
const HEALTH_FOR_AT_MOST = 3;
const PAUSE_MS = 150;

type Entry = { name: string; also?: string; icon: LucideIcon; keys?: string; run: () => void };

/** Finds connections, pages and commands by a few letters; everything in it has its place elsewhere too. */
export function Palette({
  isOpen,
  onOpenChange,
  onShowKeys,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onShowKeys: () => void;
}) {
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={dialogScrim} />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-[36rem] -translate-x-1/2 overflow-hidden rounded-4 border border-line bg-raised shadow-3 animate-[fade_var(--dur-2)_var(--ease-out)] max-md:top-4"
        >
          <Radix.Title className="sr-only">Find or do</Radix.Title>
          <Finder onDone={() => onOpenChange(false)} onShowKeys={onShowKeys} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Finder({ onDone, onShowKeys }: { onDone: () => void; onShowKeys: () => void }) {
  const router = useRouter();
  const { setTheme } = useTheme();
  const [text, setText] = useState("");
  const asked = useSettled(text.trim());
  const found = useQuery({
    queryKey: ["connections", "find", asked],
    queryFn: ({ signal }) =>
      callApi(
        `/api/connections${toSearch({ q: asked, limit: FOUND_AT_MOST })}`,
        async () => (await import("#lib/connections/schema.ts")).connectionListSchema,
        { signal },
      ),
    enabled: asked !== "",
    placeholderData: (held) => (asked === "" ? undefined : held),
  });

  const act = (run: () => void) => () => {
    onDone();
    run();
  };
  const go = (href: string) => act(() => router.push(href as Route));
  const groups: { title: string; entries: Entry[] }[] = [
    {
      title: "Go to",
      entries: [...mainDestinations, ...personalDestinations].map(({ name, href, icon }) => ({
        name,
        icon,
        run: go(href),
      })),
    },
    {
      title: "Do",
      entries: [
        {
          name: "Connect a Salesforce org",
          icon: Plus,
          run: go("/integrations/new?provider=salesforce"),
        },
        {
          name: "Connect a business unit",
          also: "Marketing Cloud MID",
          icon: Plus,
          run: go("/integrations/new?provider=marketing-cloud"),
        },
        { name: "Make an agent", also: "key new", icon: Bot, run: go("/agents/new") },
        {
          name: "Show what needs attention",
          also: "reconnect health",
          icon: TriangleAlert,
          run: go(
            "/integrations?health=needs_reconnect,app_refused,missing_scopes,idle_soon,refresh_failing",
          ),
        },
        {
          name: "Who is connected to what",
          also: "map people team",
          icon: Waypoints,
          run: go("/integrations/map"),
        },
        ...(["light", "dark", "system"] as const).map((theme) => ({
          name: theme === "system" ? "Theme as the system has it" : `Theme ${theme}`,
          icon: SunMoon,
          run: act(() => setTheme(theme)),
        })),
        { name: "Keyboard shortcuts", icon: Keyboard, keys: "?", run: act(onShowKeys) },
        { name: "Sign out", icon: LogOut, run: act(() => void signOutHere()) },
      ],
    },
    {
      title: "Guide",
      entries: guidePages.map(({ slug, title }) => ({
        name: title,
        also: "guide docs help",
        icon: BookOpen,
        run: go(slug === "" ? "/docs" : `/docs/${slug}`),
      })),
    },
  ];
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const isAsked = ({ name, also = "" }: Entry) =>
    words.every((word) => `${name} ${also}`.toLowerCase().includes(word));
  const shown = groups
    // Nobody opens the palette for the guide's table of contents: it shows once one types.
    .filter(({ title }) => words.length > 0 || title !== "Guide")
    .map((group) => ({ ...group, entries: group.entries.filter(isAsked) }))
    .filter(({ entries }) => entries.length > 0);
  const connections = asked === "" ? [] : (found.data?.items ?? []);
  // The best answer is the one that Enter takes, also when it comes late.
  const [first] = shown;
  const best =
    connections[0]?.id ?? (first?.entries[0] ? `${first.title} ${first.entries[0].name}` : "");
  const [selected, setSelected] = useState(best);
  useEffect(() => setSelected(best), [best]);
  const isLooking = text.trim() !== asked || found.isFetching;

  return (
    <Command
      label="Find or do"
      shouldFilter={false}
      loop
      value={selected}
      onValueChange={setSelected}
    >
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-ink-3" />
        <Command.Input
          value={text}
          onValueChange={setText}
          maxLength={200}
          placeholder="A connection, an org ID, a page, a command"
          className="h-12 min-w-0 flex-1 bg-transparent text-md shadow-none! outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Command.List
        className="max-h-[min(26rem,60dvh)] overflow-y-auto overscroll-contain p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink-3"
        aria-busy={isLooking}
      >
        {connections.length > 0 && (
          <Command.Group heading="Connections">
            {connections.map((connection) => (
              <PaletteItem
                key={connection.id}
                value={connection.id}
                onSelect={go(`/integrations/${connection.id}`)}
              >
                <Link2 aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-ink-3" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{connection.name}</span>
                  <span className="block truncate font-mono text-2xs text-ink-3">
                    {connection.host}
                  </span>
                </span>
                <EnvironmentBadge environment={connection.environment} />
              </PaletteItem>
            ))}
          </Command.Group>
        )}
        {connections.length > 0 && connections.length <= HEALTH_FOR_AT_MOST && (
          <Command.Group heading="Health">
            {connections
              .filter(({ myGrant }) => myGrant !== null)
              .map((connection) => (
                <PaletteItem
                  key={connection.id}
                  value={`health ${connection.id}`}
                  onSelect={go(`/integrations/${connection.id}/health`)}
                >
                  <HeartPulse
                    aria-hidden
                    strokeWidth={1.5}
                    className="size-4 shrink-0 text-ink-3"
                  />
                  <span className="min-w-0 flex-1 truncate">Health of {connection.name}</span>
                </PaletteItem>
              ))}
          </Command.Group>
        )}
        {shown.map(({ title, entries }) => (
          <Command.Group key={title} heading={title}>
            {entries.map((entry) => (
              <PaletteItem key={entry.name} value={`${title} ${entry.name}`} onSelect={entry.run}>
                <entry.icon aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-ink-3" />
                <span className="min-w-0 flex-1 truncate">{entry.name}</span>
                {entry.keys !== undefined && <Kbd>{entry.keys}</Kbd>}
              </PaletteItem>
            ))}
          </Command.Group>
        ))}
        {shown.length === 0 && connections.length === 0 && (
          <p role="status" className="px-2.5 py-6 text-center text-ink-3">
            {isLooking
              ? "Looking"
              : found.isError
                ? "The studio cannot be asked just now. Pages and commands are still here."
                : `Nothing is called “${asked}”`}
          </p>
        )}
      </Command.List>
    </Command>
  );
}

function PaletteItem(props: React.ComponentProps<typeof Command.Item>) {
  return (
    <Command.Item
      {...props}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-2 px-2.5 py-1 data-[selected=true]:bg-hover data-[selected=true]:text-ink pointer-coarse:min-h-11"
    />
  );
}

/** The text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === "") return setSettled("");
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
