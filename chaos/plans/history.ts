import type { EndReason, PlanState, StepOutcome, StepState } from "#lib/plans/schema.ts";

/**
 * What became of plans in a run, from every side: the provider's, the database's, the clients' and ours,
 * who broke things. Times are milliseconds of this machine's one clock.
 */
export type PlanHistory = {
  /** Writes as they reached a provider, in the order of their arrival. */
  writes: readonly Write[];
  /** Plans as they were committed, in the order of the commits. */
  plans: readonly PlanVersion[];
  /** Steps as they were committed, in the order of the commits. */
  steps: readonly StepVersion[];
  /** What each step was to send, by its mark. */
  stored: ReadonlyMap<string, StoredRequest>;
  /** Approvals that were committed, and those that stand in the table at the end. */
  approvals: readonly Approval[];
  approvalsKept: ReadonlySet<string>;
  /** Who proposed each plan, and where it writes. */
  owners: ReadonlyMap<
    string,
    { agentId: string | null; keyId: string | null; connectionIds: readonly string[] }
  >;
  /** What people and agents did that the studio has confirmed. */
  deeds: readonly Deed[];
  waits: readonly Wait[];
  /** Pages that listened. */
  ears: readonly Ear[];
  kills: readonly { instance: string; atMs: number }[];
  /** When an instance was not itself: paused, killed, without its database, starting. */
  troubles: readonly { instance: string; fromMs: number; toMs: number }[];
  events: readonly PlanEvent[];
  brokenChains: readonly string[];
  /** What the inbox told when everything ran again, and what stands in the database. */
  inbox: readonly { instance: string; told: number; is: number }[];
  endedAtMs: number;
};

/** Of the provider's own: what it got, did and answered. */
export type Write = {
  /** Of the step, from the body. */
  mark: string;
  method: string;
  path: string;
  body: string;
  instance: string;
  atMs: number;
  /** The answer was out, the connection cut or the caller gone; null: none of these yet. */
  endedAtMs: number | null;
  /** What the provider's work came to, or its refusal to do any; null: it did nothing. */
  status: number | null;
  /**
   * How the answer left. Where the caller's end is closed before ours was told that all had gone out,
   * nobody knows whether it arrived.
   */
  answer: "whole" | "cut" | "unknown";
};

export type PlanVersion = {
  planId: string;
  version: number;
  state: PlanState;
  endReason: EndReason | null;
  fence: number;
  /** Of the instance that applies it. */
  holder: string | null;
  committedAtMs: number;
};

export type StepVersion = {
  planId: string;
  position: number;
  /** From what the step would send. */
  mark: string;
  state: StepState;
  settledBy: StepOutcome["settledBy"];
  committedAtMs: number;
};

export type StoredRequest = { planId: string; method: string; path: string; body: string };

export type Approval = { id: string; planId: string; hash: string; committedAtMs: number };

/** @property fromMs - when it was asked for; `atMs` when the studio had confirmed it */
export type Deed = { fromMs: number; atMs: number; instance: string } & (
  | { did: "approve"; planId: string; hash: string }
  | { did: "cancel" | "reject" | "apply" | "propose"; planId: string }
  /** Until it was let go on. */
  | { did: "end key" | "end agent"; id: string; untilMs: number | null }
  | { did: "end grant"; connectionId: string; untilMs: number | null }
);

/** One call of an agent that waits for a plan to change. */
export type Wait = {
  planId: string;
  instance: string;
  door: "rest" | "mcp";
  sentAtMs: number;
  answeredAtMs: number;
  /** Null: no answer came, or a refusal. */
  state: PlanState | null;
};

/** One stream of changes, from its greeting to its end. */
export type Ear = {
  instance: string;
  fromMs: number;
  toMs: number;
  heard: readonly { atMs: number; planId: string | "all" }[];
};

export type PlanEvent = {
  action: string;
  planId: string;
  result: string;
  step: number | null;
  outcome: string | null;
};

/** By which a write is known at its provider: of the run's plan and the step in it. */
export const markOf = (plan: number, step: number): string => `mark-${plan}-${step}-end`;
const marks = /mark-\d+-\d+-end/;
export const markIn = (text: string): string | undefined => marks.exec(text)?.[0];
