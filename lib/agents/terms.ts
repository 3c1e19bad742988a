/** Words and limits of agents that a browser needs too, without what checks them. */
export const agentModes = ["plan", "build"] as const;
export type AgentMode = (typeof agentModes)[number];

export const KEY_DAYS_DEFAULT = 90;
export const KEY_DAYS_MOST = 365;
/** So long an old key may go on beside the one that takes its place. */
export const OVERLAP_HOURS_MOST = 24;
export const DIRECT_WRITES_DAYS_MOST = 30;
export const KEY_UNUSED_DAYS = 90;
export const CONNECTIONS_MOST = 200;
/** Calls, rows or people written to in a day. */
export const BUDGET_MOST = 10_000_000;
