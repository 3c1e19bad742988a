import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";
import type { ListedPlans } from "#components/plans/queries.ts";

const LONGEST_SEARCH = 200;

export const tabs = ["waiting", "open", "ended"] as const;
export type Tab = (typeof tabs)[number];
export const tabWords: Record<Tab, string> = {
  waiting: "Waiting for you",
  open: "Open",
  ended: "Ended",
};
const views = { waiting: "to-decide", open: "open", ended: "ended" } as const;

/** What of the list's state lives in the address. */
export const plansParsers = {
  tab: parseAsStringLiteral(tabs).withDefault("waiting"),
  q: parseAsString.withDefault(""),
};
export const loadPlansState = createLoader(plansParsers);

/** What is asked of the server for this state; whatever an address holds, the answer is a valid query. */
export const toListed = ({ tab, q }: { tab: Tab; q: string }): ListedPlans => ({
  view: views[tab],
  q: q.trim().slice(0, LONGEST_SEARCH),
});
