export const roles = ["owner", "admin", "member"] as const;
export type Role = (typeof roles)[number];

/**
 * Whoever asks, proven: made only by `lib/auth` from a live session. A function that takes a
 * `Principal` need not ask again who it is; every query is bounded by its `teamId`.
 */
export type Principal = {
  readonly kind: "user";
  readonly userId: string;
  readonly teamId: string;
  readonly role: Role;
  readonly sessionId: string;
  /** True where a second factor was given in this session and still exists (WEB-11). */
  readonly hasSecondFactor: boolean;
  /** When it was given last; `null` without one. */
  readonly secondFactorAt: Date | null;
};

/** What an agent may do on one of its connections. */
export type AgentReach = {
  /** Until then, in build mode, it writes without a plan, as its owner allowed. */
  readonly directWritesUntil: Date | null;
};

/** What an agent may use up in one day (UTC) by its owner's choice; null: only the studio's own limits. */
export type AgentBudget = {
  readonly callsPerDay: number | null;
  readonly rowsPerDay: number | null;
  /** People written to. */
  readonly sendsPerDay: number | null;
};

/**
 * An agent, proven by a live key or by a live lease of that key: made only by `lib/agents` and
 * `lib/broker`. It acts for its owner, with the owner's grants, and never as a person: nothing that asks
 * for a `Principal` takes it.
 */
export type AgentPrincipal = {
  readonly kind: "agent";
  readonly agentId: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly ownerId: string;
  readonly mode: "plan" | "build";
  readonly budget: AgentBudget;
  /** It may ask its owner for a connection that it does not have. */
  readonly asksForConnections: boolean;
  /** By connection id; a lease's principal has the lease's alone. */
  readonly connections: ReadonlyMap<string, AgentReach>;
};
