import type { Route } from "next";

/** Where `g` and a second key lead. */
export const goKeys: Readonly<Record<string, { to: Route; name: string }>> = {
  i: { to: "/integrations" as Route, name: "Integrations" },
  a: { to: "/agents" as Route, name: "Agents" },
  p: { to: "/plans" as Route, name: "Plans" },
  s: { to: "/settings" as Route, name: "Settings" },
  d: { to: "/docs" as Route, name: "Guide" },
};

export type KeyGroup = {
  title: string;
  keys: readonly { press: readonly string[]; does: string }[];
};

/** Every key of the studio, as the sheet shows them; `Shortcuts` and the palette act on them. */
export const keyGroups: readonly KeyGroup[] = [
  {
    title: "Anywhere",
    keys: [
      { press: ["⌘K", "Ctrl K"], does: "Find a connection or a command" },
      { press: ["/"], does: "Search this page" },
      { press: ["?"], does: "Show these keys" },
      { press: ["c"], does: "Connect an org or business unit" },
    ],
  },
  {
    title: "Go to",
    keys: Object.entries(goKeys).map(([key, { name }]) => ({ press: [`g ${key}`], does: name })),
  },
  {
    title: "In a list",
    keys: [
      { press: ["j", "↓"], does: "Next row" },
      { press: ["k", "↑"], does: "Previous row" },
      { press: ["Enter"], does: "Open the row" },
      { press: ["r"], does: "Reconnect the row" },
    ],
  },
  {
    title: "On a plan",
    keys: [
      { press: ["j", "k"], does: "Next, previous step" },
      { press: ["a"], does: "Go to the approval" },
    ],
  },
];
